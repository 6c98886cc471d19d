"""Retention: how long a snapshot is kept, an ISO 8601 period or unlimited (contracts/keepit.md 7.3 and 15)."""

from __future__ import annotations

import re
from typing import ClassVar, Self

import attrs

from keepit_dynamics.errors import ConfigurationError

__all__ = ["Retention"]

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_DAYS = (365, 30, 7, 1)
"""Days in a year, month, week and day, as Keepit's own client counts when it compares."""


@attrs.frozen
class Retention:
    """A period of years, months, weeks and days; ``period`` is None for unlimited."""

    UNLIMITED: ClassVar[Retention]

    period: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``P3Y``, ``P1Y6M``, ``P2W``, ``P30D`` … or ``unlimited``.

        Raises:
            ConfigurationError: It is no such period, has a time part, or is nothing at all.
        """
        wanted = text.strip()
        if wanted.casefold() == "unlimited":
            return cls(None)
        found = _PERIOD.fullmatch(wanted.upper())
        if found is None or not any(found.groups()):
            raise ConfigurationError(
                f"{text!r} is not a retention.",
                hint="Give a period of years, months, weeks or days (P3Y, P6M, P2W, P30D), or 'unlimited'.",
            )
        if not any(int(number) for number in found.groups() if number):
            raise ConfigurationError(f"A retention of {text!r} would keep nothing.", hint="Give a longer period.")
        return cls(wanted.upper())

    @property
    def days(self) -> int | None:
        """The length in days, counting years as 365 and months as 30; None for unlimited."""
        if self.period is None:
            return None
        found = _PERIOD.fullmatch(self.period)
        assert found is not None  # noqa: S101  # parse has checked
        return sum(int(number or 0) * length for number, length in zip(found.groups(), _DAYS, strict=True))

    def longer_than(self, other: Retention) -> bool:
        """Whether it keeps longer than another."""
        if other.days is None:
            return False
        return self.days is None or self.days > other.days

    def same_as(self, wire: str | None) -> bool:
        """Whether a period as Keepit writes it (None: none of its own) is as long."""
        if wire is None or self.days is None:
            return wire is None and self.days is None
        try:
            return Retention.parse(wire).days == self.days
        except ConfigurationError:
            return False

    def __str__(self) -> str:
        return self.period or "unlimited"


Retention.UNLIMITED = Retention(None)
