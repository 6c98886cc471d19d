"""The promise of speed: round trips and requests, counted without a clock.

A driver of its own runs the flow: what is gathered runs side by side in depth, whatever the machine is doing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from keepit_dynamics import ConnectorBuilder, NetworkSettings, Report
from keepit_dynamics._core.flow import Call, Effect, Emit, Flow, Gather, Now, Send, Sleep
from keepit_dynamics._core.network import Network
from keepit_dynamics.sandbox import TenantFile, load_scenario
from keepit_dynamics.sandbox.journal import Journal
from keepit_dynamics.sandbox.tenant_file import EnvironmentSpec, EnvironmentUserSpec

ACCOUNT = "backup@contoso.example"


@attrs.frozen
class DepthDriver:
    """Runs a flow and counts round trips: side by side costs as much as the deepest."""

    network: Network
    journal: Journal

    def run(self, flow: Flow[Any], depth: int = 0) -> tuple[Any, int]:
        """The flow's value, and how many round trips deep it ends."""
        value: Any = None
        error: Exception | None = None
        while True:
            try:
                effect: Effect = flow.throw(error) if error else flow.send(value)
            except StopIteration as stop:
                return stop.value, depth
            value, error = None, None
            try:
                value, depth = self.perform(effect, depth)
            except Exception as failure:  # noqa: BLE001  # the flow decides what an error means
                error = failure

    def perform(self, effect: Effect, depth: int) -> tuple[Any, int]:
        """Do what an effect says."""
        match effect:
            case Send(request):
                return self.network.send(request), depth + 1
            case Call(function):
                before = len(self.journal.requests())
                return function(), depth + len(self.journal.requests()) - before
            case Gather(flows, _):
                ends = [self.run(flow, depth) for flow in flows]
                return [value for value, _ in ends], max([depth, *(end for _, end in ends)])
            case Now():
                return datetime.now(UTC), depth
            case Sleep() | Emit():
                return None, depth


def tenant_of(count: int) -> TenantFile:
    """A ready tenant with so many environments."""
    users = (EnvironmentUserSpec(ACCOUNT, roles=("System Administrator",)),)
    environments = tuple(EnvironmentSpec(f"Branch {number:03}", users=users) for number in range(count))
    return attrs.evolve(load_scenario("ready"), environments=environments)


@pytest.mark.parametrize("count", [1, 5, 50, 200])
def test_any_number_of_environments_takes_four_round_trips(count: int, far: Callable[..., Any]) -> None:
    """Tokens; directory and discovery; environment tokens; environment facts. One token and one request each."""
    there = far(tenant_of(count))
    report, depth = checked(there)
    assert report.ready
    assert depth <= 4
    journal = there.world.journal
    assert len(journal.requests("dataverse")) == count
    assert len(journal.requests("entra")) == count + 2
    others = [one for one in journal.requests() if one.service not in {"entra", "dataverse"}]
    assert len(others) <= 8


def test_a_negative_verdict_costs_a_fifth_round_trip(far: Callable[..., Any]) -> None:
    """Only an environment in which the role was not found is asked a second time."""
    there = far("not-ready")
    _, depth = checked(there)
    asked = [one.path for one in there.world.journal.requests("dataverse")]
    assert depth == 5
    assert sum("$batch" in path for path in asked) == 3
    assert sum("RetrieveAadUserRoles" in path for path in asked) == 1
    assert len(asked) == 4


def test_a_hundred_first_calls_cost_one_token(far: Callable[..., Any]) -> None:
    """Whoever comes while a token is being fetched waits for it."""
    there = far("ready")
    builder = there.builder()
    builder.sign_in()
    there.world.journal.clear()
    session = builder._session.microsoft
    scope = there.endpoints().discovery_scope
    driver = builder._blocking_driver()
    tokens = driver._gather([session.token(scope) for _ in range(100)], 32)
    assert len(set(tokens)) == 1
    assert len(there.world.journal.requests("entra")) == 1


def checked(there: Any) -> tuple[Report, int]:
    """A check with the account signed in, and its depth."""
    builder: ConnectorBuilder = there.builder()
    builder.sign_in()
    there.world.journal.clear()
    driver = DepthDriver(Network(NetworkSettings(transport=there.transport)), there.world.journal)
    report, depth = driver.run(ConnectorBuilder.check.flow(builder))
    assert isinstance(report, Report)
    return report, depth
