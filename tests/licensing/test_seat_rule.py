"""Which SKUs and users make a seat."""

from __future__ import annotations

import pytest

from keepit_dynamics.graph.licenses import AssignedLicense, AssignedPlan, ServicePlan, SubscribedSku
from keepit_dynamics.licensing.seats import is_seat, seat_skus, upper_bound

SALES = "1e1a282c-9c54-43a2-9310-98ef728faace"
SALES_PLAN = "2da8e897-7791-486b-b08f-cc63c8129df7"
FIELD_SERVICE = "c7d15985-e746-4f01-b113-20b575898250"
FIELD_SERVICE_PLAN = "8c66ef8a-177f-4c0d-853c-d4f219331d09"
TEAM_MEMBERS = "7ac9fe77-66b7-4e5e-9e46-10eed1cff547"
TEAM_MEMBERS_PLAN = "4092fdb5-8d81-41d3-be76-aaba4074530b"
CE_PLAN_P1 = "d56f3deb-50d8-465a-bedb-f079817ccac1"
FINANCE = "55c9eb4e-c746-45b4-b255-9ab6b19d5c62"
FINANCE_PLAN = "9f0e1b4e-9b33-4300-b451-b2c662cd4ff7"
OFFICE = "c7df2760-2c81-4ef7-b578-5b5392b571df"
STRANGER = "00000000-0000-4000-8000-000000000001"


def on(*plan_ids: str, status: str = "Enabled") -> list[AssignedPlan]:
    """The plans of a user, all in one state."""
    return [AssignedPlan(plan_id, status) for plan_id in plan_ids]


@pytest.mark.parametrize(
    ("status", "seat"),
    [
        ("Enabled", True),
        ("warning", True),
        ("Suspended", False),
        ("Deleted", False),
        ("Novel", False),
        (None, False),
    ],
)
def test_only_a_usable_plan_makes_a_seat(status: str | None, seat: bool) -> None:
    """Plans of removed licences stay on the user as Deleted and do not count."""
    assert is_seat([AssignedLicense(SALES)], [AssignedPlan(SALES_PLAN.upper(), status)]) is seat


def test_team_members_are_no_seats_through_the_field_service_plan_they_carry() -> None:
    """The plan alone would count them; the licence it came with does not."""
    plans = on(TEAM_MEMBERS_PLAN, FIELD_SERVICE_PLAN)
    assert not is_seat([AssignedLicense(TEAM_MEMBERS)], plans)
    assert not is_seat([AssignedLicense(TEAM_MEMBERS), AssignedLicense(OFFICE)], plans)


def test_team_members_with_field_service_of_their_own_are_seats() -> None:
    """A counted licence that gives the plan counts, unless it has the plan switched off."""
    plans = on(TEAM_MEMBERS_PLAN, FIELD_SERVICE_PLAN)
    assert is_seat([AssignedLicense(TEAM_MEMBERS), AssignedLicense(FIELD_SERVICE.upper())], plans)
    off = AssignedLicense(FIELD_SERVICE, (FIELD_SERVICE_PLAN.upper(),))
    assert not is_seat([AssignedLicense(TEAM_MEMBERS), off], plans)


def test_a_team_member_with_sales_is_a_seat() -> None:
    """What Team Members carry takes nothing away from other licences."""
    licenses = [AssignedLicense(TEAM_MEMBERS), AssignedLicense(SALES)]
    assert is_seat(licenses, on(FIELD_SERVICE_PLAN, SALES_PLAN))


def test_a_counted_plan_of_an_unknown_sku_makes_a_seat() -> None:
    """A bundle the catalogue does not know counts through the plan it gives."""
    assert is_seat([AssignedLicense(STRANGER)], on(CE_PLAN_P1))
    assert not is_seat([AssignedLicense(FINANCE)], on(FINANCE_PLAN))
    assert not is_seat([], [])


def test_seat_skus_are_assigned_and_counted() -> None:
    """Unassigned SKUs, Team Members and uncounted applications make no seats."""
    sales = SubscribedSku(SALES.upper(), "DYN365_ENTERPRISE_SALES", "Enabled", consumed_units=4)
    unknown = SubscribedSku(STRANGER, "NEW", consumed_units=2, service_plans=(ServicePlan(CE_PLAN_P1),))
    tenant = [
        sales,
        unknown,
        SubscribedSku(FIELD_SERVICE, consumed_units=0),
        SubscribedSku(FIELD_SERVICE),
        SubscribedSku(TEAM_MEMBERS, consumed_units=9, service_plans=(ServicePlan(FIELD_SERVICE_PLAN),)),
        SubscribedSku(FINANCE, consumed_units=9),
        SubscribedSku(OFFICE, consumed_units=9, service_plans=(ServicePlan(STRANGER),)),
    ]
    assert seat_skus(tenant) == (sales, unknown)
    assert upper_bound(tenant) == 6
    assert upper_bound([]) == 0
