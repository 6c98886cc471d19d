"""One request on its way through the routes of the tenant: users, subscriptions, roles, applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.graph import account, role_management, roles
from keepit_dynamics.sandbox.graph.answers import (
    GraphRefused,
    denied,
    no_segment,
    not_found,
    object_answer,
    page_answer,
    page_size,
    selected,
)
from keepit_dynamics.sandbox.graph.applications import permission_grants, service_principals
from keepit_dynamics.sandbox.graph.caller import Caller
from keepit_dynamics.sandbox.graph.filters import parse_filter
from keepit_dynamics.sandbox.graph.keys import Key, found_by
from keepit_dynamics.sandbox.graph.licences import subscribed_skus
from keepit_dynamics.sandbox.graph.users import (
    DEFAULT_COLUMNS,
    ORGANIZATION_BASICS,
    USER_BASICS,
    organization,
    user_row,
)
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Route"]


@attrs.frozen
class Route:
    """A request, who makes it, and the tenant that answers."""

    request: Request
    directory: Directory
    caller: Caller
    base: str

    def answer(self, segments: Sequence[str | Key]) -> Response:
        """Answer by the path below the version."""
        match segments:
            case ["me", *rest]:
                return account.Account(self, self.caller.me()).answer(rest)
            case ["users"]:
                return self._users()
            case ["users", "$count"]:
                return self.count(self._matching_users())
            case ["users", str() as key, *rest]:
                return account.Account(self, self._user(key)).answer(rest)
            case ["organization"]:
                return self._organization()
            case ["subscribedSkus"]:
                return self._subscribed()
        return self._of_roles_and_applications(segments)

    def _of_roles_and_applications(self, segments: Sequence[str | Key]) -> Response:
        match segments:
            case ["directoryRoles", *rest]:
                return self.listed("directoryRoles", roles.directory_roles(self.directory), ("roleTemplateId",), rest)
            case ["roleManagement", "directory", str() as name, *rest]:
                return role_management.RoleManagement(self).answer(name, rest)
            case ["identityGovernance", "privilegedAccess", "group", str() as name, *rest]:
                return role_management.RoleManagement(self).of_groups(name, rest)
            case ["servicePrincipals", *rest]:
                return self._service_principals(rest)
            case ["oauth2PermissionGrants"]:
                columns = ("clientId", "consentType", "principalId", "resourceId")
                return self.listed("oauth2PermissionGrants", permission_grants(self.directory), columns, [])
        raise no_segment(str(segments[0]))

    @property
    def eventual(self) -> bool:
        """Whether the header of advanced queries is there."""
        return (self.request.header("consistencylevel") or "").lower() == "eventual"

    @property
    def counting(self) -> bool:
        """Whether a count is asked for and, with the header, given; without it, it is silently left out."""
        return self.eventual and self.request.params.get("$count") == "true"

    def page(self, rows: Sequence[Mapping[str, Any]]) -> Response:
        """A collection in pages."""
        shown = [selected(row, self.request) for row in rows]
        count = len(rows) if self.counting else None
        return page_answer(shown, self.request, self.base, size=page_size(self.request), count=count)

    def count(self, rows: Sequence[Any]) -> Response:
        """The answer of a ``$count`` segment."""
        if not self.eventual:
            raise GraphRefused(400, "Request_BadRequest", "$count is not currently supported.")
        return Response.of_text(str(len(rows)))

    def filtered(self, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
        """The rows that ``$filter`` keeps."""
        if "$filter" not in self.request.params:
            return list(rows)
        advanced = self.counting or (self.eventual and self.request.path.endswith("/$count"))
        keep = parse_filter(self.request.params["$filter"], columns, advanced=advanced)
        return [row for row in rows if keep(row)]

    def _users(self) -> Response:
        shown = DEFAULT_COLUMNS if "$select" not in self.request.params else ()
        return self.page([{name: row[name] for name in shown or row} for row in self._matching_users()])

    def _matching_users(self) -> list[dict[str, Any]]:
        self.caller.read("users")
        if self.caller.user is not None and self.caller.user.type == "Guest":
            raise denied()
        if "$search" in self.request.params and not self.eventual:
            text = "Request with $search query parameter only works with header 'ConsistencyLevel: eventual'."
            raise GraphRefused(400, "Request_UnsupportedQuery", text)
        rows = [self.user_columns(user) for user in self.directory.users() if not user.personal]
        return self.filtered(rows, list(rows[0]) if rows else ["id"])

    def user_columns(self, user: User) -> dict[str, Any]:
        """The members of a user that the caller may see."""
        row = user_row(self.directory, user)
        full = user is self.caller.user or self.caller.holds("User.Read.All", "Directory.Read.All")
        return row if full else {name: row[name] for name in USER_BASICS}

    def _user(self, key: str) -> User:
        user = self.directory.user(key)
        if user is None or user.personal:
            raise not_found(key)
        return user

    def _organization(self) -> Response:
        self.caller.read("organization")
        row = organization(self.directory)
        if not self.caller.holds("Organization.Read.All", "Directory.Read.All"):
            row = {name: value if name in ORGANIZATION_BASICS else None for name, value in row.items()}
        return page_answer([selected(row, self.request)], self.request, self.base)

    def _subscribed(self) -> Response:
        self.caller.read("subscribedSkus")
        if "$filter" in self.request.params:
            raise GraphRefused(400, "Request_UnsupportedQuery", "$filter is not supported here.")
        rows = [selected(row, self.request) for row in subscribed_skus(self.directory)]
        return page_answer(rows, self.request, self.base)

    def listed(
        self, read: str, rows: list[dict[str, Any]], columns: Sequence[str], rest: Sequence[str | Key]
    ) -> Response:
        """A collection, or one object of it by its key."""
        self.caller.read(read)
        match rest:
            case []:
                return self.page(self.filtered(rows, columns))
            case [key]:
                return object_answer(selected(found_by(rows, key), self.request))
        raise no_segment(str(rest[-1]))

    def _service_principals(self, rest: Sequence[str | Key]) -> Response:
        rows = service_principals(self.directory)
        match rest:
            case [key, "oauth2PermissionGrants"]:
                self.caller.read("oauth2PermissionGrants")
                client = found_by(rows, key)["id"]
                return self.page([row for row in permission_grants(self.directory) if row["clientId"] == client])
            case [key, "appRoleAssignments"]:
                self.caller.read("appRoleAssignments")
                found_by(rows, key)
                return self.page([])
        return self.listed("servicePrincipals", rows, ("appId", "id", "displayName"), rest)
