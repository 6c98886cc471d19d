"""What an environment's answer says about the account's way in (contracts/dataverse.md 4.5)."""

from __future__ import annotations

from enum import StrEnum

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.dataverse.access import EnvironmentAccess
from keepit_dynamics.dataverse.errors import RefusalReason
from keepit_dynamics.readiness.finding import Remedy
from keepit_dynamics.readiness.snapshot import EnvironmentFacts

__all__ = ["Entry", "entry_of", "reach_first"]


class Entry(StrEnum):
    """How far the account gets."""

    OPEN = "open"
    NO_USER = "no user"
    DISABLED_USER = "disabled user"
    NO_ROLE = "no role"
    CLOSED = "closed"
    UNKNOWN = "unknown"


_BY_REASON = {
    RefusalReason.NOT_A_MEMBER: Entry.NO_USER,
    RefusalReason.USER_DISABLED: Entry.DISABLED_USER,
    RefusalReason.NO_PRIVILEGE: Entry.NO_ROLE,
    RefusalReason.ENVIRONMENT_DISABLED: Entry.CLOSED,
    RefusalReason.ADMINISTRATION_MODE: Entry.CLOSED,
}


def entry_of(access: EnvironmentAccess, *, subject_is_signed_in: bool) -> Entry:
    """Judge the answer; a refusal that the contract does not explain is UNKNOWN.

    A refusal is about the account that asked: of another subject it says nothing. Nor does an empty answer,
    unless the one who asked sees every row.
    """
    if access.refusal is not None:
        reason = access.refusal.reason
        entry = Entry.UNKNOWN if reason is None else _BY_REASON[reason]
        return entry if subject_is_signed_in or entry is Entry.CLOSED else Entry.UNKNOWN
    if isinstance(access.user, Unread) or access.user is None:
        return Entry.UNKNOWN
    return Entry.DISABLED_USER if access.user.disabled else Entry.OPEN


def reach_first(environment: EnvironmentFacts) -> Remedy | None:
    """The remedy for what cannot be known of an environment because the account does not get in."""
    if environment.access is not None:
        return None
    return Remedy("See to the environment's access first; then this can be read.", ("Run the check again.",))
