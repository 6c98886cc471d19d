"""The journal: every request that arrived, without anything secret, so that tests can count and measure."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import attrs

__all__ = ["Journal", "Record", "round_trips"]


@attrs.frozen
class Record:
    """One request; ``started`` and ``ended`` are seconds of a monotonic clock."""

    service: str
    method: str
    path: str
    status: int
    started: float
    ended: float


class Journal:
    """Requests in the order in which they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Write a record."""
        with self._lock:
            self._records.append(record)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._records.clear()

    def requests(self, service: str | None = None) -> list[Record]:
        """All records, or those of one service."""
        with self._lock:
            return [record for record in self._records if service in {None, record.service}]

    def depth(self) -> int:
        """How many round trips followed one after the other."""
        return round_trips(self.requests())


def round_trips(records: Iterable[Record]) -> int:
    """The longest chain of requests of which each started after the one before had ended."""
    best: list[tuple[float, int]] = []
    deepest = 0
    for record in sorted(records, key=lambda one: one.started):
        before = max((depth for ended, depth in best if ended <= record.started), default=0)
        best.append((record.ended, before + 1))
        deepest = max(deepest, before + 1)
    return deepest
