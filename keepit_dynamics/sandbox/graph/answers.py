"""Graph's answers: objects, errors and pages (contracts/entra-and-graph.md 9.2, 9.3)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["GraphRefused", "error_answer", "object_answer", "page_answer", "selected"]


class GraphRefused(Exception):  # noqa: N818  # an answer of the service, not an error of the sandbox
    """Graph says no."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


def ids_of(request: Request) -> dict[str, str]:
    """The headers that every answer carries."""
    client = request.header("client-request-id") or str(uuid.uuid4())
    return {"request-id": str(uuid.uuid4()), "client-request-id": client}


def error_answer(refused: GraphRefused, request: Request, present: datetime) -> Response:
    """An error body."""
    ids = ids_of(request)
    inner = {"date": f"{present:%Y-%m-%dT%H:%M:%S}", **ids}
    body = {"error": {"code": refused.code, "message": refused.text, "innerError": inner}}
    headers = dict(ids)
    if refused.status == 401:
        headers["WWW-Authenticate"] = (
            'Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize"'
        )
    return Response.of_json(body, refused.status, headers)


def object_answer(data: Mapping[str, Any], request: Request) -> Response:
    """One object; unknown annotations are mixed in, as the service does."""
    return Response.of_json({"@odata.context": "$metadata", **data}, headers=ids_of(request))


def page_answer(
    rows: Sequence[Any], request: Request, base: str, *, size: int | None = None, count: int | None = None
) -> Response:
    """A collection, in pages of ``size``; the count comes on the first page only."""
    skip = int(request.params.get("$skiptoken", "0") or 0)
    page = rows[skip : skip + size] if size else rows
    body: dict[str, Any] = {"@odata.context": f"{base}/v1.0/$metadata"}
    if count is not None and skip == 0:
        body["@odata.count"] = count
    if size and skip + size < len(rows):
        kept = "&".join(part for part in request.query.split("&") if part and "skiptoken" not in part)
        link = f"{base}{quote(request.path, safe='/$()=,%')}?{kept}{'&' if kept else ''}$skiptoken={skip + size}"
        body["@odata.nextLink"] = link
    return Response.of_json({**body, "value": page}, headers=ids_of(request))


def selected(row: Mapping[str, Any], request: Request, default: Sequence[str]) -> dict[str, Any]:
    """The members that ``$select`` asks for, else the default ones."""
    wanted = [name.strip() for name in request.params.get("$select", "").split(",") if name.strip()] or list(default)
    return {name: row.get(name) for name in wanted if name in row}
