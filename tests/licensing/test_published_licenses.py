"""The verdict on every SKU of the vendor's published list is the one the licensing contract gives."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from keepit_dynamics._core.convert import structure
from keepit_dynamics.graph.licenses import SubscribedSku
from keepit_dynamics.licensing import default_catalogue, match
from keepit_dynamics.licensing.catalogue import Catalogue, power_platform_catalogue
from keepit_dynamics.licensing.seats import seat_skus

_BESIDE = Path(__file__).resolve().parents[3] / "shared"
SHARED = Path(os.environ.get("KEEPIT_DYNAMICS_SHARED", _BESIDE))
CONTRACT = SHARED / "contracts" / "licensing.md"
NEWEST = SHARED / "published" / "licensing" / "product-names-and-service-plans.csv"
OLDER = SHARED / "published" / "licensing" / "product-names-and-service-plans-older.csv"

pytestmark = pytest.mark.skipif(
    not (CONTRACT.is_file() and NEWEST.is_file()),
    reason="The contract and the published list are not here; KEEPIT_DYNAMICS_SHARED names their folder.",
)

UNKNOWN_SKU = "00000000-0000-4000-8000-000000000001"
GUID = re.compile(r"`([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`")


class Listed(NamedTuple):
    """One SKU of the published list."""

    sku_id: str
    part_number: str
    plans: tuple[tuple[str, str], ...]

    def row(self, status: str = "Success", only: set[str] | None = None) -> dict[str, Any]:
        """A licence of it, its plans in the status given; `only` keeps some of them."""
        plans = [plan for plan in self.plans if only is None or plan[0] in only]
        return license_row(self.sku_id, self.part_number, plans, status)


class Judged(NamedTuple):
    """What the contract says of one SKU."""

    sku_id: str
    part_number: str
    verdict: str
    default: bool


def license_row(sku_id: str, part_number: str | None, plans: list[tuple[str, str]], status: str) -> dict[str, Any]:
    """A licence as Microsoft Graph sends it."""
    carried = [
        {"servicePlanId": plan, "servicePlanName": name, "provisioningStatus": status, "appliesTo": "User"}
        for plan, name in plans
    ]
    return {"id": "x", "skuId": sku_id, "skuPartNumber": part_number, "servicePlans": carried}


def listed(path: Path, encoding: str) -> dict[str, Listed]:
    """The SKUs of one edition by identifier."""
    plans: dict[tuple[str, str], dict[str, str]] = {}
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for _, part_number, sku_id, plan_name, plan_id, _ in rows:
            of_sku = plans.setdefault((sku_id.strip().lower(), part_number.strip()), {})
            of_sku[plan_id.strip().lower()] = plan_name.strip()
    return {sku_id: Listed(sku_id, part, tuple(of.items())) for (sku_id, part), of in plans.items()}


def section(number: str) -> str:
    """One numbered section of the contract."""
    if not CONTRACT.is_file():
        return ""
    text = CONTRACT.read_text(encoding="utf-8")
    return re.split(r"^## ", text.split(f"\n## {number}. ", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def cells(text: str) -> Iterator[list[str]]:
    """The rows of all tables in a text."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("| ").split(" | ")]


def judged_skus() -> list[Judged]:
    """The SKUs of sections 2 and 4 with the verdict the contract gives them."""
    found = []
    for row in cells(section("2") + section("4")):
        sku, verdict = GUID.fullmatch(row[0]), re.search(r"\*\*(.*)\*\*", " ".join(row[2:4]))
        if sku and verdict:
            default = "Default: satisfies" in row[-1]
            found.append(Judged(sku[1], row[1].split("`")[1], verdict[1], default))
    return found


def plan_table(heading: str) -> list[list[str]]:
    """One table of section 3, named by the cells its heading begins with."""
    after = section("3").partition(heading)[2]
    rows = cells(after.partition("\n\n")[0])
    return [row for row in rows if any(map(GUID.fullmatch, row))]


SKUS = judged_skus()
IN_LIST = listed(NEWEST, "utf-8") if NEWEST.is_file() else {}
IDENTIFYING = plan_table("| Family | Service plan GUID")
UNCERTAIN = plan_table("| Plan GUID | Plan name | Belongs to")
COMPANIONS = plan_table("| Plan GUID | Plan name | In satisfying SKUs")
OUTCOMES = {"satisfies": "satisfied", "does not": "not_satisfied", "uncertain": "undetermined"}


