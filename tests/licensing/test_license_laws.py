"""Laws of matching that hold for any set of licences."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import TypeVar

import attrs
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics.graph.licenses import LicenseDetail, ServicePlan, SubscribedSku
from keepit_dynamics.licensing import default_catalogue, match

T = TypeVar("T")

CATALOGUE = default_catalogue()
STATUSES = ["Success", "Warning", "PendingInput", "Disabled", "Error", "Suspended", "Novel"]
SKU_IDS = [sku.id for sku in CATALOGUE.skus if sku.id]
PLAN_IDS = [plan.id for plan in CATALOGUE.plans if plan.id]
CARRIERS = {plan.id for plan in CATALOGUE.plans if plan.role == "identifying"}
UNRELATED = LicenseDetail(
    "c7df2760-2c81-4ef7-b578-5b5392b571df",
    "ENTERPRISEPREMIUM",
    (ServicePlan("5dbe027f-2339-4123-9542-606e4d348a72", "SHAREPOINTENTERPRISE", "Success"),),
)

skus = st.sampled_from(SKU_IDS) | st.uuids().map(str)
plans = st.builds(ServicePlan, st.sampled_from(PLAN_IDS) | st.uuids().map(str), st.none(), st.sampled_from(STATUSES))
rows = st.builds(LicenseDetail, skus, st.none(), st.none() | st.lists(plans, max_size=5).map(tuple))
licences = st.lists(rows, max_size=4)
subscriptions = st.lists(st.builds(SubscribedSku, skus, st.none(), st.sampled_from(["Enabled", *STATUSES])), max_size=4)


@given(licences, subscriptions, st.randoms(use_true_random=False))
def test_order_never_matters(rows: list[LicenseDetail], tenant: list[SubscribedSku], random: Random) -> None:
    """Licences, plans and subscriptions in any order give the same verdict, to the last word."""

    def shuffled(items: Iterable[T]) -> list[T]:
        return sorted(items, key=lambda _: random.random())

    other = [
        attrs.evolve(row, service_plans=row.service_plans and tuple(shuffled(row.service_plans)))
        for row in shuffled(rows)
    ]
    assert match(other, subscribed=shuffled(tenant)) == match(rows, subscribed=tenant)


@given(licences, subscriptions)
def test_an_unrelated_licence_changes_nothing(rows: list[LicenseDetail], tenant: list[SubscribedSku]) -> None:
    """Neither for nor against: outcome, matches and warnings stay."""
    before, after = match(rows, subscribed=tenant), match([*rows, UNRELATED], subscribed=tenant)
    assert (after.outcome, after.satisfied, after.matches) == (
        before.outcome,
        before.satisfied,
        before.matches,
    )


@given(licences, subscriptions)
def test_duplicates_change_nothing(rows: list[LicenseDetail], tenant: list[SubscribedSku]) -> None:
    """A licence told twice is one licence."""
    assert match(rows * 2, subscribed=tenant * 2) == match(rows, subscribed=tenant)


@given(licences, rows, subscriptions)
def test_another_licence_never_takes_a_yes_away(
    rows: list[LicenseDetail], more: LicenseDetail, tenant: list[SubscribedSku]
) -> None:
    """What satisfies goes on satisfying, whatever is added."""
    if match(rows, subscribed=tenant).outcome == "satisfied":
        assert match([*rows, more], subscribed=tenant).outcome == "satisfied"


@given(licences, subscriptions)
def test_the_case_of_identifiers_never_matters(rows: list[LicenseDetail], tenant: list[SubscribedSku]) -> None:
    """Upper-case identifiers, statuses and all, give the same outcome."""

    def upper(plan: ServicePlan) -> ServicePlan:
        return ServicePlan(plan.id.upper(), plan.name, (plan.provisioning_status or "").upper())

    loud = [
        LicenseDetail(
            row.sku_id.upper(),
            None,
            None if row.service_plans is None else tuple(map(upper, row.service_plans)),
        )
        for row in rows
    ]
    before, after = match(rows, subscribed=tenant), match(loud, subscribed=tenant)
    assert (after.outcome, after.satisfied) == (before.outcome, before.satisfied)


@given(st.lists(st.builds(LicenseDetail, skus, st.none(), st.lists(plans, min_size=1, max_size=5).map(tuple))))
def test_without_a_usable_identifying_plan_nothing_known_satisfies(rows: list[LicenseDetail]) -> None:
    """With every plan that identifies an app switched off, a licence that lists one is never a match."""
    disabled = [
        attrs.evolve(
            row,
            service_plans=tuple(
                attrs.evolve(plan, provisioning_status="Disabled") if plan.id in CARRIERS else plan
                for plan in row.service_plans or ()
            ),
        )
        for row in rows
    ]
    listing = [row for row in disabled if any(plan.id in CARRIERS for plan in row.service_plans or ())]
    assert match(listing).outcome != "satisfied"


@given(licences, subscriptions)
def test_outcome_and_answer_agree(rows: list[LicenseDetail], tenant: list[SubscribedSku]) -> None:
    """Satisfied is yes, not satisfied is no, and only doubt has a default; a reason is always there."""
    verdict = match(rows, subscribed=tenant)
    assert verdict.reason
    if verdict.outcome != "undetermined":
        assert verdict.satisfied == (verdict.outcome == "satisfied") == bool(verdict.matches)
    else:
        assert verdict.near_misses[0].doubtful
        assert verdict.matches == ()
