"""Change roles and user rows, for callers who may: System Administrators in access mode Read-Write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from keepit_dynamics.sandbox.powerplatform.access import Access
from keepit_dynamics.sandbox.powerplatform.dataverse import answers
from keepit_dynamics.sandbox.powerplatform.dataverse.addresses import matches_key, no_such_row, parse_key
from keepit_dynamics.sandbox.powerplatform.dataverse.reading import find
from keepit_dynamics.sandbox.powerplatform.dataverse.schema import ROLES, SYSTEM_USERS, TEAMS
from keepit_dynamics.sandbox.powerplatform.dataverse.view import View
from keepit_dynamics.sandbox.powerplatform.enrolment import enrol, obstacle
from keepit_dynamics.sandbox.powerplatform.odata.model import BAD_QUERY, Record, Table, bad_query
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.powerplatform.state import Environment, Role, Team, UserRow
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Writer"]

_ACCESS_TEAM = 1
_OBSTACLE_CODES = {"userNotFound": "0x80041d28", "userNotLicensed": "0x8004D24B"}

Key = Mapping[str, Any]


def _body(request: Request) -> dict[str, Any]:
    try:
        value = request.json()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refused(400, "0x80048d19", "An error occurred while validating input parameters: no JSON object.")
    return value


@attrs.frozen
class Writer:
    """Carries out the writes of one request."""

    request: Request
    view: View
    access: Access
    root: str

    @property
    def environment(self) -> Environment:
        """The environment that is changed."""
        return self.view.environment

    def associate(self, table: Table, key: Key) -> Response:
        """Give a role to a user or a team. It may be there already."""
        self._may_assign()
        reference = _body(self.request).get("@odata.id")
        role = self._referenced_role(reference if isinstance(reference, str) else "")
        holder = self._holder(table, key, add=True)
        if role.unit_id != holder.unit_id:
            raise Refused(400, "0x80041409", "The role is not of the business unit of the user or team.")
        if isinstance(holder, UserRow) and self.access.is_disabled(holder):
            raise Refused(400, "0x80040225", f"The user with SystemUserId={holder.id} is disabled.")
        if isinstance(holder, Team) and holder.type == _ACCESS_TEAM:
            raise Refused(400, "0x80040216", "Roles cannot be assigned to an access team.")
        self.environment.grant(holder, role)
        return answers.no_content()

    def disassociate(self, table: Table, key: Key, role_key: str | None) -> Response:
        """Take a role away; it is named in the path or by ``$id``."""
        self._may_assign()
        if role_key is None:
            role = self._referenced_role(self.request.params.get("$id", ""))
        else:
            role = self._role(parse_key(role_key, ROLES))
        holder = self._holder(table, key, add=False)
        if role.id not in holder.role_ids:
            raise no_such_row(ROLES, {"roleid": role.id})
        if isinstance(holder, UserRow) and role.is_system_administrator and not self._other_administrators(holder):
            raise Refused(400, "0x80041d30", "The last System Administrator cannot lose the role.")
        holder.role_ids.remove(role.id)
        holder.version = self.environment.next_version()
        return answers.no_content()

    def update_user(self, key: Key) -> Response:
        """Set the access mode or switch a user on or off. Without If-Match, an unknown id makes a row."""
        changes = _checked(_body(self.request))
        self._may_change("accessmode" in changes)
        records = self.view.records(SYSTEM_USERS)
        record = next((record for record in records if matches_key(record, key)), None)
        self._check_conditions(record, key)
        row = self._row(record) if record else self._new_row(key)
        self._check_licence(row, changes)
        row.access_mode = changes.get("accessmode", row.access_mode)
        row.disabled = changes.get("isdisabled", row.disabled)
        row.version = self.environment.next_version()
        return answers.no_content({"OData-EntityId": f"{self.root}/{SYSTEM_USERS.set_name}({row.id})"})

    def _may_assign(self) -> None:
        if not self.view.caller.may_write:
            raise self._missing("prvAssignRole")

    def _missing(self, privilege: str) -> Refused:
        return Refused(
            403, "0x80040220", f"Principal user (Id={self.view.caller_id}, type=8) is missing {privilege} privilege."
        )

    def _may_change(self, mode: bool) -> None:
        caller = self.view.caller
        if not caller.is_system_administrator:
            if mode:
                raise Refused(403, "0x80048d2f", "Only a System Administrator can change the access mode.")
            raise self._missing("prvDisableUser")
        if not caller.may_write:
            raise Refused(403, "0x80040d38", "Only a user with full access can change the access mode.")

    def _check_conditions(self, record: Record | None, key: Key) -> None:
        condition = self.request.header("if-match")
        if record is None and (condition is not None or set(key) != {SYSTEM_USERS.key}):
            raise no_such_row(SYSTEM_USERS, key)
        if record is None:
            return
        if condition not in (None, "*", answers.etag(record)):
            raise Refused(412, "0x80060882", "The version of the existing record doesn't match the one given.")
        if self.request.header("if-none-match") == "*":
            raise Refused(412, "0x80040237", "A record with matching key values already exists.")

    def _check_licence(self, row: UserRow, changes: Mapping[str, Any]) -> None:
        account = self.access.directory.user(row.object_id) if row.object_id else None
        if account is None or account.licenses:
            return
        if changes.get("accessmode") == 0:
            raise Refused(400, "0x8004D24B", "The user has no licence for Read-Write access.")
        if changes.get("isdisabled") is False and row.access_mode == 0:
            raise Refused(400, "0x8004D24C", "A user without a licence cannot be enabled.")

    def _holder(self, table: Table, key: Key, *, add: bool) -> UserRow | Team:
        if add and table is SYSTEM_USERS and "azureactivedirectoryobjectid" in key:
            return self._enrolled(str(key["azureactivedirectoryobjectid"]))
        record = find(self.view.records(table), table, key)
        if table is TEAMS:
            return next(team for team in self.environment.teams if team.id == record.id)
        return self._row(record)

    def _enrolled(self, object_id: str) -> UserRow:
        """Naming a user by object id adds them on the way."""
        row = self.environment.user(object_id)
        hindrance = None if row else obstacle(self.access, object_id)
        if hindrance:
            raise Refused(400, _OBSTACLE_CODES.get(hindrance.code, "0x80044507"), hindrance.message)
        return row or enrol(self.access, object_id)

    def _row(self, record: Record) -> UserRow:
        return next(row for row in self.environment.users if row.id == record.id)

    def _new_row(self, key: Key) -> UserRow:
        row = self.environment.add_user(None, str(key["systemuserid"]), "", self.environment.root_unit.id)
        row.id = str(key["systemuserid"])
        return row

    def _referenced_role(self, address: str) -> Role:
        """References are whole addresses in this environment."""
        own = rf"{re.escape(self.environment.address)}/api/data/v9\.\d/roles\((.+)\)"
        match = re.fullmatch(own, address)
        if match is None:
            raise bad_query(f"'{address}' is not the address of a role in this organization.")
        return self._role(parse_key(match.group(1), ROLES))

    def _role(self, key: Key) -> Role:
        record = next((record for record in self.view.records(ROLES) if matches_key(record, key)), None)
        role = self.environment.role(record.id) if record else None
        if role is None:
            named = ", ".join(str(value) for value in key.values())
            raise Refused(400, BAD_QUERY, f"role With Id = {named} Does Not Exist")
        return role

    def _other_administrators(self, row: UserRow) -> bool:
        administrators = {role.id for role in self.environment.roles if role.is_system_administrator}
        others = (other for other in self.environment.users if other is not row and not other.disabled)
        return any(administrators & set(other.role_ids) for other in others)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a user row that can be made here, with values of the right type."""
    for name, value in changes.items():
        SYSTEM_USERS.column_type(name)
        mode = name == "accessmode" and type(value) is int and 0 <= value <= 5
        if not mode and not (name == "isdisabled" and isinstance(value, bool)):
            raise Refused(400, "0x80048d19", f"The value of '{name}' cannot be set to {value!r}.")
    return dict(changes)
