"""A finding on one directory role: active and tenant-wide, direct or through a group (entra-and-graph.md 12)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.models import ROLE_TEMPLATE_IDS
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.roles import RoleStanding, Standing, role_standing
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["judge_role", "standing_of"]


def standing_of(snapshot: Snapshot, role: str) -> RoleStanding:
    """How the subject stands to a role, by the role's name."""
    user = snapshot.directory.user
    if isinstance(user, Unread) and not snapshot.subject_is_signed_in:
        return RoleStanding(Standing.UNKNOWN, cause=user.reason)
    account_id = snapshot.signed_in.object_id if isinstance(user, Unread) else user.id
    return role_standing(snapshot.directory, ROLE_TEMPLATE_IDS[role], account_id, snapshot.taken_at)


def judge_role(snapshot: Snapshot, requirement: str, role: str) -> Finding:
    """PASS when active and tenant-wide, WARN when it ends, FAIL when certainly not, else UNKNOWN."""
    held = standing_of(snapshot, role)
    evidence = _evidence(held, role)
    match held.standing:
        case Standing.ACTIVE:
            return _active(held, requirement, role, evidence)
        case Standing.ELIGIBLE:
            summary = f"{role} is only eligible, not active."
            return Finding(requirement, Status.FAIL, summary, evidence=evidence, remedy=_activate(role))
        case Standing.SCOPED:
            summary = f"{role} is held for a part of the tenant only, not for all of it."
            return Finding(requirement, Status.FAIL, summary, evidence=evidence, remedy=_assign(role))
        case Standing.NONE:
            summary = f"{role} is not assigned."
            return Finding(requirement, Status.FAIL, summary, evidence=evidence, remedy=_assign(role))
        case Standing.UNKNOWN:
            summary = f"Whether {role} is held could not be determined."
            return unknown(requirement, summary, _cause(snapshot), evidence=evidence)


def _active(held: RoleStanding, requirement: str, role: str, evidence: dict[str, Any]) -> Finding:
    if held.ends is not None:
        summary = f"{role} is active, but ends {held.ends:%Y-%m-%d %H:%M} UTC."
        return Finding(requirement, Status.WARN, summary, evidence=evidence, remedy=_permanent(role))
    if not held.end_known:
        summary = f"{role} is active; whether it ends could not be read."
        return Finding(requirement, Status.WARN, summary, evidence=evidence, remedy=_permanent(role))
    summary = f"{role} is active in the whole tenant, without an end."
    return Finding(requirement, Status.PASS, summary, evidence=evidence)


def _assign(role: str) -> Remedy:
    steps = (
        f"In the Microsoft Entra admin centre open Roles & admins > {role}.",
        "Choose Add assignments, pick the account, assignment type Active, permanently.",
        "A Privileged Role Administrator or Global Administrator may do this.",
    )
    return Remedy(f"Assign {role} to the account, active and permanent.", steps)


def _activate(role: str) -> Remedy:
    steps = (
        "In the Microsoft Entra admin centre open Identity Governance > Privileged Identity Management.",
        f"Choose Microsoft Entra roles > Assignments > {role}.",
        "Add the account as an active assignment without an end; an activation is not enough for backups.",
        "A Privileged Role Administrator or Global Administrator may do this.",
    )
    return Remedy(f"Turn the eligible assignment of {role} into an active, permanent one.", steps)


def _permanent(role: str) -> Remedy:
    step = f"In Privileged Identity Management, update the account's active assignment of {role}: no end."
    return Remedy(f"Make the assignment of {role} permanent before it ends.", (step,))


def _evidence(held: RoleStanding, role: str) -> dict[str, Any]:
    shown = {
        "role_template_id": ROLE_TEMPLATE_IDS[role],
        "standing": held.standing.value,
        "via": held.via,
        "ends": held.ends.isoformat() if held.ends else None,
        "note": held.cause,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _cause(snapshot: Snapshot) -> Unread | None:
    facts = snapshot.directory
    reads = (facts.user, facts.assignments, facts.memberships, facts.active)
    return next((fact for fact in reads if isinstance(fact, Unread)), None)
