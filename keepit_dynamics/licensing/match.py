"""Do a user's licences meet the requirement? Pure: licences in, verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from keepit_dynamics._core.convert import structure
from keepit_dynamics.graph.licenses import LicenseDetail, SubscribedSku
from keepit_dynamics.licensing.catalogue import Catalogue, Sku, default_catalogue, normalised
from keepit_dynamics.licensing.rows import NEARNESS, judge_row, under_subscription
from keepit_dynamics.licensing.statuses import Standing, standing
from keepit_dynamics.licensing.verdict import LicenseMatch, LicenseVerdict, NearMiss

__all__ = ["match"]

T = TypeVar("T")


def match(
    details: Iterable[LicenseDetail | Mapping[str, Any]],
    *,
    subscribed: Iterable[SubscribedSku | Mapping[str, Any]] | None = None,
    catalogue: Catalogue | None = None,
) -> LicenseVerdict:
    """Judge the licences of one user.

    Any licence that satisfies is enough; others neither help nor harm. Only when none does are the tenant's
    own subscriptions looked at, for products that are held by the tenant and normally on no user.

    Args:
        details: The user's `licenseDetails`, as the service sent them or as facts.
        subscribed: The tenant's `subscribedSkus`; None where they could not be read: then nothing is
            known against a licence from its subscription.
        catalogue: What the SKUs and plans mean; the Dynamics 365 one unless given.

    Raises:
        ValueError: A mapping does not have the form the service documents.

    Example:
        >>> match([{"skuId": "1e1a282c-9c54-43a2-9310-98ef728faace"}]).outcome
        'satisfied'
    """
    known = catalogue or default_catalogue()
    subscriptions = _facts(subscribed or (), SubscribedSku)
    judged: set[LicenseMatch | NearMiss] = {
        under_subscription(judge_row(row, known), _subscription(row.sku_id, subscriptions))
        for row in _facts(details, LicenseDetail)
    }
    if not any(isinstance(one, LicenseMatch) for one in judged):
        judged.update(_held_by_tenant(subscriptions, known))
    return _verdict(judged, known)


def _facts(items: Iterable[T | Mapping[str, Any]], kind: type[T]) -> tuple[T, ...]:
    return tuple(item if isinstance(item, kind) else structure(item, kind) for item in items)


def _subscription(sku_id: str, subscriptions: Iterable[SubscribedSku]) -> Standing | None:
    """The best state among the subscriptions of one SKU; None where no state is told."""
    wanted = normalised(sku_id)
    told = [
        standing(one.capability_status)
        for one in subscriptions
        if normalised(one.sku_id) == wanted and one.capability_status
    ]
    return min(told, key=_nearness, default=None)


def _nearness(state: Standing) -> int:
    return NEARNESS.index(state.why) if state.why else -1 if state.expiring else -2


def _held_by_tenant(subscriptions: Sequence[SubscribedSku], catalogue: Catalogue) -> Iterable[LicenseMatch | NearMiss]:
    for one in subscriptions:
        sku = catalogue.sku(one.sku_id, one.sku_part_number)
        if sku and sku.tenant_level and sku.verdict == "satisfies":
            state = _subscription(one.sku_id, subscriptions) or standing(None)
            yield under_subscription(_tenant_match(one, sku, catalogue), state)


def _tenant_match(one: SubscribedSku, sku: Sku, catalogue: Catalogue) -> LicenseMatch:
    return LicenseMatch(
        sku_id=one.sku_id,
        part_number=one.sku_part_number or sku.part_number,
        product=sku.product,
        family=sku.family,
        item=catalogue.items.get(sku.family, sku.family),
        by="tenant",
        trial=sku.trial,
    )


def _verdict(judged: Iterable[LicenseMatch | NearMiss], catalogue: Catalogue) -> LicenseVerdict:
    matches = sorted((one for one in judged if isinstance(one, LicenseMatch)), key=_match_order)
    misses = sorted((one for one in judged if isinstance(one, NearMiss)), key=_miss_order)
    if matches:
        return LicenseVerdict("satisfied", _met(matches[0]), tuple(matches), tuple(misses))
    doubtful = bool(misses) and misses[0].doubtful
    reason = _not_met(misses[0] if misses else None, catalogue)
    return LicenseVerdict("undetermined" if doubtful else "not_satisfied", reason, (), tuple(misses))


def _match_order(one: LicenseMatch) -> tuple[object, ...]:
    return (one.expiring, one.trial, len(one.caveats), repr(one))


def _miss_order(one: NearMiss) -> tuple[object, ...]:
    return (NEARNESS.index(one.why), not one.default, repr(one))


def _met(best: LicenseMatch) -> str:
    if best.by == "tenant":
        return f"Covered by a tenant-level licence: {best.product}, which counts as {best.item}."
    return f"{best.product} counts as {best.item}."


def _not_met(nearest: NearMiss | None, catalogue: Catalogue) -> str:
    if nearest is None:
        return f"No licence is assigned; {catalogue.requirement} is needed."
    if nearest.why == "unrelated":
        return f"None of the assigned licences is {catalogue.requirement}. {nearest.product}: {nearest.detail}"
    if nearest.why == "unknown-status":
        return f"Whether {nearest.product} can be used is unknown. {nearest.detail}"
    if nearest.why == "uncertain":
        return f"Whether {nearest.product} counts as {catalogue.requirement} is uncertain. {nearest.detail}"
    return f"{nearest.product} cannot be used now. {nearest.detail}"
