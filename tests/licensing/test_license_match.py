"""The rules of matching one user's licences, each on the smallest tenant that shows it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from keepit_dynamics.graph.licenses import LicenseDetail, ServicePlan
from keepit_dynamics.licensing import LicenseVerdict, default_catalogue, explain, match
from keepit_dynamics.licensing.catalogue import Plan, Sku, power_platform_catalogue

SALES = "1e1a282c-9c54-43a2-9310-98ef728faace"
SALES_PLAN = "2da8e897-7791-486b-b08f-cc63c8129df7"
SALES_TRIAL = "6ec92958-3cc1-49db-95bd-bc6b3798df71"
SALES_TRIAL_PLAN = "7f636c80-0961-41b2-94da-9642ccf02de0"
SERVICE_CHAT = "7d7af6c2-0be6-46df-84d1-c181b0272909"
CE_PLAN = "ea126fc5-a19e-42e2-a731-da9d437bffcf"
CE_PLAN_P1 = "d56f3deb-50d8-465a-bedb-f079817ccac1"
DYNAMICS_PLAN = "549c4efe-09a2-462b-9393-9b57dfdea76b"
GUIDES_PLAN = "0b2c029c-dca0-454a-a336-887285d6ef07"
TEAM_MEMBERS = "7ac9fe77-66b7-4e5e-9e46-10eed1cff547"
TEAM_MEMBERS_PLAN = "4092fdb5-8d81-41d3-be76-aaba4074530b"
FIELD_SERVICE_PLAN = "8c66ef8a-177f-4c0d-853c-d4f219331d09"
MARKETING_APP = "00b861da-8087-4e30-beb8-8db3c6d9581e"
MARKETING_USER = "4b32a493-9a67-4649-8eb9-9fc5a5f75c12"
MARKETING_USER_PLAN = "5d7a6abc-eebd-46ab-96e1-e4a2f54a2248"
JOURNEYS = "1720c3f7-7da3-4a11-8324-92aad283eb68"
REMOTE_ASSIST = "7a551360-26c4-4f61-84e6-ef715673e083"
OFFICE = "c7df2760-2c81-4ef7-b578-5b5392b571df"
EXCHANGE_PLAN = "113feb6c-3fe4-4440-bddc-54d774bf0318"
COMPANION_PLAN = "874fc546-6efe-4d22-90b8-5c4e7aa59f4b"
STRANGER = "00000000-0000-4000-8000-000000000001"
STRANGE_PLAN = "00000000-0000-4000-8000-000000000002"


def licensed(sku_id: str, *plans: tuple[str, str], part_number: str | None = None) -> LicenseDetail:
    """A licence with plans of the identifiers and statuses given."""
    return LicenseDetail(sku_id, part_number, tuple(ServicePlan(plan, None, status) for plan, status in plans))


def subscription(sku_id: str, status: str | None) -> dict[str, Any]:
    """A subscription as Microsoft Graph sends it."""
    return {"skuId": sku_id, "skuPartNumber": None, "capabilityStatus": status, "consumedUnits": 1}


def whys(verdict: LicenseVerdict) -> list[str]:
    """Why each near miss missed, nearest first."""
    return [miss.why for miss in verdict.near_misses]


@pytest.mark.parametrize(
    ("status", "outcome", "why"),
    [
        ("Success", "satisfied", None),
        ("success", "satisfied", None),
        ("Enabled", "satisfied", None),
        ("Warning", "satisfied", None),
        ("PendingInput", "not_satisfied", "pending"),
        ("PENDINGACTIVATION", "not_satisfied", "pending"),
        ("PendingProvisioning", "not_satisfied", "pending"),
        ("Disabled", "not_satisfied", "disabled"),
        ("Error", "not_satisfied", "failed"),
        ("Suspended", "not_satisfied", "suspended"),
        ("LockedOut", "not_satisfied", "suspended"),
        ("Deleted", "not_satisfied", "suspended"),
        ("Succeeded", "undetermined", "unknown-status"),
        ("", "undetermined", "unknown-status"),
    ],
)
def test_each_plan_status_has_one_meaning(status: str, outcome: str, why: str | None) -> None:
    """Only documented words decide; any other leaves the licence undetermined, and never a yes."""
    verdict = match([licensed(SALES, (SALES_PLAN, status))])
    assert verdict.outcome == outcome
    assert verdict.satisfied == (outcome == "satisfied")
    assert whys(verdict) == ([why] if why else [])


def test_a_match_says_which_licence_counts_as_what() -> None:
    """The match names product, family, the item of the requirement, and the plan that decided."""
    found = match([licensed(SALES, (SALES_PLAN, "Success"))]).matches[0]
    assert (found.product, found.family, found.item) == (
        "Dynamics 365 for Sales Enterprise Edition",
        "Sales",
        "Sales",
    )
    assert (found.by, found.plan, found.plan_status) == ("plan", "DYN365_ENTERPRISE_SALES", "Success")
    assert found.part_number == "DYN365_ENTERPRISE_SALES"


def test_the_plan_named_is_the_products_own() -> None:
    """Team Members carry Field Service too; the evidence names the plan of Team Members."""
    carried = [(FIELD_SERVICE_PLAN, "Success"), (TEAM_MEMBERS_PLAN, "Success")]
    found = match([licensed(TEAM_MEMBERS, *carried)]).matches[0]
    assert (found.family, found.plan) == ("Team Members", "DYN365_TEAM_MEMBERS")


@pytest.mark.parametrize(
    ("status", "waits_for"),
    [
        ("PendingActivation", "administrator"),
        ("PendingProvisioning", "tenant"),
        ("PendingInput", "service to confirm"),
    ],
)
def test_a_pending_plan_says_what_it_waits_for(status: str, waits_for: str) -> None:
    """The cure of a pending plan depends on the word, so the reason has it."""
    assert waits_for in match([licensed(SALES, (SALES_PLAN, status))]).reason


def test_a_plan_in_grace_expires() -> None:
    """A plan in Warning is usable, and the verdict says that it ends."""
    verdict = match([licensed(SALES, (SALES_PLAN, "Warning"))])
    assert (verdict.outcome, verdict.expiring, len(verdict.warnings)) == ("satisfied", True, 1)


def test_a_trial_satisfies_with_a_warning() -> None:
    """A trial counts until a full licence beside it makes its end harmless."""
    trial = licensed(SALES_TRIAL, (SALES_TRIAL_PLAN, "Success"))
    alone = match([trial])
    assert (alone.outcome, alone.trial, len(alone.warnings)) == ("satisfied", True, 1)
    both = match([trial, licensed(SALES, (SALES_PLAN, "Success"))])
    assert (both.outcome, both.trial, both.warnings) == ("satisfied", False, ())


def test_a_trial_plan_in_an_unknown_sku_is_a_trial() -> None:
    """Where the SKU says nothing, the plan tells that it is a trial."""
    assert match([licensed(STRANGER, (SALES_TRIAL_PLAN, "Success"))]).trial


def test_guid_decides_before_part_number() -> None:
    """A known identifier is believed against any part number; an unknown one falls back to it."""
    chat = LicenseDetail(SERVICE_CHAT, "DYN365_ENTERPRISE_SALES")
    assert match([chat]).outcome == "not_satisfied"
    assert match([LicenseDetail(STRANGER, " dyn365_enterprise_sales ")]).outcome == "satisfied"


@pytest.mark.parametrize(
    "part_number",
    [
        "DYN365_ENTERPRISE_SALES_2",
        "DYN365_ENTERPRISE",
        "Dynamics 365 Sales",
        "DYN365_MARKETING_APPLICATION",
        "",
    ],
)
def test_part_numbers_match_whole_or_not_at_all(part_number: str) -> None:
    """Neither a prefix nor a display name is a part number."""
    assert match([LicenseDetail(STRANGER, part_number)]).outcome == "not_satisfied"


def test_blanks_in_part_numbers_do_not_matter() -> None:
    """The vendor prints one part number with blanks; others leave them out."""
    assert match([LicenseDetail(STRANGER, "DYN365_ENTERPRISE_RELATIONSHIP_SALES")]).outcome == "satisfied"


def test_project_service_automation_is_known_by_name_alone() -> None:
    """Its identifiers are published nowhere: its part number and its plan's name have to do."""
    name = "DYN365_ENTERPRISE_PROJECT_SERVICE_AUTOMATION"
    assert match([LicenseDetail(STRANGER, name)]).outcome == "satisfied"
    plan = ServicePlan(STRANGE_PLAN, name, "Success")
    assert match([LicenseDetail(STRANGER, "ELSE", (plan,))]).outcome == "satisfied"


