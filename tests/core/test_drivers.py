"""Both drivers run the same flows to the same ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepit_dynamics._core.drivers import AsyncDriver, BlockingDriver
from keepit_dynamics._core.flow import Flow, call, emit, gather, now, sleep
from keepit_dynamics._core.network import Network, NetworkSettings

Run = Callable[[Flow[Any]], Any]


@pytest.fixture(params=["blocking", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a flow on one of the surfaces."""
    network = Network(NetworkSettings())
    if request.param == "blocking":
        return BlockingDriver(network).run
    return lambda flow: anyio.run(AsyncDriver(network).run, flow)


def number(value: int) -> Flow[int]:
    """A flow that returns a number, after a worker has looked at it."""
    return (yield from call(lambda: value))


def failing(text: str) -> Flow[int]:
    """A flow that fails."""
    yield from now()
    raise LookupError(text)


def test_gather_keeps_the_order(run: Run) -> None:
    """Values come in the order of the flows, whatever finishes first."""
    assert run(gather([number(value) for value in range(40)], limit=7)) == list(range(40))


def test_gather_keeps_the_limit(run: Run) -> None:
    """Four workers meet at a barrier of four, so so many run at once; never more are counted."""
    barrier, lock, busy, most = threading.Barrier(4, timeout=10), threading.Lock(), [0], [0]

    def work() -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        barrier.wait()
        with lock:
            busy[0] -= 1

    run(gather([call(work) for _ in range(20)], limit=4))
    assert most[0] == 4


def test_the_first_error_in_order_is_raised_after_all_have_run(run: Run) -> None:
    """One that fails does not keep the others from their end."""
    done: list[int] = []

    def noting(value: int) -> Flow[int]:
        yield from now()
        done.append(value)
        return value

    with pytest.raises(LookupError, match="first"):
        run(gather([noting(1), failing("first"), failing("second"), noting(2)], limit=2))
    assert sorted(done) == [1, 2]


def test_a_flow_can_catch_what_an_effect_raised(run: Run) -> None:
    """Errors arrive inside the flow, where it can answer them."""

    def careful() -> Flow[str]:
        try:
            yield from call(lambda: 1 // 0)
        except ZeroDivisionError:
            return "caught"
        return "missed"

    assert run(careful()) == "caught"


def test_finally_runs_when_an_effect_fails(run: Run) -> None:
    """Whatever happens, a flow can tidy up."""
    tidied: list[bool] = []

    def untidy() -> Flow[None]:
        try:
            yield from call(lambda: 1 // 0)
        finally:
            tidied.append(True)

    with pytest.raises(ZeroDivisionError):
        run(untidy())
    assert tidied == [True]


def test_finally_runs_when_a_task_is_cancelled() -> None:
    """Cancellation is thrown into the flow too."""
    tidied: list[bool] = []

    def patient() -> Flow[None]:
        try:
            yield from sleep(60)
        finally:
            tidied.append(True)

    async def cancelled() -> None:
        with anyio.move_on_after(0.01):
            await AsyncDriver(Network(NetworkSettings())).run(patient())

    anyio.run(cancelled)
    assert tidied == [True]


_ENDS: st.SearchStrategy[Any] = st.integers() | st.text(max_size=3)
_TREES = st.recursive(_ENDS, lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=3)), max_leaves=8)


def grown(tree: Any) -> Flow[Any]:
    """A flow from a tree: a number is a value, a text an error, a branch runs its flows together, careful or not."""
    if isinstance(tree, str):
        return (yield from failing(tree))
    if isinstance(tree, int):
        return (yield from call(lambda: tree))
    careful, branches = tree
    try:
        return (yield from gather([grown(branch) for branch in branches], limit=2))
    except LookupError as error:
        if careful:
            return f"caught {error}"
        raise


def ended(run: Run, tree: Any) -> object:
    """What a flow ended with: its value or its error."""
    try:
        return run(grown(tree))
    except LookupError as error:
        return repr(error)


@settings(max_examples=30, deadline=None)
@given(_TREES)
def test_both_drivers_come_to_the_same_end(tree: Any) -> None:
    """Whatever runs together, in whatever depth, and fails wherever: the same value or the same error."""
    network = Network(NetworkSettings())
    blocking = ended(BlockingDriver(network).run, tree)
    assert ended(lambda flow: anyio.run(AsyncDriver(network).run, flow), tree) == blocking


def test_blocking_works_inside_a_running_loop() -> None:
    """There is no loop of its own that could be in the way."""

    async def cell() -> list[int]:
        return BlockingDriver(Network(NetworkSettings())).run(gather([number(1), number(2)], limit=2))

    assert asyncio.run(cell()) == [1, 2]


def test_events_reach_the_observer() -> None:
    """Whoever watches is told, in order."""
    seen: list[object] = []

    def telling() -> Flow[None]:
        yield from emit("one")
        yield from emit("two")

    BlockingDriver(Network(NetworkSettings()), seen.append).run(telling())
    assert seen == ["one", "two"]
