"""The listening side of the server: uvicorn in a thread, TLS by an authority of its own, faults on the connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import trustme
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from keepit_dynamics.sandbox.faults import connection_fault, held_back_seconds, wire_headers
from keepit_dynamics.sandbox.wire import Request, Response
from keepit_dynamics.sandbox.world import World

__all__ = ["Listener"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
_PATIENCE = 10.0


class Listener:
    """Serves a world on a bound socket."""

    def __init__(self, world: World, bound: socket.socket) -> None:
        self._world = world
        self._socket = bound
        self._authority = trustme.CA()
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._serve, name="keepit-dynamics-sandbox", daemon=True)

    @property
    def ca_pem(self) -> bytes:
        """The certificate to trust."""
        return self._authority.cert_pem.bytes()

    def start(self) -> None:
        """Serve; returns once connections are taken, raises OSError where that does not come about."""
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise OSError("The sandbox did not start.")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop serving; requests under way have a second to end."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE)

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http=_Connection,
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

    async def _app(self, scope: Message, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        request = await _request(scope, receive)
        answer = await asyncio.to_thread(self._world.handle, request)
        await asyncio.sleep(self._world.delay(request) + held_back_seconds(answer))
        self._world.record(request, answer.status, started)
        kind = connection_fault(answer)
        if kind == "reset":
            scope["state"]["transport"].abort()
        if kind in {"reset", "timeout"}:
            await _client_gone(receive)
        else:
            await _answer(send, answer, cut=kind == "truncate")


class _Connection(H11Protocol):
    """A connection that the application can break, which ASGI has no word for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


async def _request(scope: Message, receive: Receive) -> Request:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return Request(scope["method"], path, query, headers, bytes(body))


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, answer: Response, *, cut: bool) -> None:
    headers = wire_headers(answer)
    headers["Content-Length"] = str(len(answer.body) + (10 if cut else 0))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body, "more_body": cut})
