"""Which users make a Dynamics 365 seat. A local count is an estimate: the service has the last word.

A seat is a user of Sales, Customer Service, Field Service, Project Service Automation or Marketing, once,
however many of them. That is another question than whether a licence meets the connector's requirement.
"""

from __future__ import annotations

from collections.abc import Iterable

from keepit_dynamics.graph.licenses import AssignedLicense, AssignedPlan, SubscribedSku
from keepit_dynamics.licensing.catalogue import Catalogue, Sku, default_catalogue, normalised
from keepit_dynamics.licensing.statuses import standing

__all__ = ["is_seat", "seat_skus", "upper_bound"]


def seat_skus(subscribed: Iterable[SubscribedSku], catalogue: Catalogue | None = None) -> tuple[SubscribedSku, ...]:
    """The tenant's SKUs whose users are seats, of which units are assigned.

    A SKU outside the catalogue belongs to them when it carries a service plan of a counted app.
    """
    known = catalogue or default_catalogue()
    return tuple(one for one in subscribed if (one.consumed_units or 0) > 0 and _makes_seats(one, known))


def upper_bound(subscribed: Iterable[SubscribedSku], catalogue: Catalogue | None = None) -> int:
    """The most seats there can be: assigned units, which count a user once for each licence."""
    return sum(one.consumed_units or 0 for one in seat_skus(subscribed, catalogue))


def is_seat(
    user_licenses: Iterable[AssignedLicense],
    plans: Iterable[AssignedPlan],
    catalogue: Catalogue | None = None,
) -> bool:
    """Whether one enabled user, no guest, is a seat.

    A plan says nothing of the licence it came with, so one that an uncounted licence explains does not count:
    Team Members carry the Field Service plan.

    Args:
        user_licenses: The user's `assignedLicenses`.
        plans: The user's `assignedPlans`.
        catalogue: What the SKUs and plans mean; the Dynamics 365 one unless given.
    """
    known = catalogue or default_catalogue()
    licenses = tuple(user_licenses)
    usable = {normalised(one.service_plan_id) for one in plans if standing(one.capability_status).usable}
    return any(_counts(plan_id, licenses, known) for plan_id in usable)


def _makes_seats(one: SubscribedSku, catalogue: Catalogue) -> bool:
    sku = catalogue.sku(one.sku_id, one.sku_part_number)
    if sku:
        return bool(sku.seat_for)
    carried = (catalogue.plan(plan.id, plan.name) for plan in one.service_plans or ())
    return any(plan.seat for plan in carried if plan)


def _counts(plan_id: str, licenses: Iterable[AssignedLicense], catalogue: Catalogue) -> bool:
    plan = catalogue.plan(plan_id)
    if plan is None or not plan.seat:
        return False
    carriers = _carriers(plan_id, licenses, catalogue)
    return not carriers or any(sku.seat_for for sku in carriers)


def _carriers(plan_id: str, licenses: Iterable[AssignedLicense], catalogue: Catalogue) -> list[Sku]:
    """The licences that give the user this plan, as far as the catalogue knows."""
    on = (one for one in licenses if plan_id not in map(normalised, one.disabled_plans))
    known = (catalogue.sku(one.sku_id) for one in on)
    return [sku for sku in known if sku and plan_id in map(normalised, sku.plans)]
