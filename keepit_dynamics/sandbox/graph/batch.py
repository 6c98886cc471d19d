"""``$batch``: up to twenty parts, each answered on its own, in another order (contracts/entra-and-graph.md 9.5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from keepit_dynamics.sandbox.graph.answers import GraphRefused
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["answer_batch"]

_MOST = 20


def answer_batch(request: Request, handle: Callable[[Request], Response]) -> Response:
    """Answer every part; the envelope is 200 unless it is wrong itself."""
    parts = _parts(request)
    authorization = request.header("authorization") or ""
    answers = [_answer(part, authorization, handle) for part in parts]
    return Response.of_json({"responses": answers[1:] + answers[:1]})


def _parts(request: Request) -> list[Mapping[str, Any]]:
    try:
        parts = request.json()["requests"]
    except (ValueError, KeyError, TypeError):
        raise _wrong("The batch has no requests.") from None
    if not isinstance(parts, list) or not 0 < len(parts) <= _MOST:
        raise _wrong(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    ids = [str(part.get("id", "")).lower() for part in parts]
    if "" in ids or len(set(ids)) != len(ids):
        raise _wrong("Every request needs an id of its own.")
    return parts


def _answer(part: Mapping[str, Any], authorization: str, handle: Callable[[Request], Response]) -> dict[str, Any]:
    url = str(part.get("url", ""))
    if not url.startswith("/") or url.startswith("/$batch"):
        body = {"error": {"code": "BadRequest", "message": "The url has to be relative, and no batch itself."}}
        return {"id": part["id"], "status": 400, "headers": {}, "body": body}
    headers = {str(name): str(value) for name, value in (part.get("headers") or {}).items()}
    content = b""
    if "body" in part:
        if "content-type" not in {name.lower() for name in headers}:
            body = {"error": {"code": "BadRequest", "message": "A body needs a Content-Type header."}}
            return {"id": part["id"], "status": 400, "headers": {}, "body": body}
        content = json.dumps(part["body"]).encode()
    inner = Request.from_url(
        str(part.get("method", "GET")), f"/v1.0{url}", {**headers, "authorization": authorization}, content
    )
    response = handle(inner)
    return {
        "id": part["id"],
        "status": response.status,
        "headers": {name: value for name, value in response.headers.items() if not name.startswith("x-sandbox-")},
        "body": _body(response),
    }


def _body(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body.decode("utf-8", "replace")


def _wrong(text: str) -> GraphRefused:
    return GraphRefused(400, "BadRequest", text)
