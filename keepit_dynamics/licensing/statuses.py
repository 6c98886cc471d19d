"""What the status words of plans and subscriptions mean.

`provisioningStatus` of a plan and `capabilityStatus` of a subscription share one table: the service documents
them apart, but nothing keeps a word of one list from turning up in the other.
"""

from __future__ import annotations

from typing import Final, Literal

import attrs

__all__ = ["Standing", "Why", "standing"]

Why = Literal["uncertain", "unknown-status", "pending", "disabled", "failed", "suspended", "missing", "unrelated"]
"""Why something is not a match, nearest first."""


@attrs.frozen
class Standing:
    """What one status word comes to; `why` is None for what is usable."""

    why: Why | None
    words: str
    expiring: bool = False

    @property
    def usable(self) -> bool:
        """Whether a user can work with it now."""
        return self.why is None


_STANDINGS: Final[dict[str, Standing]] = {
    "success": Standing(None, "provisioned"),
    "enabled": Standing(None, "enabled"),
    "warning": Standing(None, "in its grace period", expiring=True),
    "pendinginput": Standing("pending", "waits for the service to confirm, as it does for minutes after assignment"),
    "pendingactivation": Standing("pending", "waits for an administrator to activate it"),
    "pendingprovisioning": Standing("pending", "waits for the service to be activated in the tenant"),
    "disabled": Standing("disabled", "is switched off"),
    "error": Standing("failed", "failed to be provisioned"),
    "suspended": Standing("suspended", "is suspended"),
    "lockedout": Standing("suspended", "is cancelled and locked out"),
    "deleted": Standing("suspended", "is deleted"),
}


def standing(status: str | None) -> Standing:
    """The meaning of a status word, in any case; an undocumented or missing word is never usable."""
    if status is None or not status.strip():
        return Standing("unknown-status", "has no status")
    known = _STANDINGS.get(status.strip().casefold())
    return known or Standing("unknown-status", f"has the undocumented status {status!r}")
