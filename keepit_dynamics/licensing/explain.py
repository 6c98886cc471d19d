"""What the catalogue holds on one SKU, for people who ask why it counts or not."""

from __future__ import annotations

from typing import Literal

import attrs

from keepit_dynamics.licensing.catalogue import Catalogue, Plan, Sku, default_catalogue

__all__ = ["Explanation", "explain"]


@attrs.frozen
class Explanation:
    """The verdict on a SKU as such, before any plan of a real licence is looked at.

    `verdict` is `unknown` for a SKU outside the catalogue: a licence of it counts only through its plans.
    `item` is the wording of the requirement it falls under, `plans` the service plans that carry the verdict.
    """

    asked: str
    verdict: Literal["satisfies", "does_not", "uncertain", "unknown"]
    reason: str
    sku: Sku | None = None
    item: str | None = None
    plans: tuple[Plan, ...] = ()


def explain(sku: str, *, catalogue: Catalogue | None = None) -> Explanation:
    """Explain a SKU named by identifier or exact part number, in any case.

    Example:
        >>> explain("D365_SALES_PRO").verdict
        'satisfies'
    """
    known = catalogue or default_catalogue()
    found = known.sku(sku)
    if found is None:
        reason = "Not in the catalogue: a licence of it counts only through service plans that are."
        return Explanation(sku, "unknown", reason)
    plans = (known.plan(plan_id) for plan_id in found.plans)
    return Explanation(
        asked=sku,
        verdict=found.verdict,
        reason=found.reason,
        sku=found,
        item=known.items.get(found.family) if found.verdict == "satisfies" else None,
        plans=tuple(plan for plan in plans if plan),
    )