def test_a_plan_name_counts_only_for_an_unknown_plan() -> None:
    """A companion plan does not become Sales by bearing its name."""
    renamed = ServicePlan(COMPANION_PLAN, "DYN365_ENTERPRISE_SALES", "Success")
    assert match([LicenseDetail(STRANGER, None, (renamed,))]).outcome == "not_satisfied"
    stranger = ServicePlan(STRANGE_PLAN, "Dyn365_Enterprise_Sales", "Success")
    assert match([LicenseDetail(STRANGER, None, (stranger,))]).outcome == "satisfied"


def test_uncertain_passengers_do_not_rescue_a_disabled_plan() -> None:
    """Guides rides inside the Customer Engagement Plan and cannot stand in for it."""
    verdict = match([licensed(CE_PLAN, (CE_PLAN_P1, "Disabled"), (GUIDES_PLAN, "Success"))])
    assert (verdict.outcome, whys(verdict)) == ("not_satisfied", ["disabled"])


def test_an_add_on_never_satisfies() -> None:
    """A SKU that does not count does not, whatever plan it may carry."""
    assert match([licensed(SERVICE_CHAT, (SALES_PLAN, "Success"))]).outcome == "not_satisfied"


@pytest.mark.parametrize("plans", [None, ()])
def test_untold_plans_leave_the_verdict_to_the_sku(plans: tuple[ServicePlan, ...] | None) -> None:
    """A licence without plan information counts by its SKU, and the verdict says what was not seen."""
    verdict = match([LicenseDetail(SALES, None, plans)])
    assert (verdict.outcome, verdict.matches[0].by) == ("satisfied", "sku")
    assert "plan status unknown" in verdict.warnings[0]


