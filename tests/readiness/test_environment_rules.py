"""Corners of the rules that no example tenant shows, judged from facts made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from keepit_dynamics import Account, Report, Snapshot, Status, judge
from keepit_dynamics._core.facts import Unread
from keepit_dynamics.dataverse.access import (
    SYSTEM_ADMINISTRATOR,
    EnvironmentAccess,
    Refusal,
    SecurityRole,
    SystemUser,
    Team,
    TeamRole,
)
from keepit_dynamics.dataverse.environments import DiscoveredEnvironment
from keepit_dynamics.graph.client import DirectoryFacts, LicensedUsers
from keepit_dynamics.graph.models import DirectoryUser, Organization
from keepit_dynamics.readiness.snapshot import EnvironmentFacts

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ROLE = SecurityRole("r", "Systemadministrator", SYSTEM_ADMINISTRATOR, "b")
OTHER = SecurityRole("o", "System Administrator", None, "b")
USER = SystemUser("u", "me", disabled=False, access_mode=0)
FOUND = DiscoveredEnvironment("org", environment_id="e", friendly_name="E", api_url="https://e", state=0)
REFUSED = Unread("refused", status=403)


def snapshot(access: EnvironmentAccess | Unread | None, *, hint: bool | None = None, **user: Any) -> Snapshot:
    """One environment and one account."""
    me = DirectoryUser("me", "me@contoso.example", user_type="Member", account_enabled=True)
    directory = DirectoryFacts(
        user=attrs.evolve(me, **user),
        organization=Organization("t", "Contoso"),
        assignments=(),
        memberships=(),
        caller_memberships=(),
        roles=(),
        active=(),
        eligible=(),
        licenses=(),
        subscribed=(),
    )
    found = attrs.evolve(FOUND, is_user_sys_admin=hint)
    return Snapshot(
        taken_at=NOW,
        signed_in=Account("me", "t", "t", "me@contoso.example", "Me"),
        subject_is_signed_in=True,
        subject="me@contoso.example",
        directory=directory,
        discovered=(found,),
        administered=(),
        environments=(EnvironmentFacts(found, None, access),),
        seat_users=LicensedUsers((), 0),
        seat_limit=None,
        connector_exists=False,
    )


def access(**given: Any) -> EnvironmentAccess:
    """An account that holds the role directly."""
    facts: dict[str, Any] = {"user": USER, "roles": (ROLE,), "team_roles": (), "directory_roles": None, **given}
    return EnvironmentAccess(**facts)


def statuses(report: Report) -> tuple[Status, Status, Status]:
    """Access, role and mode."""
    names = ("environment-access", "system-administrator", "read-write-access")
    first, second, third = (report.of(name, "e").status for name in names)
    return first, second, third


PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
TEAM = TeamRole(ROLE, (Team("t", "Owners", 0),))


@pytest.mark.parametrize(
    ("facts", "hint", "expected"),
    [
        (access(), True, (PASS, PASS, PASS)),
        (access(), None, (PASS, PASS, PASS)),
        (access(), False, (PASS, UNKNOWN, PASS)),
        (access(roles=(), team_roles=(TEAM,)), False, (PASS, PASS, PASS)),
        (access(roles=(), team_roles=(TeamRole(ROLE, ()),)), None, (PASS, PASS, PASS)),
        (access(roles=(OTHER,), directory_roles=()), False, (PASS, FAIL, PASS)),
        (access(roles=(OTHER,), directory_roles=()), True, (PASS, UNKNOWN, PASS)),
        (access(roles=(OTHER,), directory_roles=(ROLE,)), None, (PASS, UNKNOWN, PASS)),
        (access(roles=(OTHER,), directory_roles=None), None, (PASS, UNKNOWN, PASS)),
        (access(roles=(OTHER,), directory_roles=REFUSED), None, (PASS, UNKNOWN, PASS)),
        (access(roles=(OTHER,), team_roles=REFUSED, directory_roles=()), None, (PASS, UNKNOWN, PASS)),
        (access(roles=REFUSED, directory_roles=()), None, (PASS, UNKNOWN, PASS)),
        (access(user=None, roles=()), None, (UNKNOWN, UNKNOWN, UNKNOWN)),
        (access(user=REFUSED, roles=REFUSED), None, (UNKNOWN, UNKNOWN, UNKNOWN)),
        (access(user=attrs.evolve(USER, access_mode=None)), None, (PASS, PASS, UNKNOWN)),
        (access(user=attrs.evolve(USER, access_mode=17)), None, (PASS, PASS, UNKNOWN)),
        (access(user=attrs.evolve(USER, disabled=None)), None, (PASS, PASS, UNKNOWN)),
        (access(user=attrs.evolve(USER, access_mode=1)), None, (PASS, PASS, FAIL)),
        (access(user=attrs.evolve(USER, disabled=True)), None, (FAIL, PASS, FAIL)),
        (REFUSED, None, (UNKNOWN, UNKNOWN, UNKNOWN)),
        (None, None, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_access_role_and_mode(
    facts: EnvironmentAccess | Unread | None, hint: bool | None, expected: tuple[Status, Status, Status]
) -> None:
    """A yes needs evidence and a no needs all of it; what is masked, odd or contradicted is undetermined."""
    assert statuses(judge(snapshot(facts, hint=hint))) == expected


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("0x80072560", "", (FAIL, UNKNOWN, UNKNOWN)),
        ("0x80040225", "The user is disabled.", (FAIL, UNKNOWN, FAIL)),
        ("0X80042F09", "", (PASS, FAIL, UNKNOWN)),
        ("", "user x has not been assigned any roles", (PASS, FAIL, UNKNOWN)),
        ("0x8004a104", "", (FAIL, UNKNOWN, UNKNOWN)),
        ("0x8004A113", "", (FAIL, UNKNOWN, UNKNOWN)),
        ("0x80095ffd", "blocked address", (UNKNOWN, UNKNOWN, UNKNOWN)),
        (None, "Forbidden", (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_refusals(code: str | None, message: str, expected: tuple[Status, Status, Status]) -> None:
    """Each code of contracts/dataverse.md 4.5; anything else says nothing."""
    nothing = Unread("refused")
    facts = EnvironmentAccess(nothing, nothing, nothing, None, Refusal(403, code, message))
    assert statuses(judge(snapshot(facts))) == expected


@pytest.mark.parametrize(
    ("user", "status"),
    [
        ({}, PASS),
        ({"user_type": "Guest"}, FAIL),
        ({"account_enabled": False}, FAIL),
        ({"user_type": None}, PASS),
        ({"user_type": None, "creation_type": "Invitation"}, UNKNOWN),
        ({"user_type": "Robot"}, UNKNOWN),
        ({"account_enabled": None}, UNKNOWN),
        ({"account_enabled": None, "user_type": None}, UNKNOWN),
    ],
)
def test_the_account(user: dict[str, Any], status: Status) -> None:
    """A member, enabled; what the directory leaves out is undetermined, never assumed."""
    assert judge(snapshot(access(), **user)).of("work-account").status is status


def test_the_order_of_environments_does_not_matter() -> None:
    """The same facts in another order give the same report."""
    given = snapshot(access())
    other = attrs.evolve(given.environments[0], discovered=attrs.evolve(FOUND, environment_id="a", friendly_name="A"))
    one = attrs.evolve(given, environments=(*given.environments, other))
    two = attrs.evolve(given, environments=(other, *given.environments))
    assert judge(one).to_json() == judge(two).to_json()
    assert [environment.name for environment in judge(one).environments] == ["A", "E"]
