"""The journal: what has been done of a plan. A later run compares anew and goes on from there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

__all__ = ["Entry", "Journal"]


@attrs.frozen
class Entry:
    """One step that was carried out, or that failed."""

    action: str
    summary: str
    at: datetime
    outcome: str

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return {**attrs.asdict(self), "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ")}


@attrs.frozen
class Journal:
    """What was done for one connector; nothing secret is in it."""

    name: str
    connector_id: str | None = None
    entries: tuple[Entry, ...] = ()

    def noted(self, entry: Entry) -> Journal:
        """The journal with one more entry."""
        return attrs.evolve(self, entries=(*self.entries, entry))

    def of(self, connector_id: str) -> Journal:
        """The journal, now that the connector is known."""
        return attrs.evolve(self, connector_id=connector_id)

    def to_dict(self) -> dict[str, Any]:
        """The journal as plain JSON values."""
        entries = [entry.to_dict() for entry in self.entries]
        return {"name": self.name, "connector_id": self.connector_id, "entries": entries}
