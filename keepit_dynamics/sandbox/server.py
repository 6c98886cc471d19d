"""The door on TLS loopback, for real clients and a real browser: uvicorn in a thread, with a CA of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Self

import trustme
import uvicorn

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.faults import Fault
from keepit_dynamics.sandbox.tenant_file import TenantFile
from keepit_dynamics.sandbox.wire import Request, Response
from keepit_dynamics.sandbox.world import World

__all__ = ["SandboxServer"]

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
_PATIENCE = 10.0


class SandboxServer:
    """Serves a world at ``https://localhost:<port>`` while it is entered."""

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
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.base_url = f"https://localhost:{self._socket.getsockname()[1]}"
        self.world = World(
            spec, base_url=self.base_url, clock=clock, auto_approve=auto_approve, faults=faults, latency=latency
        )
        self._authority = trustme.CA()
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._serve, name="keepit-dynamics-sandbox", daemon=True)

    @property
    def ca_pem(self) -> bytes:
        """The certificate to trust."""
        return self._authority.cert_pem.bytes()

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise OSError("The sandbox did not start.")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._socket.close()

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        config.load()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        config.ssl = context
        return config

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    async def _app(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        started = time.monotonic()
        request = await _request(scope, receive)
        answer = await asyncio.to_thread(self.world.handle, request)
        kind = answer.headers.get("x-sandbox-fault")
        extra = float(answer.headers.get("x-sandbox-seconds", 0)) if kind in {"slow", "timeout"} else 0.0
        await asyncio.sleep(self.world.delay(request) + extra)
        self.world.record(request, answer.status, started)
        if kind in {"reset", "timeout"}:
            raise ConnectionResetError("A fault closes this connection.")
        await _answer(send, answer, cut=kind == "truncate")


async def _request(scope: dict[str, Any], receive: Receive) -> Request:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["raw_path"].decode(), scope["query_string"].decode(), headers, bytes(body))


async def _answer(send: Send, answer: Response, *, cut: bool) -> None:
    headers = {name: value for name, value in answer.headers.items() if not name.startswith("x-sandbox-")}
    headers["Content-Length"] = str(len(answer.body) + (10 if cut else 0))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body, "more_body": cut})
