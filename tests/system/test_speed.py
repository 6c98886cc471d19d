"""The promise of speed, read off the sandbox's own journal: round trips and requests, never seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import attrs
import pytest

from keepit_dynamics.sandbox import TenantFile, load_scenario
from keepit_dynamics.sandbox.tenant_file import EnvironmentSpec, EnvironmentUserSpec

ACCOUNT = "backup@contoso.example"


def tenant_of(count: int) -> TenantFile:
    """A ready tenant with so many environments."""
    users = (EnvironmentUserSpec(ACCOUNT, roles=("System Administrator",)),)
    environments = tuple(EnvironmentSpec(f"Branch {number:03}", users=users) for number in range(count))
    return attrs.evolve(load_scenario("ready"), environments=environments)


@pytest.mark.parametrize("surface", ["blocking", "async"])
def test_fifty_environments_take_four_round_trips(surface: str, far: Callable[..., Any]) -> None:
    """Tokens; directory and discovery; environment tokens; environment facts: and at most one more of each kind."""
    there = far(tenant_of(50), latency=0.05)
    if surface == "blocking":
        builder = there.builder()
        builder.sign_in()
        there.world.journal.clear()
        assert builder.check().ready
    else:
        anyio.run(_async_check, there)
    journal = there.world.journal
    assert journal.depth() <= 4
    assert len(journal.requests("dataverse")) == 50
    tokens = journal.requests("entra")
    assert len(tokens) == 50 + 2
    others = [one for one in journal.requests() if one.service not in {"entra", "dataverse"}]
    assert len(others) <= 8


async def _async_check(there: Any) -> None:
    builder = there.async_builder()
    await builder.sign_in()
    there.world.journal.clear()
    assert (await builder.check()).ready


def test_a_negative_verdict_costs_one_more_request(far: Callable[..., Any]) -> None:
    """Only an environment in which the role was not found is asked a second time."""
    there = far("not-ready")
    there.builder().check()
    asked = [one.path for one in there.world.journal.requests("dataverse")]
    assert sum("$batch" in path for path in asked) == 3
    assert sum("RetrieveAadUserRoles" in path for path in asked) == 1
    assert len(asked) == 4
