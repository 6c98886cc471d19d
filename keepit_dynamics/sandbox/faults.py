"""Faults: what goes wrong, and when (interfaces.md 5). Each entry spoils the next matching requests."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from keepit_dynamics.sandbox.wire import Response

__all__ = [
    "CONNECTION_KINDS",
    "Fault",
    "Faults",
    "connection_fault",
    "connection_marks",
    "held_back_seconds",
    "load_faults",
    "parse_faults",
    "wire_headers",
]

SERVICES = frozenset({"graph", "entra", "discovery", "admin", "dataverse", "keepit"})
CONNECTION_KINDS = frozenset({"reset", "timeout", "truncate", "slow"})
"""Kinds that the doors carry out; the header says which."""
_MARK = "x-sandbox-"
_FAULT, _SECONDS = f"{_MARK}fault", f"{_MARK}seconds"
_KINDS = CONNECTION_KINDS | {"status", "garbage", "empty", "html", "oversize"}
_OVERSIZE = 80 * 1024 * 1024


def _pattern(text: str | None) -> re.Pattern[str]:
    return re.compile(text or "")


@attrs.frozen
class Fault:
    """One entry: which requests, how many of them, before or after the service acts, and what goes wrong."""

    service: str = attrs.field(validator=attrs.validators.in_(SERVICES))
    kind: str = attrs.field(validator=attrs.validators.in_(_KINDS))
    method: str | None = None
    path: re.Pattern[str] = attrs.field(default=None, converter=_pattern)
    times: int = attrs.field(default=1, validator=attrs.validators.instance_of(int))
    when: str = attrs.field(default="before", validator=attrs.validators.in_({"before", "after"}))
    status: int = attrs.field(default=500, validator=attrs.validators.instance_of(int))
    headers: dict[str, str] = attrs.field(factory=dict, validator=attrs.validators.instance_of(dict))
    body: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    seconds: float = attrs.field(default=1.0, converter=float)

    def matches(self, service: str, method: str, path_and_query: str) -> bool:
        """Whether a request is meant."""
        return (
            service == self.service and self.method in {None, method} and self.path.search(path_and_query) is not None
        )

    def answer(self, good: Response | None) -> Response:
        """The spoilt answer; ``good`` is what the service said, where it acted."""
        match self.kind:
            case "status":
                return Response(self.status, dict(self.headers), self.body.encode())
            case "garbage":
                return Response(200, {"Content-Type": "application/json"}, b"\x00\xff{]not the promised format")
            case "empty":
                return Response(200, {})
            case "html":
                return Response.of_text("<!doctype html><html><body>Proxy</body></html>", media_type="text/html")
            case "oversize":
                return Response(200, {"Content-Type": "application/json"}, b" " * _OVERSIZE)
            case _:
                base = good or Response(200, {"Content-Type": "application/json"}, b"{}")
                marks = {_FAULT: self.kind, _SECONDS: str(self.seconds)}
                return attrs.evolve(base, headers={**base.headers, **marks})


def connection_fault(answer: Response) -> str | None:
    """What a door does to the connection instead of, or before, giving this answer."""
    return answer.headers.get(_FAULT)


def connection_marks(answer: Response) -> dict[str, str]:
    """The headers that say so; those of a batch's part hold for the whole batch."""
    return {name: value for name, value in answer.headers.items() if name.startswith(_MARK)}


def held_back_seconds(answer: Response) -> float:
    """How long a door holds this answer back."""
    return float(answer.headers[_SECONDS]) if connection_fault(answer) == "slow" else 0.0


def wire_headers(answer: Response) -> dict[str, str]:
    """The headers that a client gets to see."""
    return {name: value for name, value in answer.headers.items() if not name.startswith(_MARK)}


class Faults:
    """The entries that are left."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._left = [(fault, fault.times) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Add an entry."""
        with self._lock:
            self._left.append((fault, fault.times))

    def clear(self) -> None:
        """Drop all entries."""
        with self._lock:
            self._left.clear()

    def apply(self, service: str, method: str, path_and_query: str, act: Callable[[], Response]) -> Response:
        """Let the service act, unless a fault comes before; spoil its answer where one comes after."""
        fault = self._take(service, method, path_and_query)
        if fault is None:
            return act()
        if fault.when == "after" or fault.kind == "slow":
            return fault.answer(act())
        return fault.answer(None)

    def _take(self, service: str, method: str, path_and_query: str) -> Fault | None:
        with self._lock:
            for place, (fault, times) in enumerate(self._left):
                if times > 0 and fault.matches(service, method, path_and_query):
                    self._left[place] = (fault, times - 1)
                    return fault
        return None


def parse_faults(data: Any) -> tuple[Fault, ...]:
    """Read a faults file's JSON value; raises ValueError that names the entry."""
    if not isinstance(data, list):
        raise ValueError("A faults file is a JSON list.")  # noqa: TRY004  # bad input, one class
    return tuple(_parse(entry, place) for place, entry in enumerate(data))


def load_faults(path: str | Path) -> tuple[Fault, ...]:
    """Read a faults file; raises ValueError or OSError where it cannot be read."""
    return parse_faults(json.loads(Path(path).read_text(encoding="utf-8")))


def _parse(entry: Any, place: int) -> Fault:
    try:
        return Fault(**entry)
    except (TypeError, ValueError, re.error) as error:
        raise ValueError(f"Entry {place} of the faults file cannot be used: {error}") from error
