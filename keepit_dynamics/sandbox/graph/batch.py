"""``$batch``: up to twenty parts, each answered on its own, in another order (contracts/entra-and-graph.md 9.5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from keepit_dynamics.sandbox.faults import connection_marks, wire_headers
from keepit_dynamics.sandbox.graph.answers import GraphRefused
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["answer_batch"]

_MOST = 20


def answer_batch(request: Request, handle: Callable[[Request], Response]) -> Response:
    """Answer every part; the envelope is 200 unless it is wrong itself."""
    marks: dict[str, str] = {}
    answers: dict[str, dict[str, Any]] = {}
    for part in _parts(request):
        response = _response(part, request.header("authorization") or "", answers, handle)
        marks |= connection_marks(response)
        answers[_id(part)] = {
            "id": part["id"],
            "status": response.status,
            "headers": wire_headers(response),
            "body": _body(response),
        }
    first, *others = answers.values()
    return Response.of_json({"responses": [*others, first]}, headers=marks)


def _parts(request: Request) -> list[Mapping[str, Any]]:
    try:
        parts = request.json()["requests"]
    except (ValueError, KeyError, TypeError):
        raise _wrong("The batch has no requests.") from None
    if not isinstance(parts, list) or not 0 < len(parts) <= _MOST:
        raise _wrong(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    if not all(isinstance(part, dict) and isinstance(part.get("id"), str) and part["id"] for part in parts):
        raise _wrong("Every request is an object with an id.")
    ids = [_id(part) for part in parts]
    if len(set(ids)) != len(ids):
        raise _wrong("Every request needs an id of its own.")
    for place, part in enumerate(parts):
        if not set(_prerequisites(part)) <= set(ids[:place]):
            raise _wrong(f"The request {part['id']} depends on one that does not come before it.")
    return parts


def _response(
    part: Mapping[str, Any], authorization: str, done: Mapping[str, Any], handle: Callable[[Request], Response]
) -> Response:
    if any(done[name]["status"] >= 400 for name in _prerequisites(part)):
        return _refused(424, "FailedDependency", "A request that this one depends on has failed.")
    url, headers = part.get("url"), part.get("headers") or {}
    if not isinstance(url, str) or not url.startswith("/") or url.lower().startswith("/$batch"):
        return _refused(400, "BadRequest", "The url has to be relative, and no batch itself.")
    if not isinstance(headers, dict):
        return _refused(400, "BadRequest", "The headers are an object.")
    sent = {str(name).lower(): str(value) for name, value in headers.items()}
    if "body" in part and "content-type" not in sent:
        return _refused(400, "BadRequest", "A body needs a Content-Type header.")
    body = json.dumps(part["body"]).encode() if "body" in part else b""
    method = str(part.get("method", "GET")).upper()
    return handle(Request.from_url(method, f"/v1.0{url}", {"authorization": authorization, **sent}, body))


def _id(part: Mapping[str, Any]) -> str:
    return str(part["id"]).lower()


def _prerequisites(part: Mapping[str, Any]) -> list[str]:
    names = part.get("dependsOn") or []
    return [str(name).lower() for name in names] if isinstance(names, list) else []


def _body(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body.decode("utf-8", "replace")


def _refused(status: int, code: str, text: str) -> Response:
    return Response.of_json({"error": {"code": code, "message": text}}, status)


def _wrong(text: str) -> GraphRefused:
    return GraphRefused(400, "BadRequest", text)
