"""What a watcher is told while an operation runs. Nothing secret is ever in an event."""

from __future__ import annotations

import logging

import attrs

__all__ = ["Progress", "RequestFinished", "RetryScheduled", "log_event"]

_log = logging.getLogger("keepit_dynamics")


@attrs.frozen
class RequestFinished:
    """An answer came; ``url`` shows no query values."""

    service: str
    method: str
    url: str
    status: int


@attrs.frozen
class RetryScheduled:
    """A request will be sent again after ``wait`` seconds."""

    service: str
    method: str
    url: str
    reason: str
    wait: float


@attrs.frozen
class Progress:
    """A sentence for people on what is being done."""

    text: str


def log_event(event: object) -> None:
    """Write an event to the package's logger, at debug level."""
    _log.debug("%s", event)
