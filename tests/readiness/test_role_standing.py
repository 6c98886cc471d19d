"""The situations of contracts/entra-and-graph.md 12.3, and what withholding a read makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.client import DirectoryFacts
from keepit_dynamics.graph.models import (
    ROLE_TEMPLATE_IDS,
    DirectoryRole,
    DirectoryUser,
    Organization,
    RoleAssignment,
    RoleScheduleInstance,
)
from keepit_dynamics.readiness.roles import RoleStanding, Standing, role_standing

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
ROLE = ROLE_TEMPLATE_IDS["Global Administrator"]
ME, GROUP, OWN_ROLE = "me-1", "group-1", "role-object-1"
REFUSED = Unread("refused", "RoleManagement.Read.Directory", 403, "Authorization_RequestDenied")
NO_PIM = Unread("no PIM here", None, 400, "AadPremiumLicenseRequired")


def row(principal: str = ME, scope: str = "/") -> RoleAssignment:
    """An active assignment."""
    return RoleAssignment(principal, ROLE, scope)


def schedule(
    *, kind: str | None = "Assigned", member: str = "Direct", end: datetime | None = None, scope: str = "/"
) -> RoleScheduleInstance:
    """A schedule instance of mine."""
    return RoleScheduleInstance(ME, ROLE, scope, None, kind, member, NOW - timedelta(days=1), end)


def facts(**given: object) -> DirectoryFacts:
    """A directory in which everything was read and the account holds nothing."""
    base = DirectoryFacts(
        user=DirectoryUser(ME),
        organization=Organization("tenant-1"),
        assignments=(row("somebody-else"),),
        memberships=("another-group",),
        caller_memberships=("another-group",),
        roles=(DirectoryRole(OWN_ROLE, ROLE),),
        active=(),
        eligible=(),
        licenses=(),
        subscribed=(),
    )
    return attrs.evolve(base, **given)  # type: ignore[arg-type]  # the tests name the fields


def judged(given: DirectoryFacts) -> RoleStanding:
    """How the account stands to Global Administrator."""
    return role_standing(given, ROLE, ME, NOW)


@pytest.mark.parametrize(
    ("given", "standing", "ends"),
    [
        (facts(assignments=(row(),), memberships=(OWN_ROLE,), active=(schedule(),)), Standing.ACTIVE, None),
        (facts(assignments=(row(),), memberships=(OWN_ROLE,), active=(schedule(end=LATER),)), Standing.ACTIVE, LATER),
        (
            facts(assignments=(row(),), active=(schedule(kind="Activated", end=LATER),), eligible=(schedule(),)),
            Standing.ACTIVE,
            LATER,
        ),
        (
            facts(assignments=(row(GROUP),), memberships=(GROUP, OWN_ROLE), active=(schedule(member="Group"),)),
            Standing.ACTIVE,
            None,
        ),
        (facts(eligible=(schedule(kind=None),)), Standing.ELIGIBLE, None),
        (facts(eligible=(schedule(kind=None, member="Group"),), memberships=(GROUP,)), Standing.ELIGIBLE, None),
        (facts(assignments=(row(GROUP),)), Standing.NONE, None),
        (facts(assignments=(row(scope="/administrativeUnits/1"),)), Standing.SCOPED, None),
        (facts(active=(schedule(scope="/administrativeUnits/1"),)), Standing.NONE, None),
        (facts(eligible=(schedule(kind=None, scope="/administrativeUnits/1"),)), Standing.SCOPED, None),
        (facts(active=(schedule(end=NOW),), eligible=(schedule(kind=None),)), Standing.ELIGIBLE, None),
        (facts(), Standing.NONE, None),
        (facts(assignments=(row(),), memberships=(OWN_ROLE,), active=NO_PIM, eligible=NO_PIM), Standing.ACTIVE, None),
        (facts(assignments=(row("partner-group"),)), Standing.NONE, None),
        (facts(memberships=(OWN_ROLE,)), Standing.UNKNOWN, None),
    ],
    ids=[
        "permanent", "time-bound", "activated", "through a group", "eligible", "eligible through a group",
        "eligible member of a group", "administrative unit", "scoped schedule", "scoped eligibility",
        "expired activation", "no role", "no PIM in the tenant", "partner's group", "directory is changing",
    ],
)  # fmt: skip
def test_each_situation_is_told_apart(given: DirectoryFacts, standing: Standing, ends: datetime | None) -> None:
    """Every row of the contract's table gives its own standing and end."""
    found = judged(given)
    assert (found.standing, found.ends) == (standing, ends)


def test_the_end_is_unknown_where_the_schedule_could_not_be_read() -> None:
    """An active role whose schedule was refused has an end that is not known."""
    found = judged(facts(assignments=(row(),), active=REFUSED))
    assert found.standing is Standing.ACTIVE
    assert not found.end_known


def test_a_tenant_without_pim_has_no_ends() -> None:
    """Where there is no PIM, an active assignment is known to be permanent."""
    assert judged(facts(assignments=(row(),), active=NO_PIM)).end_known


def test_memberships_stand_in_for_refused_assignments() -> None:
    """The tenant's own role object among the memberships is enough where assignments are refused."""
    assert judged(facts(assignments=REFUSED, memberships=(OWN_ROLE,))).standing is Standing.ACTIVE


def test_refused_assignments_alone_are_no_no_when_role_templates_are_hidden() -> None:
    """A list of roles whose templates were left empty says nothing."""
    hidden = facts(assignments=REFUSED, roles=(DirectoryRole(OWN_ROLE, None),), memberships=(OWN_ROLE,))
    assert judged(hidden).standing is Standing.UNKNOWN


@pytest.mark.parametrize("withheld", ["assignments", "memberships", "roles", "active", "eligible"])
@pytest.mark.parametrize(
    "given",
    [
        facts(),
        facts(assignments=(row(),), memberships=(OWN_ROLE,), active=(schedule(),)),
        facts(eligible=(schedule(),)),
    ],
    ids=["none", "active", "eligible"],
)
def test_withholding_a_read_never_turns_a_no_into_a_yes_or_back(given: DirectoryFacts, withheld: str) -> None:
    """Without one of the reads the standing stays, or is not known."""
    full = judged(given).standing
    less = judged(attrs.evolve(given, **{withheld: REFUSED})).standing
    never = {Standing.ACTIVE: {Standing.NONE, Standing.ELIGIBLE, Standing.SCOPED}}.get(full, {Standing.ACTIVE})
    assert less not in never


def test_ids_are_compared_without_case() -> None:
    """The same id in capitals is the same principal and the same role."""
    shouted = (RoleAssignment(ME.upper(), ROLE.upper(), "/"),)
    assert judged(facts(assignments=shouted, active=(schedule(),))).standing is Standing.ACTIVE