def test_the_contract_was_read_whole() -> None:
    """The oracle has as many rows as the contract says, so that no test below passes on nothing."""
    verdicts = [one.verdict for one in SKUS if one.sku_id in IN_LIST]
    assert {word: verdicts.count(word) for word in OUTCOMES} == {
        "satisfies": 48,
        "does not": 54,
        "uncertain": 29,
    }
    assert (len(SKUS), len(IN_LIST)) == (136, 617)
    assert (len(IDENTIFYING), len(UNCERTAIN), len(COMPANIONS)) == (47, 22, 77)


@pytest.mark.parametrize("sku", SKUS, ids=lambda sku: sku.part_number)
def test_every_sku_is_judged_as_the_contract_does(sku: Judged) -> None:
    """With all its plans provisioned, or none told, each SKU gets its verdict and its default."""
    known = IN_LIST.get(sku.sku_id)
    rows = [license_row(sku.sku_id, sku.part_number, [], "Success")] + ([known.row()] if known else [])
    for row in rows:
        verdict = match([row])
        assert verdict.outcome == OUTCOMES[sku.verdict]
        assert verdict.satisfied == (sku.verdict == "satisfies" or sku.default)


@pytest.mark.parametrize("sku", SKUS, ids=lambda sku: sku.part_number)
def test_the_catalogue_explains_every_sku(sku: Judged) -> None:
    """Each SKU is found by identifier and by part number, with a reason."""
    found = default_catalogue().sku(sku.sku_id.upper())
    assert found is default_catalogue().sku(None, sku.part_number.lower())
    assert found is not None
    assert found.reason
    assert (found.verdict.replace("_", " "), found.default) == (sku.verdict, sku.default)


def test_no_other_sku_of_the_list_satisfies() -> None:
    """Each of the other 486 SKUs is no evidence, neither for nor in doubt."""
    dynamics = {sku.sku_id for sku in SKUS}
    others = [sku for sku in IN_LIST.values() if sku.sku_id not in dynamics]
    assert len(others) == 486
    assert [sku.part_number for sku in others if match([sku.row()]).outcome != "not_satisfied"] == []


def test_the_older_edition_gives_the_same_verdicts() -> None:
    """What the list named in 2022 is judged as it is named today."""
    verdicts = {sku.sku_id: OUTCOMES[sku.verdict] for sku in SKUS}
    older = listed(OLDER, "windows-1252")
    assert len(older) == 236
    wrong = [
        s.part_number for s in older.values() if match([s.row()]).outcome != verdicts.get(s.sku_id, "not_satisfied")
    ]
    assert wrong == []


@pytest.mark.parametrize("row", IDENTIFYING, ids=lambda row: row[2])
def test_an_identifying_plan_proves_its_family_in_an_unknown_sku(row: list[str]) -> None:
    """A SKU nobody listed satisfies through a plan that is listed, by identifier whatever its name."""
    family, plan_id, _, _ = row
    verdict = match([license_row(UNKNOWN_SKU, None, [(plan_id.strip("`").upper(), "RENAMED")], "Success")])
    assert [one.family for one in verdict.matches] == [family]


@pytest.mark.parametrize("row", UNCERTAIN, ids=lambda row: row[1])
def test_an_uncertain_plan_leaves_an_unknown_sku_undetermined(row: list[str]) -> None:
    """A plan of an uncertain product is doubt, with the default of that product."""
    verdict = match([license_row(UNKNOWN_SKU, None, [(row[0].strip("`"), row[1].strip("`"))], "Success")])
    assert (verdict.outcome, verdict.satisfied) == ("undetermined", row[3] == "satisfies")


def test_companion_plans_prove_nothing() -> None:
    """All companion plans together are no evidence, in an unknown SKU as in one that satisfies on paper."""
    plans = [(row[0].strip("`"), row[1].strip("`")) for row in COMPANIONS]
    assert match([license_row(UNKNOWN_SKU, None, plans, "Success")]).outcome == "not_satisfied"
    for sku in SKUS:
        if sku.verdict == "satisfies" and sku.sku_id in IN_LIST:
            row = license_row(sku.sku_id, sku.part_number, plans, "Success")
            assert match([row]).outcome == "not_satisfied", sku.part_number


