"""The routes of Graph, and what a client may read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import ROLE_TEMPLATES, Directory, User
from keepit_dynamics.sandbox.graph import licences, roles
from keepit_dynamics.sandbox.graph.answers import GraphRefused, error_answer, object_answer, page_answer, selected
from keepit_dynamics.sandbox.graph.batch import answer_batch
from keepit_dynamics.sandbox.graph.filters import parse_filter
from keepit_dynamics.sandbox.graph.users import DEFAULT_COLUMNS, member_ids, organization, user_row
from keepit_dynamics.sandbox.tokens import TokenRefused, Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Graph"]

Intercept = Callable[[str, str, str, Callable[[], Response]], Response]
_KEY = re.compile(r"(\w+)\((\w+)='([^']*)'\)")
_PAGE, _MOST = 100, 999


class Graph:
    """One tenant's Graph."""

    def __init__(self, directory: Directory, tokens: Tokens, clock: Clock, base_url: str) -> None:
        self.intercept: Intercept | None = None
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._base = f"{base_url.rstrip('/')}/graph"

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        try:
            if request.segments[:2] == ["v1.0", "$batch"] and request.method == "POST":
                self._caller(request)
                return answer_batch(request, self._part)
            return self._answer(request)
        except GraphRefused as refused:
            return error_answer(refused, request, self._clock.now())

    def _part(self, request: Request) -> Response:
        url = f"{request.path}?{request.query}" if request.query else request.path

        def act() -> Response:
            try:
                return self._answer(request)
            except GraphRefused as refused:
                return error_answer(refused, request, self._clock.now())

        return act() if self.intercept is None else self.intercept("graph", request.method, url, act)

    def _answer(self, request: Request) -> Response:
        caller = self._caller(request)
        segments = request.segments
        if segments[:1] != ["v1.0"] or len(segments) < 2:
            raise _no_segment(request.path)
        match segments[1:]:
            case ["me", *rest]:
                return self._of_user(request, caller, rest)
            case ["users"]:
                return self._users(request, caller)
            case ["users", "$count"]:
                return self._count_users(request, caller)
            case ["users", key, *rest]:
                return self._of_user(request, self._found(key), rest)
            case ["organization"]:
                self._allow("organization")
                row = organization(self._directory)
                return page_answer([selected(row, request, list(row))], request, self._base)
            case ["subscribedSkus"]:
                self._allow("subscribedSkus")
                return self._subscribed(request)
            case [name, *rest] if name.startswith("directoryRoles"):
                return self._directory_roles(request, name, rest)
            case ["roleManagement", "directory", *rest]:
                return self._role_management(request, caller, rest)
        raise _no_segment(segments[1])

    def _of_user(self, request: Request, user: User, rest: list[str]) -> Response:
        if user.personal:
            raise GraphRefused(404, "Request_ResourceNotFound", "The account is no object of this directory.")
        match rest, request.method:
            case [], "GET":
                self._allow("user")
                return object_answer(selected(user_row(self._directory, user), request, DEFAULT_COLUMNS), request)
            case ["licenseDetails"], "GET":
                self._allow("licenseDetails")
                return page_answer(licences.license_details(self._directory, user), request, self._base)
            case ["getMemberObjects"], "POST":
                self._allow("getMemberObjects")
                _body(request, "securityEnabledOnly")
                return page_answer(member_ids(self._directory, user), request, self._base)
            case ["checkMemberObjects"], "POST":
                self._allow("checkMemberObjects")
                mine = set(member_ids(self._directory, user))
                asked = [str(one).lower() for one in _body(request, "ids")]
                return page_answer([one for one in asked if one in mine], request, self._base)
            case [name, *cast], "GET" if name in {"memberOf", "transitiveMemberOf"}:
                self._allow(name)
                return self._member_of(request, user, cast)
        raise _no_segment("/".join(rest))

    def _member_of(self, request: Request, user: User, cast: list[str]) -> Response:
        groups = [
            {"@odata.type": "#microsoft.graph.group", "id": group.id, "displayName": group.name}
            for group in self._directory.groups_of(user.id)
        ]
        held = self._directory.active_roles(user.id)
        own = [
            {"@odata.type": "#microsoft.graph.directoryRole", **role}
            for role in roles.directory_roles(self._directory)
            if role["roleTemplateId"] in held
        ]
        if not cast:
            return page_answer(groups + own, request, self._base, size=_size(request))
        if not _advanced(request) or request.params.get("$count") != "true":
            raise GraphRefused(400, "Request_UnsupportedQuery", "The cast needs ConsistencyLevel and $count.")
        rows = own if cast[0].endswith("directoryRole") else groups
        return page_answer(rows, request, self._base, size=_size(request), count=len(rows))

    def _users(self, request: Request, caller: User) -> Response:
        self._allow("users")
        if caller.type == "Guest":
            raise _denied()
        rows = self._matching(request)
        count = len(rows) if request.params.get("$count") == "true" and _advanced(request) else None
        shown = [selected(row, request, DEFAULT_COLUMNS) for row in rows]
        return page_answer(shown, request, self._base, size=_size(request), count=count)

    def _count_users(self, request: Request, caller: User) -> Response:
        self._allow("users")
        if caller.type == "Guest":
            raise _denied()
        if not _advanced(request):
            raise GraphRefused(400, "Request_BadRequest", "$count is not currently supported.")
        return Response.of_text(str(len(self._matching(request))))

    def _matching(self, request: Request) -> list[dict[str, Any]]:
        rows = [user_row(self._directory, user) for user in self._directory.users() if not user.personal]
        text = request.params.get("$filter", "")
        keep = parse_filter(text, advanced=_advanced(request) and "$count" in request.query) if text else None
        return [row for row in rows if keep is None or keep(row)]

    def _subscribed(self, request: Request) -> Response:
        if "$filter" in request.params:
            raise GraphRefused(400, "Request_UnsupportedQuery", "$filter is not supported here.")
        rows = licences.subscribed_skus(self._directory)
        return page_answer([selected(row, request, list(row)) for row in rows], request, self._base)

    def _directory_roles(self, request: Request, name: str, rest: list[str]) -> Response:
        self._allow("directoryRoles")
        rows = roles.directory_roles(self._directory)
        if (keyed := _KEY.fullmatch(name)) is not None and not rest:
            found = next((row for row in rows if row.get(keyed[2]) == keyed[3].lower()), None)
            if found is None:
                raise GraphRefused(404, "Request_ResourceNotFound", "The role was never activated in this tenant.")
            return object_answer(selected(found, request, list(found)), request)
        return page_answer([selected(row, request, list(row)) for row in rows], request, self._base)

    def _role_management(self, request: Request, caller: User, rest: list[str]) -> Response:
        name = rest[0] if rest else ""
        mine = rest[1:] == ["filterByCurrentUser(on='principal')"]
        eligible = name == "roleEligibilityScheduleInstances"
        if name == "roleAssignments" and len(rest) == 1:
            self._allow(name)
            rows = roles.assignments(self._directory)
        elif name in {"roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances"}:
            self._allow(name)
            if mine:
                rows = roles.schedules_of(self._directory, caller, eligible=eligible)
            else:
                rows = roles.schedules(self._directory, eligible=eligible)
        elif name == "roleDefinitions" and len(rest) == 1:
            self._allow(name)
            rows = [{"id": one, "displayName": title, "isBuiltIn": True} for title, one in ROLE_TEMPLATES.items()]
        else:
            raise _no_segment("/".join(rest))
        if (text := request.params.get("$filter", "")) != "":
            keep = parse_filter(text, advanced=_advanced(request))
            rows = [row for row in rows if keep(row)]
        return page_answer(rows, request, self._base, size=_size(request))

    def _found(self, key: str) -> User:
        user = self._directory.user(key)
        if user is None or user.personal:
            text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            raise GraphRefused(404, "Request_ResourceNotFound", text)
        return user

    def _caller(self, request: Request) -> User:
        try:
            claims = self._tokens.verify(request, self._base)
        except TokenRefused as refused:
            text = {"missing": "Access token is empty.", "expired": "Lifetime validation failed, the token is expired."}
            message = text.get(refused.reason, "Access token validation failure. Invalid audience.")
            raise GraphRefused(401, "InvalidAuthenticationToken", message) from refused
        user = self._directory.user(claims.oid)
        if user is None:
            raise GraphRefused(401, "InvalidAuthenticationToken", "The user is not in this tenant.")
        return user

    def _allow(self, read: str) -> None:
        allowed = self._directory.spec.directory.allowed_reads
        if allowed is not None and read not in allowed:
            raise _denied()


def _advanced(request: Request) -> bool:
    return (request.header("consistencylevel") or "").lower() == "eventual"


def _size(request: Request) -> int:
    top = request.params.get("$top", "")
    if top and not top.isdigit():
        raise GraphRefused(400, "Request_BadRequest", f"Invalid value '{top}' for $top.")
    if top and int(top) > _MOST:
        raise GraphRefused(
            400, "Request_BadRequest", f"Invalid page size specified: '{top}'. Must be between 1 and 999."
        )
    return int(top) if top else _PAGE


def _body(request: Request, member: str) -> Any:
    try:
        data = json.loads(request.body)
    except ValueError:
        data = None
    if not isinstance(data, dict) or member not in data:
        raise GraphRefused(400, "Request_BadRequest", f"The body needs '{member}'.")
    return data[member]


def _denied() -> GraphRefused:
    return GraphRefused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _no_segment(segment: str) -> GraphRefused:
    return GraphRefused(400, "BadRequest", f"Resource not found for the segment '{segment}'.")
