"""Single rules with tenants made for them, over the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from keepit_dynamics import Status
from keepit_dynamics.sandbox import TenantFile, load_scenario
from keepit_dynamics.sandbox.tenant_file import (
    AccountSpec,
    BehaviourSpec,
    GroupSpec,
    LicenseSpec,
    PlanSpec,
    RoleAssignmentSpec,
    SkuSpec,
    TeamSpec,
    UserSpec,
)

ACCOUNT = "backup@contoso.example"
SALES = "1e1a282c-9c54-43a2-9310-98ef728faace"
SALES_PLAN = "2da8e897-7791-486b-b08f-cc63c8129df7"
GLOBAL, DYNAMICS, PLATFORM = "Global Administrator", "Dynamics 365 Administrator", "Power Platform Administrator"
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def with_roles(*roles: RoleAssignmentSpec, connector: bool = True, **changes: Any) -> TenantFile:
    """The ready tenant with these role assignments, and with or without a connector."""
    ready = load_scenario("ready")
    keepit = ready.keepit if connector else attrs.evolve(ready.keepit, connectors=())
    return attrs.evolve(ready, role_assignments=roles, keepit=keepit, **changes)


def held(role: str, **more: Any) -> RoleAssignmentSpec:
    """A role of the account."""
    return RoleAssignmentSpec(role, ACCOUNT, **more)


@pytest.mark.parametrize(
    ("roles", "connector", "status"),
    [
        ((GLOBAL, DYNAMICS), False, Status.PASS),
        ((DYNAMICS, PLATFORM), False, Status.FAIL),
        ((DYNAMICS, PLATFORM), True, Status.WARN),
        ((DYNAMICS,), True, Status.FAIL),
        ((PLATFORM,), True, Status.FAIL),
    ],
)
def test_when_global_administrator_may_be_gone(
    roles: tuple[str, ...], connector: bool, status: Status, far: Callable[..., Any]
) -> None:
    """By the newer rules only once a connector exists, and only where both other roles are held."""
    there = far(with_roles(*map(held, roles), connector=connector))
    report = there.builder().requirements("power_platform").check()
    assert report.of("global-administrator").status is status
    assert report.of("dynamics-administrator").status is (Status.PASS if DYNAMICS in roles else Status.FAIL)
    older = there.builder().check()
    assert older.of("global-administrator").status is (Status.PASS if GLOBAL in roles else Status.FAIL)


@pytest.mark.parametrize(
    ("grant", "status", "said"),
    [
        (held(GLOBAL, ends=LATER), Status.WARN, "2099-01-01"),
        (held(GLOBAL, activated=True), Status.WARN, "ends"),
        (held(GLOBAL, kind="eligible"), Status.FAIL, "eligible"),
        (held(GLOBAL, scope="/administrativeUnits/1"), Status.FAIL, "part of the tenant"),
        (RoleAssignmentSpec(GLOBAL, "admins"), Status.PASS, "active"),
        (RoleAssignmentSpec(GLOBAL, "others"), Status.FAIL, "not assigned"),
    ],
)
def test_how_the_role_is_held(grant: RoleAssignmentSpec, status: Status, said: str, far: Callable[..., Any]) -> None:
    """Directly, through a group, for a time, eligible only, or for a part of the tenant."""
    groups = (
        GroupSpec("admins", role_assignable=True, members=(ACCOUNT,)),
        GroupSpec("others", role_assignable=True, members=("ida@contoso.example",)),
    )
    finding = far(with_roles(grant, groups=groups)).builder().check().of("global-administrator")
    assert finding.status is status
    assert said in finding.summary


def licensed(license_: LicenseSpec, **sku: Any) -> TenantFile:
    """The ready tenant with another licence for the account."""
    ready = load_scenario("ready")
    users = tuple(attrs.evolve(one, licenses=(license_,)) if one.upn == ACCOUNT else one for one in ready.users)
    skus = (SkuSpec(license_.sku_id, license_.sku, enabled=9, consumed=4, **sku),)
    return attrs.evolve(ready, users=users, skus=skus)


@pytest.mark.parametrize(
    ("tenant", "status"),
    [
        (licensed(LicenseSpec(SALES)), Status.PASS),
        (licensed(LicenseSpec(SALES, plans=(PlanSpec(SALES_PLAN, status="Disabled"),))), Status.FAIL),
        (licensed(LicenseSpec(SALES, plans=(PlanSpec(SALES_PLAN, status="PendingProvisioning"),))), Status.FAIL),
        (licensed(LicenseSpec(SALES, plans=(PlanSpec(SALES_PLAN, status="Dreaming"),))), Status.UNKNOWN),
        (licensed(LicenseSpec(SALES), status="Suspended"), Status.FAIL),
        (licensed(LicenseSpec(SALES), status="Warning"), Status.WARN),
        (licensed(LicenseSpec("6ec92958-3cc1-49db-95bd-bc6b3798df71")), Status.WARN),
        (licensed(LicenseSpec("d17b27af-3f49-4822-99f9-56a661538792")), Status.UNKNOWN),
        (licensed(LicenseSpec("2e3c4023-80f6-4711-aa5d-29e0ecb46835")), Status.FAIL),
    ],
    ids=["sales", "plan off", "pending", "unknown word", "suspended", "grace", "trial", "uncertain", "look-alike"],
)
def test_licences(tenant: TenantFile, status: Status, far: Callable[..., Any]) -> None:
    """The state of the plan and of the subscription count, and what is left open is not decided."""
    assert far(tenant).builder().check().of("dynamics-license").status is status


@pytest.mark.parametrize(
    ("change", "access", "role"),
    [
        ({"state": "disabled"}, Status.FAIL, Status.UNKNOWN),
        ({"behaviour": BehaviourSpec(hidden_from_discovery=True)}, Status.FAIL, Status.UNKNOWN),
        ({"users": ()}, Status.FAIL, Status.UNKNOWN),
        ({"security_group": "allowed"}, Status.PASS, Status.PASS),
    ],
    ids=["disabled", "hidden", "no user", "security group, exempt role"],
)
def test_environments(change: dict[str, Any], access: Status, role: Status, far: Callable[..., Any]) -> None:
    """An environment that the account does not get into is a finding with its name, never missing."""
    ready = load_scenario("ready")
    first, second = ready.environments
    tenant = attrs.evolve(ready, groups=(GroupSpec("allowed"),), environments=(first, attrs.evolve(second, **change)))
    report = far(tenant).builder().check()
    test_id = next(one.id for one in report.environments if one.name == "Test")
    assert report.of("environment-access", test_id).status is access
    assert report.of("system-administrator", test_id).status is role


def test_a_group_team_whose_membership_is_not_written_yet(far: Callable[..., Any]) -> None:
    """The first contact finds what the group would give, and says that it takes effect; the second finds it written."""
    ready = load_scenario("ready")
    first, second = ready.environments
    users = tuple(attrs.evolve(one, roles=("Basic User",)) if one.upn == ACCOUNT else one for one in second.users)
    team = TeamSpec("Backup", type="security_group", group="operators", roles=("System Administrator",))
    tenant = attrs.evolve(
        ready,
        groups=(GroupSpec("operators", members=(ACCOUNT,)),),
        environments=(first, attrs.evolve(second, users=users, teams=(team,))),
    )
    builder = far(tenant).builder()
    before, after = builder.check(), builder.check()
    test_id = next(one.id for one in before.environments if one.name == "Test")
    assert before.of("system-administrator", test_id).status is Status.UNKNOWN
    assert after.of("system-administrator", test_id).status is Status.PASS


def crowd(number: int, limit: int) -> TenantFile:
    """A tenant with so many licensed users, and a limit at Keepit."""
    ready = load_scenario("ready")
    sales = (LicenseSpec(SALES),)
    more = tuple(UserSpec(f"user{place}@contoso.example", licenses=sales) for place in range(number))
    guests = tuple(UserSpec(f"guest{place}@fabrikam.example", type="Guest", licenses=sales) for place in range(3))
    off = tuple(UserSpec(f"left{place}@contoso.example", enabled=False, licenses=sales) for place in range(3))
    account = AccountSpec(limits={"dynamics365-seats-total": limit})
    keepit = attrs.evolve(ready.keepit, account=account)
    return attrs.evolve(ready, users=(*ready.users, *more, *guests, *off), keepit=keepit)


@pytest.mark.parametrize(
    ("number", "limit", "counted", "status"),
    [
        (10, 500, 14, Status.PASS),
        (10, 13, 14, Status.WARN),
        (1100, 5000, None, Status.PASS),
        (1100, 1104, 1104, Status.PASS),
    ],
)
def test_seats(number: int, limit: int, counted: int | None, status: Status, far: Callable[..., Any]) -> None:
    """Each enabled member once; more than a page only one by one where the bound leaves the question open."""
    report = far(crowd(number, limit)).builder().check()
    assert (report.seats.counted, report.of("seats").status) == (counted, status)
    assert report.seats.at_most is not None
    assert report.seats.at_most >= number + 4
