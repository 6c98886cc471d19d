"""What all tests share: where the vendors' published payloads are, and clients over a function."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.network import Network, NetworkSettings

_SHARED = Path(os.environ.get("KEEPIT_DYNAMICS_SHARED") or Path(__file__).resolve().parents[2] / "shared")

Published = Callable[[str], bytes]
Answering = Callable[[Callable[[httpx.Request], httpx.Response]], BlockingDriver]


@pytest.fixture
def shared() -> Path:
    """The folder with contracts, scenarios and published payloads; skips where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip(f"The published payloads are not here: {_SHARED}; set KEEPIT_DYNAMICS_SHARED.")
    return _SHARED


@pytest.fixture
def published(shared: Path) -> Published:
    """Reads a published payload, unchanged."""

    def read(name: str) -> bytes:
        return (shared / "published" / name).read_bytes()

    return read


@pytest.fixture
def answering() -> Answering:
    """Makes a blocking driver whose far side is a function."""

    def make(answer: Callable[[httpx.Request], httpx.Response]) -> BlockingDriver:
        return BlockingDriver(Network(NetworkSettings(transport=httpx.MockTransport(answer))))

    return make


class StaticTokens:
    """A token source that has the same token for everything."""

    def token(self, scope: str, *, claims: str | None = None, renew: bool = False) -> Flow[str]:
        """A token that names its scope."""
        del claims
        yield from ()
        return f"token for {scope}{' anew' if renew else ''}"


@pytest.fixture
def tokens() -> StaticTokens:
    """Tokens for everything."""
    return StaticTokens()
