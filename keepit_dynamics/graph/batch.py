"""Many reads in one request: JSON batching, with what was throttled sent again.

The rules: contracts/entra-and-graph.md 9.5 and 15.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from keepit_dynamics._core.convert import json_of
from keepit_dynamics._core.flow import Flow, now, sleep
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.retry import RETRYABLE_STATUSES, retry_after
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.errors import ProtocolError
from keepit_dynamics.graph.errors import graph_error

__all__ = ["Part", "send_batch"]

_MOST_PARTS = 20


@attrs.frozen
class Part:
    """One read of a batch; ``url`` is relative to the version root."""

    id: str
    url: str
    method: str = "GET"
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: Any = None

    def to_wire(self) -> dict[str, Any]:
        """The part as Graph wants it."""
        wire: dict[str, Any] = {"id": self.id, "method": self.method, "url": self.url}
        headers = dict(self.headers)
        if self.body is not None:
            wire["body"] = self.body
            headers["Content-Type"] = "application/json"
        return {**wire, "headers": headers} if headers else wire


def send_batch(sender: BearerSender, parts: Sequence[Part]) -> Flow[dict[str, HttpResponse]]:
    """Read all parts; the answer of each stands under its id.

    All parts are reads (getMemberObjects changes nothing either), so a batch may be sent again, and parts
    that were throttled or failed for the moment are, after the longest ``Retry-After``.

    Raises:
        ResponseError: Graph refused the batch as a whole.
        ProtocolError: The answer is no batch answer, or lacks a part.
    """
    answers: dict[str, HttpResponse] = {}
    waiting = list(parts)
    for attempt in range(1, sender.policy.attempts + 1):
        answers |= yield from _send_once(sender, waiting)
        waiting = [part for part in waiting if answers[part.id].status in RETRYABLE_STATUSES]
        if not waiting or attempt == sender.policy.attempts:
            break
        present = yield from now()
        asked = [retry_after(answers[part.id], present) or 0.0 for part in waiting]
        wait = max(*asked, sender.policy.base * 2.0 ** (attempt - 1))
        if wait > sender.policy.longest:
            break
        yield from sleep(wait)
    return answers


def _send_once(sender: BearerSender, parts: Sequence[Part]) -> Flow[dict[str, HttpResponse]]:
    if len(parts) > _MOST_PARTS:
        raise ValueError(f"A batch holds at most {_MOST_PARTS} parts.")
    request = HttpRequest(
        "graph",
        "POST",
        f"{sender.endpoints.graph}/v1.0/$batch",
        {"Content-Type": "application/json", "Accept": "application/json"},
        json.dumps({"requests": [part.to_wire() for part in parts]}).encode(),
    )
    response = yield from sender.send(request, scope=sender.endpoints.graph_scope)
    if not response.ok:
        raise graph_error(response, read="the directory")
    answers = read_answers(json_of(response, service="graph"))
    missing = [part.id for part in parts if part.id not in answers]
    if missing:
        raise ProtocolError(
            f"Graph's batch answer lacks the parts {', '.join(missing)}.",
            service="graph",
            problems=tuple(missing),
        )
    return answers


def read_answers(data: Any) -> dict[str, HttpResponse]:
    """The answers of a batch by id, in whatever order they came."""
    responses = data.get("responses") if isinstance(data, Mapping) else None
    if not isinstance(responses, list):
        raise ProtocolError(
            "Graph's batch answer has no list of responses.",
            service="graph",
            problems=("expected a list @ $.responses",),
        )
    return {str(item["id"]): _part_answer(item, place) for place, item in enumerate(responses) if _has_id(item, place)}


def _has_id(item: Any, place: int) -> bool:
    if not isinstance(item, Mapping) or "id" not in item or not isinstance(item.get("status"), int):
        problem = f"expected an object with id and status @ $.responses[{place}]"
        raise ProtocolError("A part of Graph's batch answer has no id or status.", service="graph", problems=(problem,))
    return True


def _part_answer(item: Mapping[str, Any], place: int) -> HttpResponse:
    headers = item.get("headers") or {}
    if not isinstance(headers, Mapping):
        problem = f"expected an object @ $.responses[{place}].headers"
        raise ProtocolError("A part of Graph's batch answer has no headers.", service="graph", problems=(problem,))
    body = json.dumps(item.get("body")).encode()
    return HttpResponse(item["status"], {str(name): str(value) for name, value in headers.items()}, body)
