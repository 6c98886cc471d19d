"""A sandbox in process and builders that talk to it over HTTP semantics, sign-in and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics import ConnectorBuilder, DeviceCode, Endpoints, NetworkSettings, RetryPolicy, aio
from keepit_dynamics.sandbox import SandboxTransport, TenantFile, World, endpoints_document, load_scenario

ACCOUNT = "backup@contoso.example"


@attrs.frozen
class Far:
    """A world and how to reach it."""

    world: World
    username: str
    transport: httpx.BaseTransport

    def endpoints(self) -> Endpoints:
        """The addresses of the world."""
        return Endpoints.from_data(endpoints_document(self.world, username=self.username))

    def builder(self) -> ConnectorBuilder:
        """A blocking builder that sends everything once."""
        settings = NetworkSettings(transport=self.transport)
        builder = ConnectorBuilder().endpoints(self.endpoints()).network(settings)
        return builder.account(DeviceCode(prompt=_approved)).retry(RetryPolicy(attempts=1))

    def async_builder(self) -> aio.ConnectorBuilder:
        """The same, awaited."""
        settings = NetworkSettings(transport=self.transport)
        builder = aio.ConnectorBuilder().endpoints(self.endpoints()).network(settings)
        return builder.account(DeviceCode(prompt=_approved)).retry(RetryPolicy(attempts=1))

    def through(self, transport: httpx.BaseTransport) -> Far:
        """The same world behind another transport."""
        return attrs.evolve(self, transport=transport)


def _approved(_: Any) -> None:
    """The sandbox approves the code at once."""


MakeFar = Callable[..., Far]


@pytest.fixture
def far() -> MakeFar:
    """Makes a world from a built-in scenario's name or a tenant file, and who signs in."""

    def make(spec: str | TenantFile = "ready", *, username: str = ACCOUNT, **options: Any) -> Far:
        tenant = load_scenario(spec) if isinstance(spec, str) else spec
        world = World(tenant, auto_approve=(username,), **options)
        return Far(world, username, SandboxTransport(world))

    return make
