"""Refusals as the token endpoint words them (contracts/entra-and-graph.md 5.4 and 6)."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Refused", "refusal"]


class Refused(Exception):  # noqa: N818  # an answer of the service, not an error of the sandbox
    """The service says no."""

    def __init__(self, error: str, code: int, text: str, *, suberror: str | None = None, status: int = 400) -> None:
        super().__init__(text)
        self.error = error
        self.code = code
        self.text = text
        self.suberror = suberror
        self.status = status

    def with_claims(self) -> bool:
        """Whether a new sign-in could settle it, so that claims say what it has to satisfy."""
        return self.suberror == "basic_action"


def refusal(refused: Refused, request: Request, present: datetime) -> Response:
    """The answer's body: the description has line breaks in it, and ``claims`` is JSON in a text."""
    correlation_id = request.header("client-request-id") or str(uuid.uuid4())
    trace_id, timestamp = str(uuid.uuid4()), f"{present:%Y-%m-%d %H:%M:%SZ}"
    lines = (
        f"AADSTS{refused.code}: {refused.text}",
        f"Trace ID: {trace_id}",
        f"Correlation ID: {correlation_id}",
        f"Timestamp: {timestamp}",
    )
    body: dict[str, Any] = {
        "error": refused.error,
        "error_description": "\r\n".join(lines),
        "error_codes": [refused.code],
        "timestamp": timestamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
    }
    if refused.suberror:
        body["suberror"] = refused.suberror
    if refused.with_claims():
        values = {"essential": True, "values": [str(uuid.uuid4())]}
        body["claims"] = json.dumps({"access_token": {"capolids": values}})
    return Response.of_json(body, refused.status, {"Cache-Control": "no-store"})
