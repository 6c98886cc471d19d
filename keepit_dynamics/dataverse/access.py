"""What an account is and may do in one environment: facts, as Dataverse tells them."""

from __future__ import annotations

from typing import Any, Self

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics.dataverse.errors import RefusalReason, fault_of, refusal_reason
from keepit_dynamics.dataverse.query import canonical_id

__all__ = [
    "SYSTEM_ADMINISTRATOR",
    "EnvironmentAccess",
    "Refusal",
    "SecurityRole",
    "SystemUser",
    "Team",
    "TeamRole",
    "WhoAmI",
]

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
"""Template of the System Administrator role: the same everywhere, whatever the role is called."""


def _column(name: str) -> Any:
    return attrs.field(default=None, metadata={"wire": name})


def _id_column(name: str) -> Any:
    return attrs.field(default=None, converter=canonical_id, metadata={"wire": name})


def _key(name: str) -> Any:
    return attrs.field(converter=canonical_id, metadata={"wire": name})


@attrs.frozen
class SystemUser:
    """A user's row in an environment; a column that is None was empty, or kept from the reader.

    Attributes:
        object_id: Id of the account in the directory.
        access_mode: 0 Read-Write, 1 Administrative, 2 Read, 3 Support User, 4 Non-interactive,
            5 Delegated Admin.
        azure_state: 0 exists in the directory, 1 deleted there for now, 2 not found there.
        setup_user: Whether it is the row of an administrator without licence.
        application_id: Set for an application, which is no person.
        deleted_state: 0 there, 1 deleted for now.
    """

    id: str = _key("systemuserid")
    object_id: str | None = _id_column("azureactivedirectoryobjectid")
    domain_name: str | None = _column("domainname")
    full_name: str | None = _column("fullname")
    disabled: bool | None = _column("isdisabled")
    disabled_reason: str | None = _column("disabledreason")
    access_mode: int | None = _column("accessmode")
    licensed: bool | None = _column("islicensed")
    azure_state: int | None = _column("azurestate")
    setup_user: bool | None = _column("setupuser")
    application_id: str | None = _id_column("applicationid")
    business_unit_id: str | None = _id_column("_businessunitid_value")
    deleted_state: int | None = _column("deletedstate")


@attrs.frozen
class SecurityRole:
    """A security role, as one business unit's copy of it; names are in the environment's language."""

    id: str = _key("roleid")
    name: str | None = _column("name")
    template_id: str | None = _id_column("_roletemplateid_value")
    business_unit_id: str | None = _id_column("_businessunitid_value")

    @property
    def is_system_administrator(self) -> bool:
        """Whether it is a copy of System Administrator."""
        return self.template_id == SYSTEM_ADMINISTRATOR


@attrs.frozen
class Team:
    """A team.

    Attributes:
        team_type: 0 owner, 1 access, 2 Entra security group, 3 Microsoft 365 group.
        group_id: The directory's group behind a group team.
    """

    id: str = _key("teamid")
    name: str | None = _column("name")
    team_type: int | None = _column("teamtype")
    group_id: str | None = _id_column("azureactivedirectoryobjectid")


@attrs.frozen
class TeamRole:
    """A role that reaches a user through teams.

    ``teams`` are those among the user's teams that hold it. It is empty where the membership was written
    between the two reads; that some team of the user's holds the role is certain all the same.
    """

    role: SecurityRole
    teams: tuple[Team, ...]


@attrs.frozen
class Refusal:
    """An environment refuses the signed-in account, with the service's own words."""

    status: int
    code: str | None
    message: str

    @property
    def reason(self) -> RefusalReason | None:
        """What the code, or else the message, means."""
        return refusal_reason(self.code, self.message)

    @classmethod
    def of(cls, response: HttpResponse) -> Self | None:
        """The refusal that an answer states; None where it failed in another or an unexplained way."""
        if not 400 <= response.status < 500 or response.status == 429:
            return None
        fault = fault_of(response)
        refusal = cls(response.status, fault.code, fault.message)
        return refusal if refusal.reason else None


@attrs.frozen
class EnvironmentAccess:
    """What an account is and may do in one environment.

    Attributes:
        user: The account's row; None where there is none.
        roles: Roles the user holds directly.
        team_roles: Copies of System Administrator that reach the user through teams.
        directory_roles: Roles worked out from the directory, which includes memberships of group teams that
            are not written yet; None where that was not asked.
        refusal: The environment refused the signed-in account, so nothing else was read.
    """

    user: SystemUser | Unread | None
    roles: tuple[SecurityRole, ...] | Unread
    team_roles: tuple[TeamRole, ...] | Unread
    directory_roles: tuple[SecurityRole, ...] | Unread | None = None
    refusal: Refusal | None = None


@attrs.frozen
class WhoAmI:
    """Who Dataverse takes the signed-in account for."""

    user_id: str = _key("UserId")
    organization_id: str = _key("OrganizationId")
    business_unit_id: str = _key("BusinessUnitId")
