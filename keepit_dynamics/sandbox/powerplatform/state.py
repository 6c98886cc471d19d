"""What an environment holds: business units, security roles, user rows, teams and tables.

Plain mutable data with the look-ups that every service needs. Who may see or change it is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from keepit_dynamics.sandbox.powerplatform.role_names import SYSTEM_ADMINISTRATOR, display_name, template_of
from keepit_dynamics.sandbox.tenant_file import EnvironmentSpec, TableSpec, derived_id

__all__ = ["CREATED", "VERSION", "BusinessUnit", "Environment", "Role", "Team", "UserRow"]

VERSION = "9.2.24093.00185"

# All rows were made at one time, so that the same tenant file always gives the same answers.
CREATED = datetime(2024, 3, 14, 4, 38, 49, tzinfo=UTC)


@attrs.frozen
class BusinessUnit:
    """A business unit; the root has no parent."""

    id: str
    name: str
    parent_id: str | None
    version: int


@attrs.frozen
class Role:
    """One business unit's copy of a security role."""

    id: str
    name: str
    template_id: str | None
    unit_id: str
    root_id: str
    version: int

    @property
    def is_system_administrator(self) -> bool:
        """Whether this is a copy of System Administrator, whatever its name."""
        return self.template_id == SYSTEM_ADMINISTRATOR


@attrs.define(eq=False)
class UserRow:
    """A row of ``systemusers``."""

    id: str
    object_id: str | None
    upn: str
    name: str
    unit_id: str
    version: int
    access_mode: int = 0
    disabled: bool = False
    setup_user: bool = False
    role_ids: list[str] = attrs.field(factory=list)


@attrs.define(eq=False)
class Team:
    """A row of ``teams``; ``group_id`` is the Entra group behind a group team."""

    id: str
    name: str
    type: int
    unit_id: str
    version: int
    group_id: str | None = None
    role_ids: list[str] = attrs.field(factory=list)
    member_ids: set[str] = attrs.field(factory=set)


@attrs.define(eq=False)
class Environment:
    """A Power Platform environment, with its Dataverse organization where it has one."""

    spec: EnvironmentSpec
    tenant_id: str
    id: str
    organization_id: str
    unique_name: str
    url_name: str
    address: str
    tables: tuple[TableSpec, ...]
    units: list[BusinessUnit] = attrs.field(factory=list)
    roles: list[Role] = attrs.field(factory=list)
    users: list[UserRow] = attrs.field(factory=list)
    teams: list[Team] = attrs.field(factory=list)
    pending: list[tuple[datetime, Callable[[], None]]] = attrs.field(factory=list)
    last_version: int = 1000000

    @property
    def root_unit(self) -> BusinessUnit:
        """The business unit at the top."""
        return self.units[0]

    @property
    def disabled(self) -> bool:
        """Whether the whole environment is switched off."""
        return self.spec.state == "disabled"

    @property
    def datacenter_id(self) -> str:
        """The data centre of the environment's region."""
        return derived_id("datacenter", self.spec.region)

    def settle(self, now: datetime) -> None:
        """Carry out the changes whose time has come."""
        due = [change for moment, change in self.pending if moment <= now]
        self.pending = [(moment, change) for moment, change in self.pending if moment > now]
        for change in due:
            change()

    def next_version(self) -> int:
        """A number no row has had yet, as etags and ``versionnumber`` need it."""
        self.last_version += 1
        return self.last_version

    def user(self, object_id: str) -> UserRow | None:
        """The user row of an Entra object id."""
        wanted = object_id.lower()
        return next((row for row in self.users if row.object_id == wanted), None)

    def role(self, role_id: str) -> Role | None:
        """A role by its id."""
        return next((role for role in self.roles if role.id == role_id), None)

    def unit(self, name: str | None) -> BusinessUnit:
        """The business unit of that name, made below the root when it is new; None is the root."""
        if name is None:
            return self.root_unit
        found = next((unit for unit in self.units if unit.name == name), None)
        return found or self._new_unit(name)

    def _new_unit(self, name: str) -> BusinessUnit:
        unit = BusinessUnit(
            derived_id("unit", self.id, name), name, self.root_unit.id if self.units else None, self.next_version()
        )
        self.units.append(unit)
        for root_copy in [role for role in self.roles if role.id == role.root_id]:
            self._copy_role(root_copy.name, root_copy.template_id, unit)
        return unit

    def role_named(self, name: str, unit_id: str) -> Role:
        """A business unit's copy of a role, named in any language; a custom role is made when it is new."""
        template = template_of(name)
        for role in self.roles:
            same = role.template_id == template if template else role.template_id is None and role.name == name
            if same and role.unit_id == unit_id:
                return role
        self.add_role(name)
        return self.role_named(name, unit_id)

    def add_role(self, name: str) -> None:
        """Make a role with one copy in each business unit; a built-in one is named in this language."""
        template = template_of(name)
        shown = display_name(template, self.spec.language) if template else name
        for unit in self.units:
            self._copy_role(shown, template, unit)

    def _copy_role(self, name: str, template: str | None, unit: BusinessUnit) -> None:
        identity = template or name
        root_id = derived_id("role", self.id, identity, self.root_unit.id)
        copy_id = derived_id("role", self.id, identity, unit.id)
        self.roles.append(Role(copy_id, name, template, unit.id, root_id, self.next_version()))

    def add_user(self, object_id: str | None, upn: str, name: str, unit_id: str) -> UserRow:
        """Make a user row without roles, in access mode Read-Write."""
        row_id = derived_id("systemuser", self.id, object_id or upn)
        row = UserRow(row_id, object_id and object_id.lower(), upn, name, unit_id, self.next_version())
        self.users.append(row)
        return row

    def grant(self, holder: UserRow | Team, role: Role) -> None:
        """Give a role to a user or a team; it may be there already."""
        if role.id not in holder.role_ids:
            holder.role_ids.append(role.id)
            holder.version = self.next_version()
