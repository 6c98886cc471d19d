"""Word the answers of the Web API: headers, contexts, rows and errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from keepit_dynamics.sandbox.powerplatform.odata.filters import parse_filter
from keepit_dynamics.sandbox.powerplatform.odata.model import Record, Source
from keepit_dynamics.sandbox.powerplatform.odata.options import Expand, Options
from keepit_dynamics.sandbox.powerplatform.odata.sorting import sort
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.wire import Response

__all__ = ["context_of", "data", "error", "etag", "no_content", "row"]

_VERSION = {"OData-Version": "4.0"}
_JSON = _VERSION | {"Content-Type": "application/json; odata.metadata=minimal"}


def data(value: Any, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(200, _JSON | (headers or {}), json.dumps(value, ensure_ascii=False).encode())


def no_content(headers: dict[str, str] | None = None) -> Response:
    """The answer to a change without a representation."""
    return Response(204, _VERSION | (headers or {}))


def error(refused: Refused, *, annotated: bool = False) -> Response:
    """An error's answer; help texts come with it when annotations were asked for."""
    body: dict[str, Any] = refused.wrapped()
    if annotated:
        body["error"] |= {
            "@Microsoft.PowerApps.CDS.HelpLink": "http://go.microsoft.com/fwlink/?LinkID=398563",
            "@Microsoft.PowerApps.CDS.TraceText": "",
            "@Microsoft.PowerApps.CDS.InnerError.Message": refused.message,
        }
    return Response(refused.status, dict(_JSON), json.dumps(body, ensure_ascii=False).encode())


def etag(record: Record) -> str:
    """A row's version as an etag."""
    return f'W/"{record.values["versionnumber"]}"'


def context_of(set_name: str, options: Options) -> str:
    """The fragment of ``@odata.context`` that names a set with its columns."""
    parts = [*(options.select or ())]
    parts += [f"{expand.navigation.name}({','.join(expand.select or ())})" for expand in options.expand]
    return f"{set_name}({','.join(parts)})" if parts else set_name


def row(record: Record, options: Options, source: Source, root: str | None = None) -> dict[str, Any]:
    """A record as JSON with its expanded relationships; ``root`` adds the links beside collections."""
    shown = _columns(record, options.select)
    for expand in options.expand:
        name = expand.navigation.name
        others = [_columns(other, expand.select) for other in _expanded(record, expand, source)]
        if not expand.navigation.is_collection:
            shown[name] = others[0] if others else None
            continue
        shown[name] = others
        if root is not None:
            address = f"{root}/{record.table.set_name}({record.id})/{name}"
            # The link comes even when the collection is complete, and leads to the same rows.
            shown[f"{name}@odata.nextLink"] = f"{address}?{quote(expand.text, safe='$=,()&')}".rstrip("?")
    return shown


def _expanded(record: Record, expand: Expand, source: Source) -> Sequence[Record]:
    others = list(source.related(record, expand.navigation))
    if expand.filter is not None:
        keep = parse_filter(expand.filter, source.table(expand.navigation.target), source)
        others = [other for other in others if keep(other)]
    others = sort(others, source.table(expand.navigation.target), expand.orderby)
    return others if expand.top is None else others[: expand.top]


def _columns(record: Record, select: tuple[str, ...] | None) -> dict[str, Any]:
    """The etag, the selected columns, and the keys whether selected or not."""
    tag = {"@odata.etag": etag(record)} if "versionnumber" in record.values else {}
    if select is None:
        return tag | dict(record.values)
    return tag | {name: record.values[name] for name in dict.fromkeys([*select, *record.table.always])}
