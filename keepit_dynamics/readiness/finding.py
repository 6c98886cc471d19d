"""A finding: the verdict on one requirement for one scope, with its evidence and the way to fix it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread

__all__ = ["Finding", "Remedy", "Status", "unknown"]


class Status(StrEnum):
    """A verdict. What could not be determined is UNKNOWN, never a guess."""

    PASS = "PASS"  # noqa: S105  # a verdict
    FAIL = "FAIL"
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"


@attrs.frozen
class Remedy:
    """How to fix what a finding says: one sentence, and the steps."""

    summary: str
    steps: tuple[str, ...] = ()


@attrs.frozen
class Finding:
    """One verdict; ``environment_id`` is None for the tenant."""

    requirement: str
    status: Status
    summary: str
    environment_id: str | None = None
    evidence: Mapping[str, Any] = attrs.field(factory=dict)
    remedy: Remedy | None = None

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        remedy = None
        if self.remedy is not None:
            remedy = {"summary": self.remedy.summary, "steps": list(self.remedy.steps)}
        return {
            "requirement": self.requirement,
            "environment_id": self.environment_id,
            "status": self.status.value,
            "summary": self.summary,
            "evidence": dict(self.evidence),
            "remedy": remedy,
        }


def unknown(requirement: str, summary: str, cause: Unread | None = None, **more: Any) -> Finding:
    """An undetermined finding; the reason why a fact was not read becomes evidence and remedy."""
    evidence: dict[str, Any] = dict(more.pop("evidence", {}))
    remedy: Remedy | None = more.pop("remedy", None)
    if cause is not None:
        evidence["not_read"] = cause.reason
        if cause.needs:
            evidence["needs"] = cause.needs
            remedy = remedy or Remedy(
                f"Let the application read this: it needs {cause.needs}.",
                (f"An administrator grants {cause.needs} to the application.", "Run the check again."),
            )
    remedy = remedy or Remedy("Run the check again; if it stays so, follow the reason.")
    return Finding(requirement, Status.UNKNOWN, summary, evidence=evidence, remedy=remedy, **more)
