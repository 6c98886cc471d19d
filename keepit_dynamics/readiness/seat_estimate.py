"""How many Dynamics seats Keepit will count, as far as the directory shows (licensing.md 7, keepit.md 16)."""

from __future__ import annotations

from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.models import DirectoryUser
from keepit_dynamics.licensing.seats import is_seat, upper_bound
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["SeatEstimate", "estimate_seats"]


@attrs.frozen
class SeatEstimate:
    """A number of seats.

    Attributes:
        counted: Seats, where every user was looked at; else None.
        at_most: An upper bound of the seats; None where there is not even that.
        limit: The account's limit at Keepit; None where there is none or it is not known.
        basis: What the numbers rest on.
    """

    counted: int | None
    at_most: int | None
    limit: int | None
    basis: str

    def to_dict(self) -> dict[str, Any]:
        """The estimate as plain JSON values."""
        return attrs.asdict(self)


def estimate_seats(snapshot: Snapshot) -> SeatEstimate:
    """Count the users where they were read, else take the bound there is."""
    limit = None if isinstance(snapshot.seat_limit, Unread) else snapshot.seat_limit
    subscribed = snapshot.directory.subscribed
    if isinstance(subscribed, Unread):
        return SeatEstimate(None, None, limit, f"Nothing: {subscribed.reason}")
    if isinstance(snapshot.seat_users, Unread):
        basis = f"Assigned licences, which count a user once for each: {snapshot.seat_users.reason}"
        return SeatEstimate(None, upper_bound(subscribed), limit, basis)
    if snapshot.seat_users.users is None:
        basis = "Enabled users with a licence that makes a seat; more than were looked at one by one."
        return SeatEstimate(None, snapshot.seat_users.count, limit, basis)
    counted = sum(_is_seat(user) for user in snapshot.seat_users.users)
    return SeatEstimate(counted, counted, limit, "Enabled users with a usable plan that makes a seat, each once.")


def _is_seat(user: DirectoryUser) -> bool:
    if user.user_type == "Guest":
        return False
    return is_seat(user.assigned_licenses or (), user.assigned_plans or ())
