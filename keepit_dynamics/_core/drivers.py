"""The two drivers that run flows: one blocks, one awaits. Neither keeps an event loop of its own.

Both throw whatever goes wrong, cancellation included, into the flow, so that its ``finally`` blocks run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from keepit_dynamics._core.flow import Call, Effect, Emit, Flow, Gather, Now, Send, Sleep
from keepit_dynamics._core.network import Network

__all__ = ["AsyncDriver", "BlockingDriver", "Observer"]

T = TypeVar("T")
Observer = Callable[[Any], None]


def _unpack(outcomes: Sequence[tuple[Any, BaseException | None]]) -> list[Any]:
    for _, error in outcomes:
        if error is not None:
            raise error
    return [value for value, _ in outcomes]


class BlockingDriver:
    """Runs flows by blocking; "together" means a bounded number of threads."""

    def __init__(self, network: Network, observer: Observer | None = None) -> None:
        self._network = network
        self._observer = observer

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its value."""
        try:
            effect = next(flow)
            while True:
                try:
                    value = self._perform(effect)
                except BaseException as error:  # noqa: BLE001  # the flow decides what an error means
                    effect = flow.throw(error)
                else:
                    effect = flow.send(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            flow.close()

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send(request):
                return self._network.send(request)
            case Sleep(seconds):
                return time.sleep(seconds)
            case Now():
                return datetime.now(UTC)
            case Call(function):
                return function()
            case Gather(flows, limit):
                return self._gather(flows, limit)
            case Emit(event):
                return self._observer(event) if self._observer else None

    def _gather(self, flows: Sequence[Generator[Any, Any, Any]], limit: int) -> list[Any]:
        if len(flows) <= 1:
            return [self.run(flow) for flow in flows]
        with ThreadPoolExecutor(min(limit, len(flows)), thread_name_prefix="keepit-dynamics") as pool:
            return _unpack(list(pool.map(self._outcome, flows)))

    def _outcome(self, flow: Flow[Any]) -> tuple[Any, BaseException | None]:
        try:
            return self.run(flow), None
        except BaseException as error:  # noqa: BLE001  # raised again by _unpack, in order
            return None, error


class AsyncDriver:
    """Runs flows by awaiting, on asyncio or trio; "together" means tasks."""

    def __init__(self, network: Network, observer: Observer | None = None) -> None:
        self._network = network
        self._observer = observer

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its value."""
        try:
            effect = next(flow)
            while True:
                try:
                    value = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001  # the flow decides what an error means
                    effect = flow.throw(error)
                else:
                    effect = flow.send(value)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            flow.close()

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send(request):
                return await self._network.asend(request)
            case Sleep(seconds):
                return await anyio.sleep(seconds)
            case Now():
                return datetime.now(UTC)
            case Call(function):
                return await anyio.to_thread.run_sync(function, limiter=self._network.call_limiter())
            case Gather(flows, limit):
                return await self._gather(flows, limit)
            case Emit(event):
                return self._observer(event) if self._observer else None

    async def _gather(self, flows: Sequence[Generator[Any, Any, Any]], limit: int) -> list[Any]:
        slots = anyio.Semaphore(limit)
        outcomes: list[tuple[Any, BaseException | None]] = [(None, None)] * len(flows)

        async def run_one(index: int, flow: Flow[Any]) -> None:
            async with slots:
                try:
                    outcomes[index] = (await self.run(flow), None)
                except Exception as error:  # noqa: BLE001  # raised again by _unpack, in order
                    outcomes[index] = (None, error)

        async with anyio.create_task_group() as tasks:
            for index, flow in enumerate(flows):
                tasks.start_soon(run_one, index, flow)
        return _unpack(outcomes)
