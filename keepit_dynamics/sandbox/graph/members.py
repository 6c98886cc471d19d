"""What a user is a member of: groups and directory roles (contracts/entra-and-graph.md 12.2)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics.sandbox.directory import Directory, Group, User
from keepit_dynamics.sandbox.graph.roles import directory_roles

__all__ = ["direct_members", "member_ids", "of_type", "transitive_members"]

_TYPES = frozenset({"group", "directoryRole", "administrativeUnit"})


def direct_members(directory: Directory, user: User) -> list[dict[str, Any]]:
    """Groups that list the user, and roles assigned to the user itself."""
    groups = [group for group in directory.groups() if user.id in group.member_ids]
    return [*map(_group, groups), *_roles(directory, directory.roles_of({user.id}))]


def transitive_members(directory: Directory, user: User) -> list[dict[str, Any]]:
    """The same, through groups as well."""
    return [*map(_group, directory.groups_of(user.id)), *_roles(directory, directory.active_roles(user.id))]


def member_ids(directory: Directory, user: User) -> list[str]:
    """Ids of all that, transitively (``getMemberObjects``)."""
    return [row["id"] for row in transitive_members(directory, user)]


def of_type(rows: list[dict[str, Any]], cast: str) -> list[dict[str, Any]] | None:
    """The rows of an OData cast, written with or without ``microsoft.``; None where it is no such type."""
    name = cast.removeprefix("microsoft.").removeprefix("graph.")
    if "graph." not in cast or name not in _TYPES:
        return None
    return [row for row in rows if row["@odata.type"] == f"#microsoft.graph.{name}"]


def _group(group: Group) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.group",
        "id": group.id,
        "displayName": group.name,
        "securityEnabled": True,
        "isAssignableToRole": group.role_assignable or None,
    }


def _roles(directory: Directory, held: frozenset[str]) -> list[dict[str, Any]]:
    rows = [row for row in directory_roles(directory) if row["roleTemplateId"] in held]
    return [{"@odata.type": "#microsoft.graph.directoryRole", **row} for row in rows]
