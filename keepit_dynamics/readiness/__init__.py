"""Is the account ready? Facts are collected once into a snapshot; pure rules judge it."""

from __future__ import annotations

from keepit_dynamics.readiness.finding import Finding, Remedy, Status
from keepit_dynamics.readiness.report import Report, judge
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["Finding", "Remedy", "Report", "Snapshot", "Status", "judge"]
