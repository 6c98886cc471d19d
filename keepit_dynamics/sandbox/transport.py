"""The door in process: an httpx transport, blocking and async, for clients that run beside the sandbox."""

from __future__ import annotations

import time

import anyio
import httpx

from keepit_dynamics.sandbox.faults import connection_fault, held_back_seconds, wire_headers
from keepit_dynamics.sandbox.wire import Request, Response
from keepit_dynamics.sandbox.world import World

__all__ = ["SandboxTransport"]


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to a world and its answers back."""

    def __init__(self, world: World) -> None:
        self.world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, blocking."""
        started = time.monotonic()
        asked = _asked(request, request.read())
        answer = self.world.handle(asked)
        time.sleep(self.world.delay(asked) + held_back_seconds(answer))
        self.world.record(asked, answer.status, started)
        return _given(request, answer)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, awaited."""
        started = time.monotonic()
        asked = _asked(request, await request.aread())
        answer = self.world.handle(asked)
        await anyio.sleep(self.world.delay(asked) + held_back_seconds(answer))
        self.world.record(asked, answer.status, started)
        return _given(request, answer)


def _asked(request: httpx.Request, body: bytes) -> Request:
    path, _, query = request.url.raw_path.decode().partition("?")
    return Request(request.method, path, query, dict(request.headers), body)


def _given(request: httpx.Request, answer: Response) -> httpx.Response:
    match connection_fault(answer):
        case "reset":
            raise httpx.ReadError("Connection reset by peer", request=request)
        case "timeout":
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        case "truncate":
            raise httpx.RemoteProtocolError("Peer closed connection without complete body", request=request)
    return httpx.Response(answer.status, headers=wire_headers(answer), content=answer.body, request=request)