def test_a_new_generation_of_plans_is_accepted_and_said() -> None:
    """A satisfying SKU whose plans are all new counts by its SKU, with a warning of the drift."""
    verdict = match([licensed(SALES, (STRANGE_PLAN, "Success"), (EXCHANGE_PLAN, "Success"))])
    assert (verdict.outcome, verdict.matches[0].by, len(verdict.warnings)) == ("satisfied", "sku", 1)


@pytest.mark.parametrize(
    ("plans", "outcome", "why"),
    [
        ([(EXCHANGE_PLAN, "Success")], "not_satisfied", "missing"),
        ([(COMPANION_PLAN, "Success")], "not_satisfied", "missing"),
        ([(STRANGE_PLAN, "Disabled")], "not_satisfied", "disabled"),
        ([(STRANGE_PLAN, "Disabled"), (EXCHANGE_PLAN, "Success")], "not_satisfied", "disabled"),
        ([(STRANGE_PLAN, "Strange")], "undetermined", "unknown-status"),
        ([(STRANGE_PLAN, "Success"), (COMPANION_PLAN, "Success")], "undetermined", "uncertain"),
    ],
)
def test_drift_is_not_accepted_on_less(plans: list[tuple[str, str]], outcome: str, why: str) -> None:
    """Office plans, companions and unusable strangers do not stand in for the plans of the SKU."""
    verdict = match([licensed(SALES, *plans)])
    assert (verdict.outcome, verdict.satisfied, whys(verdict)) == (outcome, False, [why])


