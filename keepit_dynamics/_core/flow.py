"""Flows: an operation written once, without I/O and without a clock.

A flow is a generator. It yields *effects*, says what it wants done, and gets the outcome back; its return
value is the operation's. A driver does what the effects say (``_core/drivers.py``). Inside a flow the
functions below are used with ``yield from``, so that every outcome is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import attrs

from keepit_dynamics._core.http import HttpRequest, HttpResponse

__all__ = [
    "Call",
    "Effect",
    "Emit",
    "Flow",
    "Gather",
    "Now",
    "Send",
    "Sleep",
    "call",
    "emit",
    "gather",
    "now",
    "send",
    "sleep",
]

T = TypeVar("T")


@attrs.frozen
class Send:
    """One exchange over HTTP; the outcome is the answer, whatever its status."""

    request: HttpRequest


@attrs.frozen
class Sleep:
    """Wait for some seconds."""

    seconds: float


@attrs.frozen
class Now:
    """The present as an aware time in UTC."""


@attrs.frozen
class Call:
    """Call a function that may block."""

    function: Callable[[], Any]


@attrs.frozen
class Gather:
    """Run flows together, at most ``limit`` at once; the outcome is their values in order."""

    flows: Sequence[Generator[Any, Any, Any]]
    limit: int


@attrs.frozen
class Emit:
    """Tell whoever watches what is going on."""

    event: Any


Effect: TypeAlias = Send | Sleep | Now | Call | Gather | Emit
Flow: TypeAlias = Generator[Effect, Any, T]


def send(request: HttpRequest) -> Flow[HttpResponse]:
    """Exchange one request for its answer; raises TransportError where none comes."""
    response: HttpResponse = yield Send(request)
    return response


def sleep(seconds: float) -> Flow[None]:
    """Wait."""
    yield Sleep(seconds)


def now() -> Flow[datetime]:
    """The present, aware, in UTC."""
    time: datetime = yield Now()
    return time


def call(function: Callable[[], T]) -> Flow[T]:
    """Call a function that may block; an async driver does so in a worker thread."""
    value: T = yield Call(function)
    return value


def gather(flows: Sequence[Flow[T]], *, limit: int) -> Flow[list[T]]:
    """Run flows together and return their values in order.

    All run to their end; then the first error, in the order of the flows, is raised.
    """
    values: list[T] = yield Gather(flows, limit)
    return values


def emit(event: Any) -> Flow[None]:
    """Report progress."""
    yield Emit(event)
