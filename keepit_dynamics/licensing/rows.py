"""One licence of a user, judged by the catalogue: a match, or a near miss with its reason."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from keepit_dynamics.graph.licenses import LicenseDetail, ServicePlan
from keepit_dynamics.licensing.catalogue import Catalogue, Plan, Sku
from keepit_dynamics.licensing.statuses import Standing, Why, standing
from keepit_dynamics.licensing.verdict import LicenseMatch, NearMiss

__all__ = ["NEARNESS", "judge_row", "under_subscription"]

NEARNESS: tuple[Why, ...] = (
    "uncertain",
    "unknown-status",
    "pending",
    "disabled",
    "failed",
    "suspended",
    "missing",
    "unrelated",
)
"""Doubt first, so that it is never hidden by a clear miss beside it; then by how near the cure is."""


@attrs.frozen
class _Carried:
    """A service plan of the row, what the catalogue knows of it, and what its status comes to."""

    told: ServicePlan
    known: Plan | None
    standing: Standing

    @property
    def role(self) -> str:
        return self.known.role if self.known else "stranger"

    @property
    def name(self) -> str:
        return (self.known and self.known.name) or self.told.name or self.told.id


def judge_row(row: LicenseDetail, catalogue: Catalogue) -> LicenseMatch | NearMiss:
    """Judge one licence by its own plans, whatever its subscription."""
    return _Row(row, catalogue).judged()


def under_subscription(judged: LicenseMatch | NearMiss, subscription: Standing | None) -> LicenseMatch | NearMiss:
    """The same, given the state of the subscription that pays for it; None where that is not told.

    Both have to be usable; of two reasons against it, the one that is harder to cure stands.
    """
    if subscription is None:
        return judged
    if subscription.why:
        if isinstance(judged, NearMiss) and NEARNESS.index(judged.why) >= NEARNESS.index(subscription.why):
            return judged
        detail = f"Its subscription {subscription.words}."
        return NearMiss(judged.sku_id, judged.part_number, judged.product, subscription.why, detail)
    if subscription.expiring and isinstance(judged, LicenseMatch):
        caveat = f"The subscription of {judged.product} is {subscription.words}."
        return attrs.evolve(judged, expiring=True, caveats=(*judged.caveats, caveat))
    return judged


class _Row:
    """The rules for one licence, each a method; they read from `judged` downwards."""

    def __init__(self, row: LicenseDetail, catalogue: Catalogue) -> None:
        self._row = row
        self._catalogue = catalogue
        self._sku: Sku | None = catalogue.sku(row.sku_id, row.sku_part_number)
        carried = (
            _Carried(told, catalogue.plan(told.id, told.name), standing(told.provisioning_status))
            for told in row.service_plans or ()
        )
        self._plans = sorted(carried, key=self._order)

    def _order(self, plan: _Carried) -> tuple[object, ...]:
        """The plans that bear the name of the product first, so that evidence reads as one expects."""
        foreign = not (self._sku and plan.known and plan.known.family == self._sku.family)
        return (foreign, plan.name, repr(plan.told))

    def judged(self) -> LicenseMatch | NearMiss:
        if self._sku and self._sku.verdict == "does_not":
            return self._miss("unrelated", self._sku.reason)
        if not self._plans:
            return self._by_sku_alone()
        identifying = self._of("identifying")
        usable = [plan for plan in identifying if plan.standing.usable]
        if usable:
            return self._match(min(usable, key=lambda plan: plan.standing.expiring))
        if self._sku and self._sku.verdict == "satisfies":
            return self._unusable(identifying) if identifying else self._drifted(self._sku)
        return self._uncertain(identifying)

    def _by_sku_alone(self) -> LicenseMatch | NearMiss:
        if self._sku is None:
            return self._miss("unrelated", "It is not in the catalogue, and its service plans are not told.")
        if self._sku.verdict == "uncertain":
            return self._miss("uncertain", self._sku.reason, default=self._sku.default)
        return self._match(None, f"The service plans of {self._product} are not told: plan status unknown.")

    def _drifted(self, sku: Sku) -> LicenseMatch | NearMiss:
        """A satisfying SKU without any plan known to carry it: perhaps a newer generation of plans."""
        strangers = self._of("stranger")
        if not strangers:
            return self._miss("missing", "None of its own service plans is in the licence.")
        if not any(plan.standing.usable for plan in strangers):
            return self._unusable(strangers)
        if sku.plans and self._of("companion", "uncertain"):
            return self._miss("uncertain", "Its service plans are not those the catalogue lists for it.")
        return self._match(None, f"The service plans of {sku.product} are not those the catalogue lists.")

    def _uncertain(self, identifying: tuple[_Carried, ...]) -> NearMiss:
        """An uncertain SKU, or an unknown one without a usable identifying plan."""
        carriers = self._of("uncertain")
        if self._sku and not carriers:
            carriers = self._of("stranger")
        usable = [plan for plan in carriers if plan.standing.usable]
        if usable:
            default = self._sku.default if self._sku else any(plan.known and plan.known.default for plan in usable)
            return self._miss("uncertain", self._doubt(usable[0]), usable[0], default=default)
        if identifying or carriers:
            return self._unusable((*identifying, *carriers))
        if self._sku:
            return self._miss("missing", "None of its own service plans is in the licence.")
        return self._miss("unrelated", "It carries no service plan that counts.")

    def _unusable(self, plans: Iterable[_Carried]) -> NearMiss:
        nearest = min(plans, key=lambda plan: NEARNESS.index(plan.standing.why or "missing"))
        why = nearest.standing.why or "missing"
        return self._miss(why, f"Its service plan {nearest.name} {nearest.standing.words}.", nearest)

    def _doubt(self, plan: _Carried) -> str:
        if self._sku:
            return self._sku.reason
        return f"The licence is not in the catalogue, and its service plan {plan.name} proves no named product."

    def _match(self, plan: _Carried | None, caveat: str = "") -> LicenseMatch:
        """By one of its plans, or without any by the SKU; `caveat` says what could not be seen."""
        proof = self._proof(plan)
        expiring = bool(plan and plan.standing.expiring)
        caveats = (
            caveat,
            f"{self._product} is a trial: when it ends, the licence is gone." if proof.trial else "",
            f"The service plan {plan.name} is {plan.standing.words}." if plan and expiring else "",
        )
        return LicenseMatch(
            sku_id=self._row.sku_id,
            part_number=self._part_number,
            product=self._product,
            family=proof.family,
            item=self._catalogue.items.get(proof.family, proof.family),
            by="plan" if plan else "sku",
            plan=plan.name if plan else None,
            plan_status=plan.told.provisioning_status if plan else None,
            trial=proof.trial,
            expiring=expiring,
            caveats=tuple(filter(None, caveats)),
        )

    def _proof(self, plan: _Carried | None) -> Sku | Plan:
        """What names family and trial: the SKU where it satisfies, else the plan that does."""
        if self._sku and self._sku.verdict == "satisfies":
            return self._sku
        return (plan and plan.known) or Plan()

    def _miss(self, why: Why, detail: str, plan: _Carried | None = None, *, default: bool = False) -> NearMiss:
        return NearMiss(
            sku_id=self._row.sku_id,
            part_number=self._part_number,
            product=self._product,
            why=why,
            detail=detail,
            plan=plan.name if plan else None,
            plan_status=plan.told.provisioning_status if plan else None,
            default=default,
        )

    @property
    def _part_number(self) -> str | None:
        return self._row.sku_part_number or (self._sku.part_number if self._sku else None)

    @property
    def _product(self) -> str:
        return (self._sku and self._sku.product) or self._part_number or self._row.sku_id

    def _of(self, *roles: str) -> tuple[_Carried, ...]:
        return tuple(plan for plan in self._plans if plan.role in roles)
