"""The outcome of matching licences, in terms a report can show and a program can branch on."""

from __future__ import annotations

from typing import Literal

import attrs

from keepit_dynamics.licensing.statuses import Why

__all__ = ["LicenseMatch", "LicenseVerdict", "NearMiss"]


@attrs.frozen
class LicenseMatch:
    """One licence that meets the requirement.

    `item` is the wording of the requirement it meets. `by` says what decided: a service `plan`, the `sku`
    alone, or a subscription of the `tenant`. `caveats` are sentences on what may end or could not be seen.
    """

    sku_id: str
    part_number: str | None
    product: str
    family: str
    item: str
    by: Literal["plan", "sku", "tenant"]
    plan: str | None = None
    plan_status: str | None = None
    trial: bool = False
    expiring: bool = False
    caveats: tuple[str, ...] = ()


@attrs.frozen
class NearMiss:
    """One licence that does not meet the requirement, or not for certain, and why.

    `default` is the answer where only yes or no will do; it can be true only for an uncertain product.
    """

    sku_id: str
    part_number: str | None
    product: str
    why: Why
    detail: str
    plan: str | None = None
    plan_status: str | None = None
    default: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether this might be a match after all: an uncertain product, or a status nobody documents."""
        return self.why in {"uncertain", "unknown-status"}


@attrs.frozen
class LicenseVerdict:
    """Whether a user's licences meet the requirement; the best match and the nearest miss come first."""

    outcome: Literal["satisfied", "not_satisfied", "undetermined"]
    reason: str
    matches: tuple[LicenseMatch, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()

    @property
    def satisfied(self) -> bool:
        """The verdict as yes or no; what is undetermined takes the default of its uncertain licence."""
        return bool(self.matches) or any(miss.default for miss in self.near_misses)

    @property
    def expiring(self) -> bool:
        """Whether even the best match is in its grace period."""
        return bool(self.matches) and self.matches[0].expiring

    @property
    def trial(self) -> bool:
        """Whether even the best match is a trial."""
        return bool(self.matches) and self.matches[0].trial

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said although the requirement is met."""
        return self.matches[0].caveats if self.matches else ()
