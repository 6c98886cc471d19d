"""Graph's refusals as this package's errors (contracts/entra-and-graph.md 9.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics.errors import PermissionDeniedError, ResponseError, ServiceError, ThrottledError

__all__ = ["graph_error"]


def graph_error(response: HttpResponse, *, read: str, needs: str | None = None) -> ResponseError:
    """The error for an answer that is no success.

    Args:
        response: The answer.
        read: What was asked for, in words.
        needs: The least-privileged permission for it, named where it was refused.
    """
    code, message, request_id = _parts(response)
    details: dict[str, Any] = {
        "service": "graph",
        "status": response.status,
        "code": code,
        "request_id": request_id or response.headers.get("request-id"),
    }
    said = f"{response.status}{f' {code}' if code else ''}{f': {message}' if message else ''}"
    if response.status in {401, 403}:
        wanted = f" It needs {needs}, and a role that may read it." if needs else ""
        return PermissionDeniedError(
            f"Microsoft Graph does not let {read} be read ({said}).{wanted}",
            needs=needs,
            hint=f"An administrator can grant {needs} to the application." if needs else "",
            **details,
        )
    if response.status == 429:
        wait = response.headers.get("retry-after", "")
        return ThrottledError(
            f"Microsoft Graph wants fewer requests ({said}).",
            retry_after=float(wait) if wait.isdigit() else None,
            hint="Wait and try again.",
            **details,
        )
    return ServiceError(f"Microsoft Graph could not give {read} ({said}).", hint="Try again later.", **details)


def _parts(response: HttpResponse) -> tuple[str | None, str, str | None]:
    try:
        error = json.loads(response.text)["error"]
    except (ValueError, KeyError, TypeError):
        return None, "", None
    if not isinstance(error, Mapping):
        return None, "", None
    inner = error.get("innerError") or error.get("innererror") or {}
    request_id = inner.get("request-id") if isinstance(inner, Mapping) else None
    message = redact_text(str(error.get("message") or "").splitlines()[0]) if error.get("message") else ""
    return error.get("code") or None, message[:200], request_id
