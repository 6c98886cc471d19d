"""The first law: withholding any single fact never makes a PASS or a FAIL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from keepit_dynamics import Report, Status
from keepit_dynamics.sandbox import Fault, load_scenario
from keepit_dynamics.sandbox.tenant_file import DirectorySpec

READS = (
    "user",
    "organization",
    "roleAssignments",
    "getMemberObjects",
    "directoryRoles",
    "roleAssignmentScheduleInstances",
    "roleEligibilityScheduleInstances",
    "licenseDetails",
    "subscribedSkus",
    "users",
)
DEPENDS = {
    "user": "work-account",
    "licenseDetails": "dynamics-license",
    "subscribedSkus": "dynamics-license",
}
SERVICES = ("discovery", "admin", "dataverse", "keepit", "graph")
KINDS = ("403", "503", "garbage", "empty", "html", "reset", "timeout", "truncate")


def fault(service: str, kind: str, path: str = "") -> Fault:
    """A fault that lasts."""
    status = int(kind) if kind.isdigit() else 500
    return Fault(service=service, kind="status" if kind.isdigit() else kind, status=status, path=path, times=10_000)


def worse(before: Report, after: Report) -> Iterator[str]:
    """Findings that became PASS or FAIL although less was known."""
    was = {(one.requirement, one.environment_id): one.status for one in before.findings}
    for finding in after.findings:
        old = was.get((finding.requirement, finding.environment_id))
        if old is not None and finding.status in {Status.PASS, Status.FAIL} and finding.status is not old:
            yield f"{finding.requirement} {finding.environment_id}: {old} -> {finding.status}: {finding.summary}"


@pytest.mark.parametrize("scenario", ["ready", "not-ready"])
@pytest.mark.parametrize("read", READS)
def test_a_refused_read_of_the_directory(scenario: str, read: str, far: Callable[..., Any]) -> None:
    """A 403 on one read leaves what rests on it alone undetermined, and nothing else changes sides."""
    tenant = load_scenario(scenario)
    less = attrs.evolve(tenant, directory=DirectorySpec(allowed_reads=_all_reads_but(read)))
    before, after = far(tenant).builder().check(), far(less).builder().check()
    assert list(worse(before, after)) == []
    if read in DEPENDS:
        assert after.of(DEPENDS[read]).status is Status.UNKNOWN
        assert not after.ready


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_fails_for_good(service: str, kind: str, far: Callable[..., Any]) -> None:
    """Without one service the report is not ready, nothing changes sides, and each gap says why."""
    before = far("not-ready").builder().check()
    after = far("not-ready", faults=(fault(service, kind),)).builder().check()
    assert list(worse(before, after)) == []
    assert not after.ready
    for finding in after.findings:
        assert finding.status is not Status.UNKNOWN or finding.summary


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_ready_account_is_never_called_ready_on_less(service: str, kind: str, far: Callable[..., Any]) -> None:
    """What was ready with all facts is not ready, and not failed, without one service."""
    report = far("ready", faults=(fault(service, kind),)).builder().check()
    assert not report.ready
    assert not report.failed, [finding for finding in report.findings if finding.status is Status.FAIL]


@pytest.mark.parametrize("kind", KINDS)
def test_one_environment_that_does_not_answer(kind: str, far: Callable[..., Any]) -> None:
    """Its three findings are undetermined with the reason; the other environment's stay."""
    spoilt = far("ready", faults=(fault("dataverse", kind, "/env/contoso-test/"),)).builder().check()
    names = {environment.name: environment.id for environment in spoilt.environments}
    for requirement in ("environment-access", "system-administrator", "read-write-access"):
        assert spoilt.of(requirement, names["Test"]).status is Status.UNKNOWN
        assert spoilt.of(requirement, names["Production"]).status is Status.PASS
    assert "not_read" in spoilt.of("environment-access", names["Test"]).evidence


def _all_reads_but(withheld: str) -> tuple[str, ...]:
    more = ("groups", "memberOf", "transitiveMemberOf", "checkMemberObjects", "roleDefinitions", "servicePrincipals")
    return tuple(read for read in (*READS, *more) if read != withheld)
