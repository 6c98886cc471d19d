"""Reads an account's access to one environment in one request, at most two (contracts/dataverse.md 4.4).

The first is a batch: the user's row with direct roles and teams, beside the System Administrator roles of the
teams the user is in. The second asks what the directory would grant, before anybody says that the role is
missing: memberships of group teams are written on first contact only.
"""

from __future__ import annotations

from typing import TypeVar

import attrs

from keepit_dynamics._core.convert import from_wire, json_of
from keepit_dynamics._core.facts import Unread
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.retry import RETRYABLE_STATUSES
from keepit_dynamics.dataverse.access import (
    SYSTEM_ADMINISTRATOR,
    EnvironmentAccess,
    Refusal,
    SecurityRole,
    SystemUser,
    Team,
    TeamRole,
)
from keepit_dynamics.dataverse.query import guid_literal, resource
from keepit_dynamics.dataverse.webapi import WebApi
from keepit_dynamics.errors import ProtocolError, ResponseError

__all__ = ["read_access"]

T = TypeVar("T")

_EXPANDED_ROWS_LIMIT = 5000
"""An expanded collection has no second page: with this many rows, there may be more."""

_USER_COLUMNS = (
    "systemuserid,azureactivedirectoryobjectid,domainname,fullname,isdisabled,disabledreason,accessmode,"
    "islicensed,azurestate,deletedstate,setupuser,applicationid,_businessunitid_value"
)
_ROLE_COLUMNS = "roleid,name,_roletemplateid_value,_businessunitid_value"
_TEAM_COLUMNS = "teamid,name,teamtype,azureactivedirectoryobjectid"


@attrs.frozen
class _Memberships:
    roles: tuple[SecurityRole, ...] | None = attrs.field(default=None, metadata={"wire": "systemuserroles_association"})
    teams: tuple[Team, ...] | None = attrs.field(default=None, metadata={"wire": "teammembership_association"})


@attrs.frozen
class _Grant:
    teams: tuple[Team, ...] | None = attrs.field(default=None, metadata={"wire": "teamroles_association"})


@attrs.frozen
class _Users:
    value: tuple[SystemUser, ...]


@attrs.frozen
class _UserMemberships:
    value: tuple[_Memberships, ...]


@attrs.frozen
class _Roles:
    value: tuple[SecurityRole, ...]
    next_link: str | None = attrs.field(default=None, metadata={"wire": "@odata.nextLink"})


@attrs.frozen
class _Grants:
    value: tuple[_Grant, ...]


@attrs.frozen
class _Member:
    user: SystemUser | None
    roles: tuple[SecurityRole, ...] | Unread
    teams: tuple[Team, ...] | Unread


def read_access(api: WebApi, object_id: str) -> Flow[EnvironmentAccess]:
    """Read one account's access.

    Raises:
        ResponseError: The user's row could not be read, for another reason than a refusal.
        ProtocolError: An answer does not have the expected form.
    """
    account = guid_literal(object_id)
    by_account = _team_roles_resource(f"azureactivedirectoryobjectid eq {account}")
    own, *others = yield from api.batch([_user_resource(account), by_account])
    if not own.ok:
        return _refused(api, own)
    member = _member(own, account)
    team_roles = yield from _team_roles(api, others[0], member)
    directory_roles = None
    if member.user is not None and not _administers(member.roles, team_roles):
        directory_roles = _read_roles(api, (yield from api.get(_directory_roles_resource(account))))
    return EnvironmentAccess(member.user, member.roles, team_roles, directory_roles)


def _user_resource(account: str) -> str:
    roles = f"systemuserroles_association($select={_ROLE_COLUMNS})"
    teams = f"teammembership_association($select={_TEAM_COLUMNS})"
    options = {
        "$select": _USER_COLUMNS,
        "$filter": f"azureactivedirectoryobjectid eq {account}",
        "$expand": f"{roles},{teams}",
    }
    return resource("systemusers", options)


