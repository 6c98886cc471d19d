"""Graph's answers: objects, errors and pages (contracts/entra-and-graph.md 9.2, 9.3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import attrs

from keepit_dynamics.sandbox.wire import Request, Response

__all__ = [
    "GraphRefused",
    "denied",
    "error_answer",
    "identified",
    "no_segment",
    "not_found",
    "object_answer",
    "page_answer",
    "page_size",
    "selected",
]

_PAGE, _MOST = 100, 999


class GraphRefused(Exception):  # noqa: N818  # an answer of the service, not an error of the sandbox
    """Graph says no."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


def denied() -> GraphRefused:
    """A scope, or the right to read, is missing."""
    return GraphRefused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def not_found(key: str) -> GraphRefused:
    """There is no such object."""
    text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    return GraphRefused(404, "Request_ResourceNotFound", text)


def no_segment(segment: str) -> GraphRefused:
    """There is no such route."""
    return GraphRefused(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def error_answer(refused: GraphRefused, request: Request, present: datetime) -> Response:
    """An error body; the ids in it are those of the headers."""
    ids = _ids_of(request)
    inner = {"date": f"{present:%Y-%m-%dT%H:%M:%S}", **ids}
    body = {"error": {"code": refused.code, "message": refused.text, "innerError": inner}}
    challenge = {"WWW-Authenticate": 'Bearer realm=""'} if refused.status == 401 else {}
    return Response.of_json(body, refused.status, ids | challenge)


def identified(answer: Response, request: Request) -> Response:
    """The answer with the ids that every one carries."""
    return attrs.evolve(answer, headers=_ids_of(request) | answer.headers)


def object_answer(data: Mapping[str, Any]) -> Response:
    """One object; unknown annotations are mixed in, as the service does."""
    return Response.of_json({"@odata.context": "$metadata", **data})


def page_answer(
    rows: Sequence[Any], request: Request, base: str, *, size: int | None = None, count: int | None = None
) -> Response:
    """A collection, in pages of ``size``; the count comes on the first page only."""
    skip = _skipped(request)
    page = rows[skip : skip + size] if size else rows
    body: dict[str, Any] = {"@odata.context": f"{base}/v1.0/$metadata"}
    if count is not None and skip == 0:
        body["@odata.count"] = count
    if size and skip + size < len(rows):
        kept = "&".join(part for part in request.query.split("&") if part and "skiptoken" not in part)
        link = f"{base}{quote(request.path, safe='/$()=,%')}?{kept}{'&' if kept else ''}$skiptoken={skip + size}"
        body["@odata.nextLink"] = link
    return Response.of_json({**body, "value": page})


def page_size(request: Request) -> int:
    """Rows on a page, by ``$top``."""
    top = request.params.get("$top")
    if top is None:
        return _PAGE
    if not top.isdecimal() or not 1 <= int(top) <= _MOST:
        text = f"Invalid page size specified: '{top}'. Must be between 1 and {_MOST} inclusive."
        raise GraphRefused(400, "Request_BadRequest", text)
    return int(top)


def selected(row: Mapping[str, Any], request: Request, default: Iterable[str] = ()) -> dict[str, Any]:
    """The members that ``$select`` asks for, else the default ones, else all; types are always named."""
    asked = [name.strip() for name in request.params.get("$select", "").split(",") if name.strip()]
    wanted = asked or list(default) or list(row)
    return {name: value for name, value in row.items() if name in wanted or name.startswith("@odata.")}


def _skipped(request: Request) -> int:
    token = request.params.get("$skiptoken", "0")
    if not token.isdecimal():
        raise GraphRefused(400, "Request_BadRequest", "The skip token is not valid.")
    return int(token)


def _ids_of(request: Request) -> dict[str, str]:
    client = request.header("client-request-id") or str(uuid.uuid4())
    return {"request-id": str(uuid.uuid4()), "client-request-id": client}
