"""Does an account hold a directory role? The decision of contracts/entra-and-graph.md 12.4, as a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.client import DirectoryFacts
from keepit_dynamics.graph.models import RoleScheduleInstance

__all__ = ["RoleStanding", "Standing", "role_standing"]

_NO_PIM = "AadPremiumLicenseRequired"


class Standing(StrEnum):
    """How an account stands to a role."""

    ACTIVE = "active"
    ELIGIBLE = "eligible"
    SCOPED = "scoped"
    NONE = "none"
    UNKNOWN = "unknown"


@attrs.frozen
class RoleStanding:
    """How an account stands to a role, and by what.

    Attributes:
        standing: Active and tenant-wide, eligible only, held in a smaller scope only, not held, or unknown.
        via: What showed it (``direct``, ``group <id>``, ``schedule``, ``membership``), or None.
        ends: When an active assignment ends; None is permanent, or not known.
        end_known: Whether ``ends`` can be trusted.
        cause: Why it is unknown, or why only part of it is known.
    """

    standing: Standing
    via: str | None = None
    ends: datetime | None = None
    end_known: bool = True
    cause: str | None = None


def role_standing(facts: DirectoryFacts, template_id: str, account_id: str, present: datetime) -> RoleStanding:
    """Judge from what was read; what was not read never becomes a yes or a no."""
    via = _held_via(facts, template_id, account_id, present)
    if via is not None:
        return _active(facts, template_id, via, present)
    if _in_members(facts, template_id):
        if isinstance(facts.assignments, Unread):
            return _active(facts, template_id, "membership", present)
        return RoleStanding(
            Standing.UNKNOWN,
            cause="Memberships and role assignments disagree: the directory is changing. Ask again in a minute.",
        )
    if not isinstance(facts.assignments, Unread) and not isinstance(facts.memberships, Unread):
        return _not_active(facts, template_id, account_id)
    if _denied_by_the_rest(facts):
        return RoleStanding(Standing.NONE, cause="Role assignments could not be read; memberships show none.")
    unread = [fact.reason for fact in (facts.assignments, facts.memberships) if isinstance(fact, Unread)]
    return RoleStanding(Standing.UNKNOWN, cause=" ".join(unread))


def _held_via(facts: DirectoryFacts, template_id: str, account_id: str, present: datetime) -> str | None:
    rows = () if isinstance(facts.assignments, Unread) else facts.assignments
    holders = [_lower(row.principal_id) for row in rows if _is(row.role_definition_id, template_id) and row.tenant_wide]
    if _lower(account_id) in holders:
        return "direct"
    groups = _memberships(facts)
    for holder in holders:
        if holder in groups:
            return f"group {holder}"
    return "schedule" if _schedules(facts.active, template_id, present) else None


def _active(facts: DirectoryFacts, template_id: str, via: str, present: datetime) -> RoleStanding:
    if isinstance(facts.active, Unread):
        no_pim = facts.active.code == _NO_PIM
        return RoleStanding(Standing.ACTIVE, via, end_known=no_pim, cause=None if no_pim else facts.active.reason)
    rows = _schedules(facts.active, template_id, present)
    if not rows:
        # Group-derived rows may not show; without any row there is nothing that says whether it ends.
        return RoleStanding(Standing.ACTIVE, via, end_known=False, cause="No schedule shows whether it ends.")
    ends = [row.end for row in rows]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return RoleStanding(Standing.ACTIVE, via)
    return RoleStanding(Standing.ACTIVE, via, max(known))


def _not_active(facts: DirectoryFacts, template_id: str, account_id: str) -> RoleStanding:
    eligible = () if isinstance(facts.eligible, Unread) else facts.eligible
    mine = [row for row in eligible if _is(row.role_definition_id, template_id)]
    if any(row.tenant_wide for row in mine):
        return RoleStanding(Standing.ELIGIBLE, ends=max((row.end for row in mine if row.end), default=None))
    assigned = () if isinstance(facts.assignments, Unread) else facts.assignments
    principals = {_lower(account_id), *_memberships(facts)}
    scoped = [
        row for row in assigned if _is(row.role_definition_id, template_id) and _lower(row.principal_id) in principals
    ]
    if scoped or mine:
        return RoleStanding(Standing.SCOPED, via=scoped[0].directory_scope_id if scoped else None)
    no_pim = isinstance(facts.eligible, Unread) and facts.eligible.code != _NO_PIM
    return RoleStanding(Standing.NONE, cause="Whether it is eligible could not be read." if no_pim else None)


def _denied_by_the_rest(facts: DirectoryFacts) -> bool:
    """Rule 6: roles and memberships complete, and the schedules answered without the role."""
    if any(isinstance(fact, Unread) for fact in (facts.roles, facts.memberships, facts.active)):
        return False
    # Without the permission, roles come with empty templates: such a list says nothing.
    return not isinstance(facts.roles, Unread) and all(role.role_template_id for role in facts.roles)


def _in_members(facts: DirectoryFacts, template_id: str) -> bool:
    roles = () if isinstance(facts.roles, Unread) else facts.roles
    own = {_lower(role.id) for role in roles if role.role_template_id and _is(role.role_template_id, template_id)}
    return bool(own & _memberships(facts))


def _memberships(facts: DirectoryFacts) -> set[str]:
    return set() if isinstance(facts.memberships, Unread) else {_lower(member) for member in facts.memberships}


def _schedules(
    rows: Sequence[RoleScheduleInstance] | Unread, template_id: str, present: datetime
) -> list[RoleScheduleInstance]:
    if isinstance(rows, Unread):
        return []
    return [row for row in rows if _is(row.role_definition_id, template_id) and row.tenant_wide and row.covers(present)]


def _is(left: str, right: str) -> bool:
    return _lower(left) == _lower(right)


def _lower(text: str) -> str:
    return text.lower()
