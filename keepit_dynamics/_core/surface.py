"""One flow, two surfaces: publishes a flow as a blocking method and as an awaitable one.

``operation`` decorates a flow method of a shared base class. On a class that mixes in
``BlockingSurface`` the name is an ordinary method; on one that mixes in ``AsyncSurface`` it is awaited.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, get_args, overload

from keepit_dynamics._core.drivers import AsyncDriver, BlockingDriver
from keepit_dynamics._core.flow import Flow

__all__ = ["AsyncSurface", "BlockingSurface", "operation"]

P = ParamSpec("P")
T = TypeVar("T")


class BlockingSurface(Protocol):
    """An object whose operations block."""

    def _blocking_driver(self) -> BlockingDriver: ...


class AsyncSurface(Protocol):
    """An object whose operations are awaited."""

    def _async_driver(self) -> AsyncDriver: ...


class operation(Generic[P, T]):  # noqa: N801  # used as a decorator, like property
    """Publish a flow method on both surfaces with its exact signature."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self.flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: BlockingSurface, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: AsyncSurface, owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        if hasattr(instance, "_async_driver"):
            return self._bound(instance, self._awaiting(instance))
        return self._bound(instance, self._blocking(instance))

    def _blocking(self, instance: BlockingSurface) -> Callable[P, T]:
        def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return instance._blocking_driver().run(self.flow(instance, *args, **kwargs))

        return method

    def _awaiting(self, instance: AsyncSurface) -> Callable[P, Awaitable[T]]:
        async def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return await instance._async_driver().run(self.flow(instance, *args, **kwargs))

        return method

    def _bound(self, instance: object, method: Callable[P, Any]) -> Callable[P, Any]:
        # Help and signatures shall show what the caller calls: no self, and the value instead of the flow.
        functools.update_wrapper(method, self.flow)
        signature = inspect.signature(self.flow)
        parameters = list(signature.parameters.values())[1:]
        method.__signature__ = signature.replace(  # type: ignore[attr-defined]  # inspect reads it
            parameters=parameters, return_annotation=_value_of(signature.return_annotation)
        )
        method.__self__ = instance  # type: ignore[attr-defined]  # as a bound method has it
        return method


def _value_of(annotation: Any) -> Any:
    if isinstance(annotation, str):
        return annotation.removeprefix("Flow[").removesuffix("]") if annotation.startswith("Flow[") else annotation
    return get_args(annotation)[-1] if get_args(annotation) else annotation
