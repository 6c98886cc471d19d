"""The rules, one file each, and the sets they come in. A new rule is one new file and one word here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from keepit_dynamics.readiness.finding import Finding
from keepit_dynamics.readiness.requirements import (
    dynamics_administrator,
    dynamics_license,
    environment_access,
    global_administrator,
    read_write_access,
    seats,
    system_administrator,
    work_account,
)
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["REQUIREMENT_SETS", "Requirement"]

TenantRule = Callable[[Snapshot], Finding]
EnvironmentRule = Callable[[Snapshot, EnvironmentFacts], Finding]


@attrs.frozen
class Requirement:
    """One rule: judged once for the tenant, for each environment, or both."""

    id: str
    tenant: TenantRule | None = None
    environment: EnvironmentRule | None = None


_AFTER_THE_ROLES = (
    Requirement(dynamics_license.ID, tenant=dynamics_license.judge),
    Requirement(environment_access.ID, tenant=environment_access.judge_list, environment=environment_access.judge),
    Requirement(system_administrator.ID, environment=system_administrator.judge),
    Requirement(read_write_access.ID, environment=read_write_access.judge),
    Requirement(seats.ID, tenant=seats.judge),
)

_DYNAMICS_CE = (
    Requirement(work_account.ID, tenant=work_account.judge),
    Requirement(global_administrator.ID, tenant=global_administrator.judge),
    *_AFTER_THE_ROLES,
)

_POWER_PLATFORM = (
    Requirement(work_account.ID, tenant=work_account.judge),
    Requirement(global_administrator.ID, tenant=global_administrator.judge_after_creation),
    Requirement(dynamics_administrator.ID, tenant=dynamics_administrator.judge),
    *_AFTER_THE_ROLES,
)

REQUIREMENT_SETS: Mapping[str, tuple[Requirement, ...]] = {
    "dynamics_ce": _DYNAMICS_CE,
    "power_platform": _POWER_PLATFORM,
}
"""The sets by name, each in the order its findings are shown."""