def _team_roles_resource(member_condition: str) -> str:
    reaches = f"teamroles_association/any(t:t/teammembership_association/any(m:m/{member_condition}))"
    options = {
        "$select": f"{_ROLE_COLUMNS},_parentrootroleid_value",
        "$filter": f"_roletemplateid_value eq {SYSTEM_ADMINISTRATOR} and {reaches}",
        "$expand": f"teamroles_association($select={_TEAM_COLUMNS})",
    }
    return resource("roles", options)


def _directory_roles_resource(account: str) -> str:
    columns = "roleid,name,_roletemplateid_value,_parentrootroleid_value"
    return resource(f"RetrieveAadUserRoles(DirectoryObjectId={account})", {"$select": columns})


def _refused(api: WebApi, answer: HttpResponse) -> EnvironmentAccess:
    refusal = Refusal.of(answer)
    if refusal is None:
        raise api.error(answer)
    unread = Unread.because(api.error(answer))
    return EnvironmentAccess(unread, unread, unread, refusal=refusal)


def _member(answer: HttpResponse, account: str) -> _Member:
    data = json_of(answer, service="dataverse")
    users = from_wire(data, _Users, service="dataverse").value
    if not users:
        return _Member(None, (), ())
    user, *others = users
    if others or user.object_id not in {None, account}:
        raise ProtocolError(
            "Dataverse gives other users than the one that was asked for.",
            service="dataverse",
            problems=(f"expected the row of {account} alone, got {len(users)} rows @ $.value",),
        )
    found, *_ = from_wire(data, _UserMemberships, service="dataverse").value
    return _Member(user, _complete(found.roles, "user's roles"), _complete(found.teams, "user's teams"))


def _team_roles(api: WebApi, answer: HttpResponse, member: _Member) -> Flow[tuple[TeamRole, ...] | Unread]:
    if answer.status == 400 and member.user is not None:
        # Not every server compares the object id inside two lambdas; the row's own id is in wide use there.
        answer = yield from api.get(_team_roles_resource(f"systemuserid eq {member.user.id}"))
    roles = _read_roles(api, answer)
    if isinstance(roles, Unread):
        return roles
    if not roles:
        return ()
    if isinstance(member.teams, Unread):
        return member.teams
    grants = from_wire(json_of(answer, service="dataverse"), _Grants, service="dataverse").value
    joined = {team.id for team in member.teams}
    result: list[TeamRole] = []
    for role, grant in zip(roles, grants, strict=True):
        teams = _complete(grant.teams, "role's teams")
        if isinstance(teams, Unread):
            return teams
        result.append(TeamRole(role, tuple(team for team in teams if team.id in joined)))
    return tuple(result)


def _read_roles(api: WebApi, answer: HttpResponse) -> tuple[SecurityRole, ...] | Unread:
    if not answer.ok:
        error = api.error(answer)
        if answer.status in RETRYABLE_STATUSES or answer.status >= 500 or not isinstance(error, ResponseError):
            raise error
        return Unread.because(error)
    page = from_wire(json_of(answer, service="dataverse"), _Roles, service="dataverse")
    if page.next_link is not None:
        return Unread("Dataverse lists more roles than come in one answer.")
    return page.value


def _complete(rows: tuple[T, ...] | None, what: str) -> tuple[T, ...] | Unread:
    if rows is None:
        return Unread(f"Dataverse left the {what} out of its answer.")
    if len(rows) >= _EXPANDED_ROWS_LIMIT:
        return Unread(f"The {what} are {_EXPANDED_ROWS_LIMIT} or more, and Dataverse tells no further ones.")
    return rows


def _administers(roles: tuple[SecurityRole, ...] | Unread, team_roles: tuple[TeamRole, ...] | Unread) -> bool:
    direct = () if isinstance(roles, Unread) else roles
    through_teams = () if isinstance(team_roles, Unread) else team_roles
    held = [*direct, *(grant.role for grant in through_teams)]
    return any(role.is_system_administrator for role in held)
