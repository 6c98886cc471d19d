"""Global Administrator, active and tenant-wide; and when the newer rules let it be gone (keepit.md 19)."""

from __future__ import annotations

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.role_finding import judge_role, standing_of
from keepit_dynamics.readiness.roles import Standing
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge", "judge_after_creation"]

ID = "global-administrator"
_INSTEAD = ("Dynamics 365 Administrator", "Power Platform Administrator")
_AGAIN = Remedy("Assign Global Administrator again when the connection has to be reauthenticated.")


def judge(snapshot: Snapshot) -> Finding:
    """PASS when active and tenant-wide, WARN when it ends, FAIL when certainly not, else UNKNOWN."""
    return judge_role(snapshot, ID, "Global Administrator")


def judge_after_creation(snapshot: Snapshot) -> Finding:
    """The same, but WARN where a connector exists already and two other roles stand in for it."""
    finding = judge(snapshot)
    if finding.status in {Status.PASS, Status.WARN} or snapshot.connector_exists is False:
        return finding
    standings = {role: standing_of(snapshot, role).standing for role in _INSTEAD}
    if all(standing is Standing.ACTIVE for standing in standings.values()):
        return _stood_in_for(snapshot, finding)
    if Standing.UNKNOWN in standings.values() and finding.status is Status.FAIL:
        summary = "Global Administrator is not held; whether the roles that may stand in for it are could not be read."
        return unknown(ID, summary, evidence=finding.evidence)
    return finding


def _stood_in_for(snapshot: Snapshot, finding: Finding) -> Finding:
    evidence = {**finding.evidence, "instead": list(_INSTEAD)}
    if isinstance(snapshot.connector_exists, Unread):
        summary = "Global Administrator may be gone only once a connector exists, and whether one does is not known."
        return unknown(ID, summary, snapshot.connector_exists, evidence=evidence)
    summary = f"Not held, which is allowed now that a connector exists: {' and '.join(_INSTEAD)} are."
    return Finding(ID, Status.WARN, summary, evidence=evidence, remedy=_AGAIN)