def test_a_plan_whose_composition_nobody_published_counts_by_its_sku() -> None:
    """Of the Dynamics 365 Plan no service plan is known, so companions beside new plans are no contradiction."""
    row = licensed(DYNAMICS_PLAN, (STRANGE_PLAN, "Success"), (COMPANION_PLAN, "Success"))
    assert match([row]).outcome == "satisfied"


@pytest.mark.parametrize(("status", "satisfied"), [("Success", True), ("Disabled", False), ("Odd", False)])
def test_the_free_marketing_licence_is_doubt_with_a_default_of_yes(status: str, satisfied: bool) -> None:
    """It stays undetermined, counts where only yes or no will do, and only while its plan is usable."""
    verdict = match([licensed(MARKETING_USER, (MARKETING_USER_PLAN, status))])
    assert verdict.outcome == ("not_satisfied" if status == "Disabled" else "undetermined")
    assert verdict.satisfied is satisfied


def test_doubt_is_not_hidden_by_clear_misses() -> None:
    """One uncertain licence leaves the user undetermined, however many others miss."""
    off = licensed(SALES, (SALES_PLAN, "Disabled"))
    verdict = match([off, LicenseDetail(REMOTE_ASSIST), LicenseDetail(OFFICE)])
    assert (verdict.outcome, verdict.satisfied) == ("undetermined", False)
    assert whys(verdict) == ["uncertain", "disabled", "unrelated"]
    assert "Remote Assist" in verdict.reason


def test_a_plan_disabled_in_one_licence_does_not_cancel_another() -> None:
    """The same plan may come twice; once usable is enough."""
    rows = [licensed(SALES, (SALES_PLAN, "Disabled")), licensed(STRANGER, (SALES_PLAN, "Success"))]
    assert match(rows).outcome == "satisfied"


@pytest.mark.parametrize(
    ("statuses", "outcome", "expiring"),
    [
        (["Enabled"], "satisfied", False),
        (["Warning"], "satisfied", True),
        (["Suspended"], "not_satisfied", False),
        (["Deleted"], "not_satisfied", False),
        (["LockedOut"], "not_satisfied", False),
        (["Suspended", "Enabled"], "satisfied", False),
        (["Warning", "Enabled"], "satisfied", False),
        (["Suspended", "Warning"], "satisfied", True),
        (["Novel"], "undetermined", False),
        (["Suspended", "Novel"], "undetermined", False),
        ([None], "satisfied", False),
        ([], "satisfied", False),
    ],
)
def test_a_licence_is_worth_what_its_best_subscription_is(
    statuses: list[str | None], outcome: str, expiring: bool
) -> None:
    """Several accounts may have bought the same SKU; one usable subscription is enough."""
    subscribed = [subscription(SALES.upper(), status) for status in statuses]
    verdict = match([licensed(SALES, (SALES_PLAN, "Success"))], subscribed=subscribed)
    assert (verdict.outcome, verdict.expiring) == (outcome, expiring)


@pytest.mark.parametrize(
    ("plan", "capability", "why"),
    [
        ("PendingInput", "Suspended", "suspended"),
        ("Disabled", "Novel", "disabled"),
        ("Disabled", "Warning", "disabled"),
        ("Novel", "Deleted", "suspended"),
    ],
)
def test_of_plan_and_subscription_the_graver_reason_stands(plan: str, capability: str, why: str) -> None:
    """A licence needs both: the reason is the one that is harder to cure, and no doubt softens a clear one."""
    subscribed = [subscription(SALES, capability)]
    verdict = match([licensed(SALES, (SALES_PLAN, plan))], subscribed=subscribed)
    assert (verdict.outcome, whys(verdict)) == ("not_satisfied", [why])


