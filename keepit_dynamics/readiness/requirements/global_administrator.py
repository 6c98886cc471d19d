"""An active, tenant-wide assignment of Global Administrator, direct or through a group (entra-and-graph.md 12)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.models import ROLE_TEMPLATE_IDS
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.roles import RoleStanding, Standing, role_standing
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge"]

ID = "global-administrator"
_ROLE = "Global Administrator"
_ASSIGN = Remedy(
    "Assign Global Administrator to the account, active and permanent.",
    (
        "In the Microsoft Entra admin centre open Roles & admins > Global Administrator.",
        "Choose Add assignments, pick the account, assignment type Active, permanently.",
        "A Privileged Role Administrator or Global Administrator may do this.",
    ),
)
_ACTIVATE = Remedy(
    "Turn the eligible assignment into an active, permanent one.",
    (
        "In the Microsoft Entra admin centre open Identity Governance > Privileged Identity Management.",
        "Choose Microsoft Entra roles > Assignments > Global Administrator.",
        "Add the account as an active assignment without an end; an activation is not enough for backups.",
        "A Privileged Role Administrator or Global Administrator may do this.",
    ),
)
_PERMANENT = Remedy(
    "Make the assignment permanent before it ends.",
    ("In Privileged Identity Management, update the account's active assignment of Global Administrator: no end.",),
)


def judge(snapshot: Snapshot) -> Finding:
    """PASS when active and tenant-wide, WARN when it ends, FAIL when certainly not, else UNKNOWN."""
    user = snapshot.directory.user
    if isinstance(user, Unread) and not snapshot.subject_is_signed_in:
        return unknown(ID, "The account could not be read, so its roles are not known.", user)
    account_id = snapshot.signed_in.object_id if isinstance(user, Unread) else user.id
    held = role_standing(snapshot.directory, ROLE_TEMPLATE_IDS[_ROLE], account_id, snapshot.taken_at)
    evidence = _evidence(held)
    match held.standing:
        case Standing.ACTIVE:
            return _active(held, evidence)
        case Standing.ELIGIBLE:
            summary = f"{_ROLE} is only eligible, not active."
            return Finding(ID, Status.FAIL, summary, evidence=evidence, remedy=_ACTIVATE)
        case Standing.SCOPED:
            summary = f"{_ROLE} is held for a part of the tenant only, not for all of it."
            return Finding(ID, Status.FAIL, summary, evidence=evidence, remedy=_ASSIGN)
        case Standing.NONE:
            return Finding(ID, Status.FAIL, f"{_ROLE} is not assigned.", evidence=evidence, remedy=_ASSIGN)
        case Standing.UNKNOWN:
            return unknown(ID, f"Whether {_ROLE} is held could not be determined.", _cause(snapshot), evidence=evidence)


def _active(held: RoleStanding, evidence: dict[str, Any]) -> Finding:
    if held.ends is not None:
        summary = f"{_ROLE} is active, but ends {held.ends:%Y-%m-%d %H:%M} UTC."
        return Finding(ID, Status.WARN, summary, evidence=evidence, remedy=_PERMANENT)
    if not held.end_known:
        summary = f"{_ROLE} is active; whether it ends could not be read."
        return Finding(ID, Status.WARN, summary, evidence=evidence, remedy=_PERMANENT)
    return Finding(ID, Status.PASS, f"{_ROLE} is active in the whole tenant, without an end.", evidence=evidence)


def _evidence(held: RoleStanding) -> dict[str, Any]:
    shown = {
        "role_template_id": ROLE_TEMPLATE_IDS[_ROLE],
        "standing": held.standing.value,
        "via": held.via,
        "ends": held.ends.isoformat() if held.ends else None,
        "note": held.cause,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _cause(snapshot: Snapshot) -> Unread | None:
    facts = snapshot.directory
    unread = (fact for fact in (facts.assignments, facts.memberships, facts.active) if isinstance(fact, Unread))
    return next(unread, None)
