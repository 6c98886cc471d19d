"""Dynamics 365 Administrator, active and tenant-wide: the newer rules want it from the start (keepit.md 19)."""

from __future__ import annotations

from keepit_dynamics.readiness.finding import Finding
from keepit_dynamics.readiness.role_finding import judge_role
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge"]

ID = "dynamics-administrator"


def judge(snapshot: Snapshot) -> Finding:
    """PASS when active and tenant-wide, WARN when it ends, FAIL when certainly not, else UNKNOWN."""
    return judge_role(snapshot, ID, "Dynamics 365 Administrator")
