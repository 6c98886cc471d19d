"""The door on TLS loopback, for real clients and a real browser."""

from __future__ import annotations

import socket
from collections.abc import Collection, Sequence
from typing import Self

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.faults import Fault
from keepit_dynamics.sandbox.tenant_file import TenantFile
from keepit_dynamics.sandbox.world import World

__all__ = ["SandboxServer"]


class SandboxServer:
    """Serves a world at ``https://localhost:<port>`` while it is entered.

    The port is taken at once, so that the world can know its own address; ``close`` gives it back
    where the server is never entered.
    """

    def __init__(
        self,
        spec: TenantFile,
        *,
        port: int = 0,
        clock: Clock | None = None,
        auto_approve: Collection[str] = (),
        faults: Sequence[Fault] = (),
        latency: float = 0.0,
    ) -> None:
        from keepit_dynamics.sandbox.listener import Listener  # noqa: PLC0415  # uvicorn and trustme: servers only

        self._socket = _bound(port)
        try:
            self.base_url = f"https://localhost:{self._socket.getsockname()[1]}"
            self.world = World(
                spec, base_url=self.base_url, clock=clock, auto_approve=auto_approve, faults=faults, latency=latency
            )
            self._listener = Listener(self.world, self._socket)
        except BaseException:
            self.close()
            raise

    @property
    def ca_pem(self) -> bytes:
        """The certificate to trust."""
        return self._listener.ca_pem

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def __enter__(self) -> Self:
        try:
            self._listener.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.stop()
        self.close()


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except BaseException:
        bound.close()
        raise
    return bound
