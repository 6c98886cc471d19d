"""Find out what a request to the Web API asks for, and have it done."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Access, Caller
from keepit_dynamics.sandbox.powerplatform.dataverse import answers
from keepit_dynamics.sandbox.powerplatform.dataverse.addresses import (
    Segment,
    no_such_segment,
    parse_key,
    parse_segment,
)
from keepit_dynamics.sandbox.powerplatform.dataverse.definitions import DEFINITIONS, definitions
from keepit_dynamics.sandbox.powerplatform.dataverse.functions import FUNCTIONS
from keepit_dynamics.sandbox.powerplatform.dataverse.reading import Reader, find
from keepit_dynamics.sandbox.powerplatform.dataverse.schema import SYSTEM_USERS, TABLES, TEAMS
from keepit_dynamics.sandbox.powerplatform.dataverse.view import View
from keepit_dynamics.sandbox.powerplatform.dataverse.writing import Writer
from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Record, Table
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.powerplatform.state import Environment
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Route"]

_ROLE_HOLDERS = {(SYSTEM_USERS.name, "systemuserroles_association"), (TEAMS.name, "teamroles_association")}

# Queries in another language than OData, and stored ones.
_OTHER_LANGUAGES = frozenset({"fetchXml", "savedQuery", "userQuery", "sql"})


@attrs.frozen
class Route:
    """One request of a caller who was let in; ``root`` is the address up to the version."""

    request: Request
    environment: Environment
    directory: Directory
    caller: Caller
    root: str

    def answer(self, path: Sequence[str]) -> Response:
        """Answer a path below the version."""
        if not path:
            return self._service_document()
        first = parse_segment(path[0])
        if first.name in FUNCTIONS:
            return self._function(first, path)
        if first.name == DEFINITIONS.set_name:
            return self._definitions(first, path)
        if first.name in TABLES:
            return self._rows(TABLES[first.name], first, path)
        if first.name in {record.values["EntitySetName"] for record in definitions(self.environment)}:
            raise Refused(501, "0x80040203", f"The rows of '{first.name}' are not answered here.")
        raise no_such_segment(first.name)

    @property
    def _view(self) -> View:
        return View(self.environment, self.directory, self.caller)

    def _service_document(self) -> Response:
        sets = [{"name": name, "kind": "EntitySet", "url": name} for name in TABLES]
        return answers.data({"@odata.context": f"{self.root}/$metadata", "value": sets})

    def _function(self, segment: Segment, path: Sequence[str]) -> Response:
        if self.request.method != "GET" or len(path) > 1:
            address = f"{self.root}/{'/'.join(path)}"
            raise Refused(404, "", f"No HTTP resource was found that matches the request URI '{address}'.")
        view = self._view
        return FUNCTIONS[segment.name](view, Reader(self.request, view, self.root), segment)

    def _definitions(self, segment: Segment, path: Sequence[str]) -> Response:
        """Table definitions come without paging, whatever their number and the page size asked for."""
        self._only("GET")
        headers = {name: value for name, value in self.request.headers.items() if name != "prefer"}
        reader = Reader(attrs.evolve(self.request, headers=headers), self._view, self.root)
        records = definitions(self.environment)
        if len(path) > 1:
            raise no_such_segment(path[1])
        if segment.brackets is None:
            return reader.rows(DEFINITIONS, records, path[0])
        key = parse_key(segment.brackets, DEFINITIONS)
        return reader.row(DEFINITIONS, find(records, DEFINITIONS, key))

    def _rows(self, table: Table, segment: Segment, path: Sequence[str]) -> Response:
        view = self._view
        reader = Reader(self.request, view, self.root)
        other = _OTHER_LANGUAGES & self.request.params.keys()
        if other:
            raise Refused(501, "0x80040203", f"Queries by '{min(other)}' are not answered here.")
        if segment.brackets is None:
            self._only("GET")
            if list(path[1:]) == ["$count"]:
                return reader.count(table, view.records(table))
            if len(path) > 1:
                raise no_such_segment(path[1])
            return reader.rows(table, view.records(table), path[0])
        key = parse_key(segment.brackets, table)
        if len(path) > 1:
            return self._related(table, key, path, reader)
        if self.request.method == "PATCH" and table is SYSTEM_USERS:
            return self._writer(view).update_user(key)
        self._only("GET")
        return reader.row(table, find(view.records(table), table, key))

    def _related(self, table: Table, key: dict[str, object], path: Sequence[str], reader: Reader) -> Response:
        link, *rest = (parse_segment(part) for part in path[1:])
        navigation = table.navigation.get(link.name)
        if navigation is None or [part.name for part in rest] not in ([], ["$ref"]):
            raise no_such_segment(link.name if navigation is None else rest[0].name)
        if rest and self.request.method in {"POST", "DELETE"}:
            return self._change_link(table, key, link)
        self._only("GET")
        view = self._view
        record = find(view.records(table), table, key)
        return self._linked(record, navigation, "/".join(path), bool(rest), reader)

    def _linked(self, record: Record, navigation: Navigation, path: str, references: bool, reader: Reader) -> Response:
        others = list(reader.source.related(record, navigation))
        target = reader.source.table(navigation.target)
        if references:
            return reader.references(others)
        if navigation.is_collection:
            return reader.rows(target, others, path)
        return reader.row(target, find(others, target, {}))

    def _change_link(self, table: Table, key: dict[str, object], link: Segment) -> Response:
        if (table.name, link.name) not in _ROLE_HOLDERS:
            raise Refused(501, "0x80040203", f"'{link.name}' of '{table.name}' cannot be changed here.")
        writer = self._writer(self._view)
        if self.request.method == "POST":
            return writer.associate(table, key)
        return writer.disassociate(table, key, link.brackets)

    def _writer(self, view: View) -> Writer:
        return Writer(self.request, view, Access(self.environment, self.directory), self.root)

    def _only(self, method: str) -> None:
        if self.request.method != method:
            message = f"The requested resource does not support http method '{self.request.method}'."
            raise Refused(405, "", message)