@pytest.mark.parametrize("sku_id", [MARKETING_APP, JOURNEYS, "1224df81-ff37-4222-a5fe-85c7feecdba8"])
def test_marketing_held_by_the_tenant_covers_the_user(sku_id: str) -> None:
    """Marketing is normally on no user: a usable subscription of the tenant is enough."""
    verdict = match([], subscribed=[subscription(sku_id, "Enabled")])
    assert (verdict.outcome, verdict.matches[0].by) == ("satisfied", "tenant")
    assert "tenant-level licence" in verdict.reason


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Warning", "satisfied"),
        ("Suspended", "not_satisfied"),
        ("Novel", "undetermined"),
        (None, "undetermined"),
    ],
)
def test_a_tenant_level_licence_has_to_be_usable(status: str | None, outcome: str) -> None:
    """The state of the subscription decides, and a word nobody knows is doubt."""
    verdict = match([], subscribed=[subscription(MARKETING_APP, status)])
    assert (verdict.outcome, verdict.expiring) == (outcome, status == "Warning")


def test_other_subscriptions_of_the_tenant_cover_nobody() -> None:
    """Sales bought by the tenant but not assigned to the user is no licence of the user."""
    assert match([], subscribed=[subscription(SALES, "Enabled")]).outcome == "not_satisfied"


def test_a_users_own_licence_goes_before_the_tenants() -> None:
    """The tenant is only looked at when the user has nothing that satisfies."""
    subscribed = [subscription(MARKETING_APP, "Enabled")]
    verdict = match([licensed(SALES, (SALES_PLAN, "Success"))], subscribed=subscribed)
    assert [one.by for one in verdict.matches] == ["plan"]


def test_the_journeys_identifier_counts_as_sku_and_as_plan() -> None:
    """One identifier is printed in both positions."""
    assert match([LicenseDetail(JOURNEYS)]).matches[0].family == "Marketing"
    assert match([licensed(STRANGER, (JOURNEYS, "Success"))]).matches[0].family == "Marketing"


def test_no_licence_at_all_is_a_clear_no() -> None:
    """Nothing assigned is not satisfied, and the reason says so."""
    verdict = match([], subscribed=[])
    assert (verdict.outcome, verdict.near_misses) == ("not_satisfied", ())
    assert "No licence is assigned" in verdict.reason


def test_licences_come_as_the_service_sends_them() -> None:
    """Answers are taken as they are, with members nobody knows and without those that may be absent."""
    row = {
        "id": "x",
        "skuId": SALES.upper(),
        "skuPartNumber": None,
        "servicePlans": [{"servicePlanId": SALES_PLAN.upper(), "provisioningStatus": "Success", "new": 1}],
    }
    assert match([row]).outcome == "satisfied"
    assert match([{"skuId": SALES}]).outcome == "satisfied"
    with pytest.raises(ValueError, match="skuId"):
        match([{"skuPartNumber": "DYN365_ENTERPRISE_SALES"}])


def test_power_pages_anonymous_users_are_known_by_how_the_part_number_begins() -> None:
    """No list names the packs yet; other beginnings do not count."""
    power = power_platform_catalogue()
    pack = match([LicenseDetail(STRANGER, "Power Pages_Anonymous users T2_500")], catalogue=power)
    assert [one.item for one in pack.matches] == ["Power Pages anonymous user"]
    assert match([LicenseDetail(STRANGER, "My Power Pages anonymous users")], catalogue=power).matches == ()


def test_callers_add_their_own_entries() -> None:
    """One's own SKUs and plans go before those that are shipped, which stay as they were."""
    shipped = default_catalogue()
    own = shipped.extended(
        skus=[Sku(STRANGER, "CONTOSO", "Contoso Sales", "Sales", verdict="satisfies"), Sku(SALES)],
        plans=[Plan(STRANGE_PLAN, "CONTOSO_PLAN", "Sales", "identifying")],
    )
    assert match([LicenseDetail(STRANGER)], catalogue=own).matches[0].product == "Contoso Sales"
    assert match([licensed(OFFICE, (STRANGE_PLAN, "Success"))], catalogue=own).outcome == "satisfied"
    assert match([LicenseDetail(SALES)], catalogue=own).outcome == "not_satisfied"
    assert match([LicenseDetail(SALES)]).outcome == "satisfied"
    assert len(own.skus) == len(shipped.skus) + 1


