"""Who may enter an environment, and which roles count there."""

from __future__ import annotations

import attrs

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.powerplatform.state import Environment, Role, Team, UserRow

__all__ = ["ADMINISTRATORS", "DYNAMICS_ADMINISTRATOR", "Access", "Caller"]

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
POWER_PLATFORM_ADMINISTRATOR = "11648597-926c-4cf3-9c36-bcebb0ba8dcc"
DYNAMICS_ADMINISTRATOR = "44367163-eba1-44c3-98af-f5787879f96a"

ADMINISTRATORS = frozenset({GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR, DYNAMICS_ADMINISTRATOR})

# Members of these two are let in whatever the environment's security group; Dynamics 365 Administrators are not.
_EXEMPT_FROM_GROUP = frozenset({GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR})


@attrs.frozen
class Caller:
    """The account behind a request, as the environment knows it."""

    row: UserRow
    roles: tuple[Role, ...]
    team_ids: frozenset[str]

    @property
    def is_system_administrator(self) -> bool:
        """Whether System Administrator is among the roles, direct or through a team."""
        return any(role.is_system_administrator for role in self.roles)

    @property
    def may_write(self) -> bool:
        """Whether the account may change users and roles."""
        return self.is_system_administrator and self.row.access_mode == 0


@attrs.frozen
class Access:
    """The rules of one environment."""

    environment: Environment
    directory: Directory

    def in_group(self, object_id: str) -> bool:
        """Whether the environment's security group, if it has one, lets the account in."""
        group = self.environment.spec.security_group
        if group is None or self.directory.is_member(object_id, group):
            return True
        return bool(self.directory.active_roles(object_id) & _EXEMPT_FROM_GROUP)

    def is_disabled(self, row: UserRow) -> bool:
        """Whether the row is disabled, by hand or because its account is outside the environment's group."""
        return row.disabled or (row.object_id is not None and not self.in_group(row.object_id))

    def teams(self, row: UserRow) -> list[Team]:
        """The teams the user counts as a member of, written down or through the group behind the team."""
        return [team for team in self.environment.teams if row.id in team.member_ids or self._in_group_of(team, row)]

    def _in_group_of(self, team: Team, row: UserRow) -> bool:
        if team.group_id is None or row.object_id is None:
            return False
        return self.directory.is_member(row.object_id, team.group_id)

    def roles(self, row: UserRow) -> list[Role]:
        """The roles that work for the user, direct ones first."""
        held = [*row.role_ids, *(role_id for team in self.teams(row) for role_id in team.role_ids)]
        roles = (self.environment.role(role_id) for role_id in dict.fromkeys(held))
        return [role for role in roles if role]

    def is_system_administrator(self, row: UserRow) -> bool:
        """Whether System Administrator works for the user."""
        return any(role.is_system_administrator for role in self.roles(row))

    def admit(self, object_id: str) -> UserRow:
        """The caller's user row; refuses who has none or a disabled one. No row is made for anybody."""
        if self.environment.disabled:
            raise Refused(403, "0x8004A104", "The organization is disabled.")
        row = self.environment.user(object_id)
        if row is None:
            raise Refused(403, "0x80072560", "The user is not a member of the organization.")
        if self.is_disabled(row):
            # The placeholders are on the wire as such.
            raise Refused(
                403,
                "0x80040225",
                "The specified user(Id = {0}) is disabled. Consider enabling this user. Additional Details: {1}",
            )
        return row

    def enter(self, object_id: str) -> Caller:
        """The caller; refuses who may not be admitted and who holds no role at all."""
        row = self.admit(object_id)
        roles = self.roles(row)
        if not roles:
            raise Refused(
                403,
                "0x80042f09",
                f"RetrievePrivilegeForUser: The user with id {row.id} has not been assigned any roles. "
                "They need a role with the prvReadUser privilege.",
            )
        return Caller(row, tuple(roles), frozenset(team.id for team in self.teams(row)))

    def write_memberships(self, row: UserRow) -> None:
        """Group teams fill up on contact: write down the caller's membership in them."""
        for team in self.environment.teams:
            if row.id not in team.member_ids and self._in_group_of(team, row):
                team.member_ids.add(row.id)