@pytest.mark.parametrize("sku", [s for s in SKUS if s.sku_id in IN_LIST], ids=lambda sku: sku.part_number)
def test_companions_do_not_rescue_a_licence_whose_own_plans_are_off(sku: Judged) -> None:
    """With every identifying and uncertain plan disabled, no SKU satisfies or stays in doubt by its companions."""
    own = {GUID.findall(" ".join(row))[0] for row in (*IDENTIFYING, *UNCERTAIN)}
    known = IN_LIST[sku.sku_id]
    row = known.row()
    for plan in row["servicePlans"]:
        if plan["servicePlanId"] in own:
            plan["provisioningStatus"] = "Disabled"
    if own & {plan for plan, _ in known.plans}:
        assert match([row]).outcome == "not_satisfied"


def power_platform_rows() -> list[list[str]]:
    """The SKUs of section 6."""
    return [row for row in cells(section("6")) if len(row) == 4 and GUID.fullmatch(row[1])]


@pytest.mark.parametrize("row", power_platform_rows(), ids=lambda row: row[2])
def test_the_power_platform_item_is_judged_by_itself(row: list[str]) -> None:
    """Each SKU of the newer item gets its verdict there, and never meets the Dynamics item."""
    sku = IN_LIST[row[1].strip("`")]
    expected = next(outcome for word, outcome in OUTCOMES.items() if row[3].startswith(word))
    verdict = match([sku.row()], catalogue=power_platform_catalogue())
    assert (verdict.outcome, verdict.satisfied) == (expected, expected == "satisfied")
    assert match([sku.row()]).outcome == "not_satisfied"


def test_no_other_sku_of_the_list_meets_the_power_platform_item() -> None:
    """Only the SKUs of the item are evidence for it."""
    named = {row[1].strip("`") for row in power_platform_rows()}
    others = [sku for sku in IN_LIST.values() if sku.sku_id not in named]
    outcomes = {match([sku.row()], catalogue=power_platform_catalogue()).outcome for sku in others}
    assert (len(named), outcomes) == (36, {"not_satisfied"})


def test_the_skus_of_the_seat_rule_make_seats() -> None:
    """Every SKU of the counting rule makes seats; of the others only the one that embeds Project Operations."""
    counted = {row[0].strip("`") for row in cells(section("7")) if row[0].startswith("`")}
    tenant = [SubscribedSku(s.sku_id, s.part_number, "Enabled", consumed_units=1) for s in IN_LIST.values()]
    found = {one.sku_part_number for one in seat_skus(tenant)}
    assert len(counted) == 38
    assert found == counted | {"DYN365_FINANCE_ATTACH_ISVEMB_PROJOPS"}


@pytest.mark.parametrize("catalogue", [default_catalogue(), power_platform_catalogue()], ids=["dynamics", "power"])
def test_the_tables_name_what_the_list_names(catalogue: Catalogue) -> None:
    """Identifiers, part numbers and compositions of the catalogue are those of the published list."""
    for sku in catalogue.skus:
        if "unlisted" not in sku.kinds:
            assert sku.id is not None
            known = IN_LIST[sku.id]
            assert known.part_number == sku.part_number
            assert set(sku.plans) <= {plan for plan, _ in known.plans}


def test_published_graph_answers_are_read() -> None:
    """The service's own examples: office licences are no evidence, a suspended CRM Online is not usable."""
    graph = SHARED / "published" / "graph"
    details = json.loads((graph / "licensedetails-list.json").read_text(encoding="utf-8"))["value"]
    subscribed = json.loads((graph / "subscribedskus-list.json").read_text(encoding="utf-8"))["value"]
    verdict = match(details, subscribed=subscribed)
    assert verdict.outcome == "not_satisfied"
    assert {miss.why for miss in verdict.near_misses} == {"unrelated"}
    suspended = [{"skuId": "d17b27af-3f49-4822-99f9-56a661538792", "skuPartNumber": "CRMSTANDARD"}]
    assert match(suspended).outcome == "undetermined"
    assert [miss.why for miss in match(suspended, subscribed=subscribed).near_misses] == ["suspended"]
    assert [structure(one, SubscribedSku).consumed_units for one in subscribed] == [14, 14]
