"""The report: the findings judged from a snapshot. Pure: the same facts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.errors import ConfigurationError
from keepit_dynamics.readiness.finding import Finding, Remedy, Status
from keepit_dynamics.readiness.requirements import REQUIREMENT_SETS, Requirement
from keepit_dynamics.readiness.seat_estimate import SeatEstimate, estimate_seats
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["EnvironmentShown", "Report", "judge"]

SCHEMA = "keepit-dynamics/report/1"


@attrs.frozen
class EnvironmentShown:
    """An environment as the report shows it; ``reachable`` is None where that is not known."""

    id: str
    name: str
    url: str
    state: str
    reachable: bool | None


@attrs.frozen
class Report:
    """Whether an account is ready, with a finding for each requirement and scope.

    Findings stand in order: the tenant first, then the environments by name; within each, as the set of
    requirements has them.
    """

    requirements: str
    taken_at: datetime
    tenant_id: str
    tenant_name: str | None
    subject_id: str | None
    subject_upn: str
    environments: tuple[EnvironmentShown, ...]
    findings: tuple[Finding, ...]
    seats: SeatEstimate

    @property
    def ready(self) -> bool:
        """Whether nothing is FAIL and nothing is UNKNOWN."""
        return not any(finding.status in {Status.FAIL, Status.UNKNOWN} for finding in self.findings)

    @property
    def failed(self) -> bool:
        """Whether something is certainly wrong."""
        return any(finding.status is Status.FAIL for finding in self.findings)

    def of(self, requirement: str, environment_id: str | None = None) -> Finding:
        """The finding on a requirement for one scope; raises KeyError where there is none."""
        for finding in self.findings:
            if (finding.requirement, finding.environment_id) == (requirement, environment_id):
                return finding
        raise KeyError((requirement, environment_id))

    def problems(self) -> tuple[Finding, ...]:
        """The findings that keep the account from being ready."""
        return tuple(finding for finding in self.findings if finding.status in {Status.FAIL, Status.UNKNOWN})

    def remedies(self) -> tuple[tuple[Remedy, tuple[Finding, ...]], ...]:
        """What to do, each remedy once, with the findings it is for; also for what is met with a warning."""
        grouped: dict[Remedy, list[Finding]] = {}
        for finding in self.findings:
            if finding.remedy is not None and finding.status is not Status.PASS:
                grouped.setdefault(finding.remedy, []).append(finding)
        return tuple((remedy, tuple(findings)) for remedy, findings in grouped.items())

    def places(self, findings: tuple[Finding, ...]) -> str:
        """The names of the tenant and the environments that findings are about, each once."""
        return ", ".join(dict.fromkeys(self.environment_name(finding.environment_id) for finding in findings))

    def environment_name(self, environment_id: str | None) -> str:
        """The name of an environment, or of the tenant for None."""
        names = {environment.id: environment.name for environment in self.environments}
        return names.get(environment_id or "", self.tenant_name or self.tenant_id)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values, in the published schema."""
        return {
            "schema": SCHEMA,
            "ready": self.ready,
            "requirements": self.requirements,
            "taken_at": self.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tenant": {"id": self.tenant_id, "name": self.tenant_name},
            "subject": {"id": self.subject_id, "upn": self.subject_upn},
            "environments": [attrs.asdict(environment) for environment in self.environments],
            "findings": [finding.to_dict() for finding in self.findings],
            "seats": self.seats.to_dict(),
        }

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def __repr__(self) -> str:
        verdict = "ready" if self.ready else f"not ready, {len(self.problems())} problems"
        return f"<Report {self.subject_upn}: {verdict}, {len(self.environments)} environments>"

    def _repr_html_(self) -> str:
        from keepit_dynamics.display.html import report_html  # noqa: PLC0415  # only notebooks need it

        return report_html(self)


def judge(snapshot: Snapshot, requirements: str = "dynamics_ce") -> Report:
    """Judge a snapshot by a set of requirements.

    Raises:
        ConfigurationError: There is no such set.
    """
    rules = REQUIREMENT_SETS.get(requirements)
    if rules is None:
        raise ConfigurationError(
            f"There is no set of requirements called {requirements!r}.",
            hint=f"Known sets: {', '.join(REQUIREMENT_SETS)}.",
        )
    user, organization = snapshot.directory.user, snapshot.directory.organization
    environments = sorted(snapshot.environments, key=lambda one: (one.name.casefold(), one.id))
    return Report(
        requirements=requirements,
        taken_at=snapshot.taken_at,
        tenant_id=snapshot.signed_in.tenant_id,
        tenant_name=None if isinstance(organization, Unread) else organization.display_name,
        subject_id=None if isinstance(user, Unread) else user.id,
        subject_upn=snapshot.subject,
        environments=tuple(_shown(one, snapshot) for one in environments),
        findings=tuple(_findings(snapshot, environments, rules)),
        seats=estimate_seats(snapshot),
    )


def _findings(
    snapshot: Snapshot, environments: list[EnvironmentFacts], rules: tuple[Requirement, ...]
) -> Iterator[Finding]:
    for rule in rules:
        if rule.tenant is not None:
            yield rule.tenant(snapshot)
    for environment in environments:
        for rule in rules:
            if rule.environment is not None:
                yield rule.environment(snapshot, environment)


def _shown(environment: EnvironmentFacts, snapshot: Snapshot) -> EnvironmentShown:
    access = environment.access
    reachable: bool | None
    if access is not None and not isinstance(access, Unread):
        reachable = access.refusal is None
    elif environment.discovered is None and not isinstance(snapshot.discovered, Unread):
        reachable = False
    else:
        reachable = None
    return EnvironmentShown(environment.id, environment.name, environment.url, environment.state, reachable)
