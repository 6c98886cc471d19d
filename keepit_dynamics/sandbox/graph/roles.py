"""Directory roles: objects, assignments and schedules (contracts/entra-and-graph.md 12)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from keepit_dynamics.sandbox.directory import ROLE_TEMPLATES, Directory, RoleGrant, User
from keepit_dynamics.sandbox.graph.answers import GraphRefused
from keepit_dynamics.sandbox.graph.ids import opaque_id

__all__ = ["assignments", "definitions", "directory_roles", "expanded", "need_pim", "schedules", "schedules_of"]

_GLOBAL_ADMINISTRATOR = ROLE_TEMPLATES["Global Administrator"]


def directory_roles(directory: Directory) -> list[dict[str, Any]]:
    """Roles that were activated in the tenant; Global Administrator always is."""
    used = {grant.role_id for grant in directory.grants() if grant.built_in} | {_GLOBAL_ADMINISTRATOR}
    names = {template: name for name, template in ROLE_TEMPLATES.items()}
    return [
        {
            "id": directory.role_object_id(role_id),
            "deletedDateTime": None,
            "description": "",
            "displayName": names[role_id],
            "roleTemplateId": role_id,
        }
        for role_id in sorted(used)
    ]


def definitions(directory: Directory) -> list[dict[str, Any]]:
    """All built-in roles, and the custom ones that somebody holds."""
    named = {role_id: (name, True) for name, role_id in ROLE_TEMPLATES.items()}
    named |= {grant.role_id: (grant.role_name, grant.built_in) for grant in directory.grants()}
    return [
        {"id": role_id, "templateId": role_id, "displayName": name, "isBuiltIn": built_in, "isEnabled": True}
        for role_id, (name, built_in) in named.items()
    ]


def expanded(directory: Directory, row: dict[str, Any], members: Collection[str]) -> dict[str, Any]:
    """A row with ``roleDefinition`` or ``principal`` looked up, as ``$expand`` asks for."""
    more: dict[str, Any] = {}
    if "roleDefinition" in members:
        role_id = row["roleDefinitionId"]
        more["roleDefinition"] = next(one for one in definitions(directory) if one["id"] == role_id)
    if "principal" in members:
        user, group = directory.user(row["principalId"]), directory.group(row["principalId"])
        named = {"displayName": (user or group).name} if user or group else {}  # type: ignore[union-attr]  # checked
        kind = "user" if user else "group"
        more["principal"] = {"@odata.type": f"#microsoft.graph.{kind}", "id": row["principalId"], **named}
    return row | more


def assignments(directory: Directory) -> list[dict[str, Any]]:
    """Active assignments, made for good, for a time, or by activation."""
    return [
        {
            "id": f"{opaque_id(grant.role_id, grant.principal_id)}-1",
            "principalId": grant.principal_id,
            "roleDefinitionId": grant.role_id,
            "directoryScopeId": grant.scope,
            "appScopeId": None,
            "condition": None,
        }
        for grant in directory.grants()
        if grant.kind == "active"
    ]


def schedules(directory: Directory, *, eligible: bool) -> list[dict[str, Any]]:
    """All schedule instances, of whoever holds the role."""
    need_pim(directory)
    return [_schedule(grant, "Direct", eligible=eligible) for grant in _wanted(directory, eligible=eligible)]


def schedules_of(directory: Directory, user: User, *, eligible: bool) -> list[dict[str, Any]]:
    """The schedule instances of a user, its own and those through its groups."""
    need_pim(directory)
    groups = {group.id for group in directory.groups_of(user.id)}
    rows = []
    for grant in _wanted(directory, eligible=eligible):
        if grant.principal_id == user.id:
            rows.append(_schedule(grant, "Direct", eligible=eligible))
        elif grant.principal_id in groups:
            rows.append(_schedule(grant, "Group", eligible=eligible))
    return rows


def _wanted(directory: Directory, *, eligible: bool) -> list[RoleGrant]:
    return [grant for grant in directory.grants() if (grant.kind == "eligible") is eligible]


def need_pim(directory: Directory) -> None:
    """Refuse what only tenants with the licence for Privileged Identity Management have."""
    if not directory.pim:
        text = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
        raise GraphRefused(400, "AadPremiumLicenseRequired", text)


def _schedule(grant: RoleGrant, member_type: str, *, eligible: bool) -> dict[str, Any]:
    identifier = f"{opaque_id(grant.role_id, grant.principal_id)}-1"
    row = {
        "id": f"{identifier}-e" if eligible else identifier,
        "principalId": grant.principal_id,
        "roleDefinitionId": grant.role_id,
        "directoryScopeId": grant.scope,
        "appScopeId": None,
        "startDateTime": _time(grant.starts if grant.ends else None),
        "endDateTime": _time(grant.ends),
        "memberType": member_type,
    }
    if not eligible:
        row["assignmentType"] = "Activated" if grant.activated else "Assigned"
    return row


def _time(time: datetime | None) -> str | None:
    return f"{time:%Y-%m-%dT%H:%M:%S}Z" if time else None
