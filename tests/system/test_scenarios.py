"""The example tenants give their expected findings, over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from keepit_dynamics import Report, Status
from keepit_dynamics.sandbox import load_scenario, load_tenant_file, scenario_names
from keepit_dynamics.sandbox.tenant_file import RoleAssignmentSpec

ACCOUNT = "backup@contoso.example"
NAMES = (
    "another-subject",
    "empty",
    "localized",
    "many-environments",
    "not-ready",
    "partly-readable",
    "power-platform",
    "ready",
)


@pytest.mark.parametrize("name", NAMES)
def test_expected_findings(name: str, shared: Path, far: Callable[..., Any]) -> None:
    """Every certain finding comes out as given, open ones as one of those named, and so does ready."""
    expected = json.loads((shared / "scenarios" / f"{name}.expected.json").read_text())
    tenant = load_tenant_file(shared / "scenarios" / f"{name}.json")
    builder = far(tenant, username=expected["sign_in_as"]).builder().subject(expected["subject"])
    report = builder.requirements(expected["requirements"]).check()
    found = _by_place(report)
    wanted = {(one["requirement"], one["environment"]): {one["status"]} for one in expected["findings"]}
    wanted |= {(one["requirement"], one["environment"]): set(one["statuses"]) for one in expected["either"]}
    wrong = {place: found.get(place) for place, statuses in wanted.items() if found.get(place) not in statuses}
    assert not wrong, [finding for finding in report.findings if finding.status.value != "PASS"]
    assert report.ready is expected["ready"]


@pytest.mark.parametrize("name", ["ready", "not-ready", "many-environments", "empty"])
def test_built_in_scenarios_are_the_shared_ones(name: str, shared: Path) -> None:
    """What the package ships is what others hold on to."""
    assert name in scenario_names()
    assert load_scenario(name) == load_tenant_file(shared / "scenarios" / f"{name}.json")


def test_every_environment_is_in_the_report(far: Callable[..., Any]) -> None:
    """Fifty environments with Dataverse, each with its three findings, sorted by name."""
    report = far("many-environments").builder().check()
    names = [environment.name for environment in report.environments]
    assert len(names) == 50
    assert names == sorted(names)
    per_environment = [finding for finding in report.findings if finding.environment_id is not None]
    assert len(per_environment) == 150


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ((), Status.UNKNOWN),
        ((RoleAssignmentSpec("Global Administrator", ACCOUNT, kind="eligible"),), Status.UNKNOWN),
        ((RoleAssignmentSpec("Directory Readers", ACCOUNT),), Status.UNKNOWN),
        ((RoleAssignmentSpec("Power Platform Administrator", ACCOUNT),), Status.PASS),
        ((RoleAssignmentSpec("Dynamics 365 Administrator", ACCOUNT),), Status.PASS),
    ],
)
def test_who_sees_the_whole_list(
    roles: tuple[RoleAssignmentSpec, ...], status: Status, far: Callable[..., Any]
) -> None:
    """A short list without an error proves nothing: only three roles, actively held, see every environment."""
    tenant = attrs.evolve(load_scenario("ready"), role_assignments=roles)
    report = far(tenant).builder().check()
    assert report.of("environment-access").status is status
    assert report.of("global-administrator").status is Status.FAIL


def _by_place(report: Report) -> dict[tuple[str, str | None], str]:
    names = {environment.id: environment.name for environment in report.environments}
    return {
        (finding.requirement, names[finding.environment_id] if finding.environment_id else None): finding.status.value
        for finding in report.findings
    }