def test_an_explanation_names_product_verdict_and_plans() -> None:
    """A SKU is explained by identifier and by part number alike; an unknown one is said to be unknown."""
    told = explain(SALES.upper())
    assert (told.verdict, told.item) == ("satisfies", "Sales")
    assert [plan.id for plan in told.plans] == [SALES_PLAN]
    assert explain("dyn365_enterprise_sales").sku == told.sku
    assert (explain("NOTHING").verdict, explain("NOTHING").sku) == ("unknown", None)
    assert (explain("GUIDES_USER").verdict, explain("GUIDES_USER").item) == ("uncertain", None)


def test_verdicts_survive_pickling() -> None:
    """A verdict can be stored and compared."""
    verdict = match([LicenseDetail(SALES), LicenseDetail(REMOTE_ASSIST)])
    assert pickle.loads(pickle.dumps(verdict)) == verdict  # noqa: S301  # the test's own bytes


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([licensed(SALES, (SALES_PLAN, "Novel"))], "'Novel'"),
        ([LicenseDetail(SERVICE_CHAT)], "None of the assigned licences is a Dynamics 365 licence that counts"),
        ([LicenseDetail(REMOTE_ASSIST)], "Whether Dynamics 365 Remote Assist counts"),
        ([LicenseDetail(SALES)], "Dynamics 365 for Sales Enterprise Edition counts as Sales"),
    ],
)
def test_the_reason_is_one_for_people(rows: list[LicenseDetail], words: str) -> None:
    """The sentence names the product, and the word the service used where that is the trouble."""
    assert words in match(rows).reason


def test_the_best_evidence_speaks_for_the_user() -> None:
    """A plan that lasts goes before one in grace, a trial before a licence that is already expiring."""
    lasting = licensed(STRANGER, (CE_PLAN_P1, "Warning"), (SALES_PLAN, "Success"))
    assert match([lasting]).matches[0].plan == "DYN365_ENTERPRISE_SALES"
    trial, grace = licensed(SALES_TRIAL, (SALES_TRIAL_PLAN, "Success")), licensed(SALES, (SALES_PLAN, "Warning"))
    verdict = match([grace, trial])
    assert (verdict.expiring, verdict.trial) == (False, True)


def test_of_two_doubts_the_one_that_counts_by_default_is_named() -> None:
    """Guides by default does not count, the free Marketing licence does."""
    guides = LicenseDetail("0a389a77-9850-4dc4-b600-bc66fdfefc60")
    verdict = match([guides, LicenseDetail(MARKETING_USER)])
    assert verdict.near_misses[0].default
    assert "Marketing" in verdict.reason


def test_an_uncertain_sku_of_ones_own_brings_its_default() -> None:
    """The default of a SKU holds whatever its plans are, as long as one of its own is usable."""
    own = default_catalogue().extended(skus=[Sku(STRANGER, verdict="uncertain", default=True)])
    verdict = match([licensed(STRANGER, (STRANGE_PLAN, "Success"))], catalogue=own)
    assert (verdict.outcome, verdict.satisfied) == ("undetermined", True)
    assert whys(match([licensed(STRANGER, (EXCHANGE_PLAN, "Success"))], catalogue=own)) == ["missing"]


def test_of_equal_reasons_the_plans_own_is_told() -> None:
    """Where plan and subscription are suspended alike, the miss still names the plan."""
    subscribed = [subscription(SALES, "Suspended")]
    verdict = match([licensed(SALES, (SALES_PLAN, "LockedOut"))], subscribed=subscribed)
    assert verdict.near_misses[0].plan == "DYN365_ENTERPRISE_SALES"
