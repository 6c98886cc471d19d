"""Read sets, single rows and relationships of an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from keepit_dynamics.sandbox.powerplatform.dataverse import answers
from keepit_dynamics.sandbox.powerplatform.dataverse.addresses import matches_key, no_such_row
from keepit_dynamics.sandbox.powerplatform.dataverse.preferences import preferences_of
from keepit_dynamics.sandbox.powerplatform.odata.filters import parse_filter
from keepit_dynamics.sandbox.powerplatform.odata.model import Record, Source, Table
from keepit_dynamics.sandbox.powerplatform.odata.options import Options, parse_options
from keepit_dynamics.sandbox.powerplatform.odata.paging import MAX_PAGE_SIZE, next_link, page_of
from keepit_dynamics.sandbox.powerplatform.odata.sorting import sort
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Reader", "find"]

_COUNT_LIMIT = MAX_PAGE_SIZE


def find(records: Sequence[Record], table: Table, key: Mapping[str, Any]) -> Record:
    """The record with a key; refuses with 404 where there is none."""
    found = next((record for record in records if matches_key(record, key)), None)
    if found is None:
        raise no_such_row(table, key)
    return found


@attrs.frozen
class Reader:
    """Answers the reads of one request; ``root`` is the address up to and including the version."""

    request: Request
    source: Source
    root: str

    def rows(self, table: Table, records: Sequence[Record], path: str) -> Response:
        """A page of the records that the request's options leave."""
        options = parse_options(self.request.params, table, self.source)
        preferences = preferences_of(self.request)
        chosen = self.chosen(table, records, options)
        body: dict[str, Any] = {"@odata.context": self._context(answers.context_of(table.set_name, options))}
        if options.count:
            body["@odata.count"] = min(len(chosen), _COUNT_LIMIT)
            if preferences.wants("Microsoft.Dynamics.CRM.totalrecordcount"):
                body["@Microsoft.Dynamics.CRM.totalrecordcount"] = min(len(chosen), _COUNT_LIMIT)
                body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] = len(chosen) > _COUNT_LIMIT
        if options.top is not None and preferences.page_size is None:
            chosen = chosen[: options.top]
        page, token = page_of(chosen, preferences.rows, options.skiptoken)
        body["value"] = [answers.row(record, options, self.source, self.root) for record in page]
        if token:
            body["@odata.nextLink"] = next_link(f"{self.root}/{path}", self.request.query, token)
        return answers.data(body, preferences.applied_to_set())

    def chosen(self, table: Table, records: Sequence[Record], options: Options) -> list[Record]:
        """The records that pass the filter, in the order asked for."""
        kept = list(records)
        if options.filter is not None:
            keep = parse_filter(options.filter, table, self.source, options.aliases)
            kept = [record for record in kept if keep(record)]
        return sort(kept, table, options.orderby)

    def row(self, table: Table, record: Record) -> Response:
        """One row, or 304 where the client has this version already."""
        options = parse_options(self.request.params, table, self.source)
        tag = {"ETag": answers.etag(record)} if "versionnumber" in record.values else {}
        if tag and self.request.header("if-none-match") == tag["ETag"] and not options.expand:
            return Response(304, {"OData-Version": "4.0", **tag})
        fragment = f"{answers.context_of(table.set_name, options)}/$entity"
        return answers.data(
            {"@odata.context": self._context(fragment)} | answers.row(record, options, self.source), tag
        )

    def count(self, table: Table, records: Sequence[Record]) -> Response:
        """The number of rows as plain text, capped."""
        options = parse_options(self.request.params, table, self.source)
        number = min(len(self.chosen(table, records, options)), _COUNT_LIMIT)
        return Response(200, {"Content-Type": "text/plain", "OData-Version": "4.0"}, str(number).encode())

    def references(self, records: Sequence[Record]) -> Response:
        """The addresses of rows instead of the rows."""
        links = [{"@odata.id": f"{self.root}/{record.table.set_name}({record.id})"} for record in records]
        return answers.data({"@odata.context": self._context("Collection($ref)"), "value": links})

    def _context(self, fragment: str) -> str:
        return f"{self.root}/$metadata#{fragment}"
