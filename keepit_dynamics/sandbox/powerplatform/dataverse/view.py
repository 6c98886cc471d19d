"""An environment as one caller sees it: rows that may not be read are silently absent.

A System Administrator reads everything; anybody else their own row, their roles and their teams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Caller
from keepit_dynamics.sandbox.powerplatform.dataverse import rows
from keepit_dynamics.sandbox.powerplatform.dataverse.schema import (
    BUSINESS_UNITS,
    ROLES,
    SYSTEM_USERS,
    TABLES,
    TEAMS,
)
from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Record, Table
from keepit_dynamics.sandbox.powerplatform.state import Environment

__all__ = ["View"]

_BY_NAME = {table.name: table for table in TABLES.values()}


class View:
    """The source of records for one request; a record is made when it is asked for."""

    def __init__(self, environment: Environment, directory: Directory, caller: Caller) -> None:
        self.environment = environment
        self.directory = directory
        self.caller = caller
        self.caller_id = caller.row.id
        self._records: dict[str, dict[str, Record]] = {}

    def table(self, name: str) -> Table:
        """A table by its name."""
        return _BY_NAME[name]

    def records(self, table: Table) -> list[Record]:
        """The readable rows of a table."""
        return list(self._by_id(table).values())

    def record(self, table: Table, record_id: str) -> Record | None:
        """A readable row by its id."""
        return self._by_id(table).get(record_id.lower())

    def related(self, record: Record, navigation: Navigation) -> Iterable[Record]:
        """The readable rows at the other end of a relationship."""
        if navigation.is_collection:
            ids = self._linked_ids(record, navigation)
        else:
            ids = [str(record.values[navigation.column])]
        targets = self._by_id(self.table(navigation.target))
        return [targets[target_id] for target_id in ids if target_id in targets]

    def _linked_ids(self, record: Record, navigation: Navigation) -> Iterable[str]:
        users, teams, own = self.environment.users, self.environment.teams, record.id
        match record.table.name, navigation.target:
            case "systemuser", "role":
                return next(user.role_ids for user in users if user.id == own)
            case "systemuser", "team":
                return [team.id for team in teams if own in team.member_ids]
            case "role", "systemuser":
                return [user.id for user in users if own in user.role_ids]
            case "role", "team":
                return [team.id for team in teams if own in team.role_ids]
            case "team", "role":
                return next(team.role_ids for team in teams if team.id == own)
        members = next(team.member_ids for team in teams if team.id == own)
        return [user.id for user in users if user.id in members]

    def _by_id(self, table: Table) -> dict[str, Record]:
        if table.name not in self._records:
            makers: dict[str, Callable[[], Iterable[Record]]] = {
                "systemuser": self._users,
                "role": self._roles,
                "team": self._teams,
                "businessunit": self._units,
            }
            self._records[table.name] = {record.id: record for record in makers[table.name]()}
        return self._records[table.name]

    def _users(self) -> Iterable[Record]:
        for row in self.environment.users:
            if self.caller.is_system_administrator or row is self.caller.row:
                yield Record(SYSTEM_USERS, rows.user_values(self.environment, self.directory, row))

    def _roles(self) -> Iterable[Record]:
        own = {role.id for role in self.caller.roles}
        for role in self.environment.roles:
            if self.caller.is_system_administrator or role.id in own:
                yield Record(ROLES, rows.role_values(self.environment, role))

    def _teams(self) -> Iterable[Record]:
        for team in self.environment.teams:
            if self.caller.is_system_administrator or team.id in self.caller.team_ids:
                yield Record(TEAMS, rows.team_values(self.environment, team))

    def _units(self) -> Iterable[Record]:
        for unit in self.environment.units:
            yield Record(BUSINESS_UNITS, rows.business_unit_values(self.environment, unit))
