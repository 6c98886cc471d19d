"""How many Dynamics seats Keepit will count, beside the account's limit: over it is a warning."""

from __future__ import annotations

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.seat_estimate import estimate_seats
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge"]

ID = "seats"
_MORE_SEATS = Remedy(
    "Have the seat limit raised, or remove licences that nobody needs.",
    ("Ask your Keepit partner or account manager for more Dynamics 365 seats; over the limit, backups stop.",),
)
_KEEPIT = Remedy(
    "Give a Keepit token that may read the account's resources.",
    ("Set KEEPIT_TOKEN_NAME and KEEPIT_TOKEN_SECRET, and the region.", "Run the check again."),
)


def judge(snapshot: Snapshot) -> Finding:
    """PASS within the limit or without one, WARN over it, UNKNOWN where the numbers do not settle it."""
    estimate = estimate_seats(snapshot)
    evidence = estimate.to_dict()
    if estimate.at_most is None:
        subscribed = snapshot.directory.subscribed
        cause = subscribed if isinstance(subscribed, Unread) else None
        return unknown(ID, "How many seats there are could not be read.", cause, evidence=evidence)
    if isinstance(snapshot.seat_limit, Unread):
        summary = "The account's seat limit at Keepit could not be read."
        return unknown(ID, summary, snapshot.seat_limit, evidence=evidence, remedy=_KEEPIT)
    number = f"{estimate.at_most}" if estimate.counted is not None else f"at most {estimate.at_most}"
    if estimate.limit is None:
        return Finding(ID, Status.PASS, f"{number} seats; the account has no limit.", evidence=evidence)
    if estimate.at_most <= estimate.limit:
        summary = f"{number} seats, within the limit of {estimate.limit}."
        return Finding(ID, Status.PASS, summary, evidence=evidence)
    if estimate.counted is None:
        cause = snapshot.seat_users if isinstance(snapshot.seat_users, Unread) else None
        summary = f"{number} seats, and a limit of {estimate.limit}: whether it is kept could not be determined."
        return unknown(ID, summary, cause, evidence=evidence)
    summary = f"{number} seats, over the limit of {estimate.limit}."
    return Finding(ID, Status.WARN, summary, evidence=evidence, remedy=_MORE_SEATS)
