"""The routes below one user: the object itself, its licences, its memberships."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from keepit_dynamics.sandbox.directory import User
from keepit_dynamics.sandbox.graph.answers import (
    GraphRefused,
    no_segment,
    not_found,
    object_answer,
    page_answer,
    selected,
)
from keepit_dynamics.sandbox.graph.applications import permission_grants
from keepit_dynamics.sandbox.graph.licences import license_details
from keepit_dynamics.sandbox.graph.members import direct_members, member_ids, of_type, transitive_members
from keepit_dynamics.sandbox.graph.users import DEFAULT_COLUMNS
from keepit_dynamics.sandbox.wire import Response

if TYPE_CHECKING:
    from keepit_dynamics.sandbox.graph.keys import Key
    from keepit_dynamics.sandbox.graph.routes import Route

__all__ = ["Account"]

_MOST_IDS = 20
_ROLE_READERS = ("RoleManagement.Read.Directory", "Directory.Read.All")


@attrs.frozen
class Account:
    """One user, asked about by a request."""

    route: Route
    user: User

    def answer(self, rest: Sequence[str | Key]) -> Response:
        """Answer by the path below the user."""
        if self.user.personal:
            raise not_found(self.user.id)
        match rest:
            case []:
                self._read("user")
                row = self.route.user_columns(self.user)
                return object_answer(selected(row, self.route.request, DEFAULT_COLUMNS))
            case ["licenseDetails"]:
                self._read("licenseDetails")
                return self.route.page(license_details(self.route.directory, self.user))
            case ["getMemberObjects"]:
                self._read("getMemberObjects")
                self._body("securityEnabledOnly", bool)
                return self._ids(member_ids(self.route.directory, self.user))
            case ["checkMemberObjects"]:
                return self._check_member_objects()
            case ["memberOf", *cast]:
                self._read("memberOf")
                return self._members(direct_members(self.route.directory, self.user), cast)
            case ["transitiveMemberOf", *cast]:
                self._read("transitiveMemberOf")
                return self._members(transitive_members(self.route.directory, self.user), cast)
            case ["oauth2PermissionGrants"]:
                self._read("oauth2PermissionGrants")
                grants = permission_grants(self.route.directory)
                return self.route.page([row for row in grants if row["principalId"] == self.user.id])
        raise no_segment(str(rest[0]))

    def _read(self, word: str) -> None:
        self.route.caller.read(word, about=self.user)

    def _check_member_objects(self) -> Response:
        self._read("checkMemberObjects")
        asked = [str(one).lower() for one in self._body("ids", list)]
        if not 0 < len(asked) <= _MOST_IDS:
            raise GraphRefused(400, "Request_BadRequest", f"The number of ids must be between 1 and {_MOST_IDS}.")
        mine = set(member_ids(self.route.directory, self.user))
        return self._ids([one for one in asked if one in mine])

    def _members(self, rows: list[dict[str, Any]], below: Sequence[str | Key]) -> Response:
        shown = [self._limited(row) for row in rows]
        match below:
            case []:
                return self.route.page(shown)
            case ["$count"]:
                return self.route.count(shown)
            case [str() as cast, *more] if more in ([], ["$count"]) and (cut := of_type(shown, cast)) is not None:
                if more:
                    return self.route.count(cut)
                if not self.route.counting:
                    text = "The cast needs the header ConsistencyLevel and the parameter $count."
                    raise GraphRefused(400, "Request_UnsupportedQuery", text)
                return self.route.page(cut)
        raise no_segment(str(below[0]))

    def _limited(self, row: dict[str, Any]) -> dict[str, Any]:
        """Without a role reader's scope a role shows its type and id, and everything else empty."""
        if row["@odata.type"].endswith("directoryRole") and not self.route.caller.holds(*_ROLE_READERS):
            return {name: value if name in {"@odata.type", "id"} else None for name, value in row.items()}
        return row

    def _ids(self, ids: Sequence[str]) -> Response:
        return page_answer(ids, self.route.request, self.route.base)

    def _body(self, member: str, kind: type) -> Any:
        try:
            value = json.loads(self.route.request.body)[member]
        except (ValueError, TypeError, KeyError):
            value = None
        if not isinstance(value, kind):
            raise GraphRefused(400, "Request_BadRequest", f"The body needs '{member}'.")
        return value
