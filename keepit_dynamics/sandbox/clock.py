"""The sandbox's own time: it follows the machine's clock until somebody moves it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """A clock that can be set and moved forward; all times are aware and in UTC."""

    def __init__(self, start: datetime | None = None, *, ticking: bool = True) -> None:
        self._ticking = ticking
        self._lock = threading.Lock()
        self._real: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._offset = (start - self._real()) if start is not None else timedelta()
        self._frozen = start or self._real()

    def now(self) -> datetime:
        """The sandbox's present."""
        with self._lock:
            return self._real() + self._offset if self._ticking else self._frozen

    def advance(self, by: timedelta) -> None:
        """Move time forward."""
        with self._lock:
            self._offset += by
            self._frozen += by
