"""The one door to the network: the only module that imports httpx.

Every request of every service, MSAL's included, goes through :class:`Network`. Each host gets a client of
its own on one shared TLS context: httpx's pool costs time with the square of the requests it holds.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.lowlevel
import attrs
import httpx

from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics.errors import ConfigurationError, ProtocolError, RequestTimeoutError, TransportError

__all__ = ["Network", "NetworkSettings"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class NetworkSettings:
    """How requests travel.

    Attributes:
        connect_timeout: Seconds until a connection has to stand.
        read_timeout: Seconds until the next bytes of an answer have to come.
        proxy: Address of a proxy; None obeys the environment (``HTTPS_PROXY`` …).
        ca_file: PEM file of certificate authorities to trust beside the usual ones.
        in_flight: How many requests may be under way at once.
        per_host: How many of them to one host.
        max_response_bytes: The largest answer that is read.
        user_agent: Text in front of the package's own in ``User-Agent``.
        transport: An httpx transport that serves blocking and, if it can, async requests.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    proxy: str | None = None
    ca_file: Path | None = None
    in_flight: int = 64
    per_host: int = 64
    max_response_bytes: int = 64 * 1024 * 1024
    user_agent: str = ""
    transport: httpx.BaseTransport | None = attrs.field(default=None, repr=False)


class Network:
    """Sends requests, blocking or async, and turns what goes wrong into this package's errors."""

    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[httpx.Client, threading.Semaphore]] = {}
        # What is awaited belongs to one event loop, and a network may outlive several.
        self._async_clients: dict[tuple[Any, str], tuple[httpx.AsyncClient, anyio.Semaphore]] = {}
        self._limiters: dict[Any, anyio.CapacityLimiter] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        try:
            context = httpx.create_ssl_context()
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"The certificates named by SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {error}.",
                hint="Correct these variables, or unset them.",
            ) from error
        if self.settings.ca_file is not None:
            try:
                context.load_verify_locations(cafile=str(self.settings.ca_file))
            except (OSError, ssl.SSLError) as error:
                raise ConfigurationError(
                    f"The CA file {self.settings.ca_file} cannot be read as PEM: {error}.",
                    hint="Name a file with PEM certificates, or leave it out.",
                ) from error
        return context

    def call_limiter(self) -> anyio.CapacityLimiter:
        """Worker threads that blocking calls of an async driver may use."""
        loop = anyio.lowlevel.current_token()
        if loop not in self._limiters:
            self._limiters[loop] = anyio.CapacityLimiter(self.settings.in_flight)
        return self._limiters[loop]

    def send(self, request: HttpRequest) -> HttpResponse:
        """Exchange one request for its answer, whatever its status.

        Raises:
            TransportError: No answer came.
            ProtocolError: The answer is larger than the limit.
        """
        client, slots = self._client(request.url)
        try:
            with slots, client.stream(request.method, request.url, **self._parts(request)) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    self._check_size(request, body, chunk)
                return HttpResponse(response.status_code, response.headers, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise _transport_error(request, error) from error

    async def asend(self, request: HttpRequest) -> HttpResponse:
        """The same as :meth:`send`, awaited."""
        client, slots = self._async_client(request.url)
        try:
            async with slots, client.stream(request.method, request.url, **self._parts(request)) as response:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    self._check_size(request, body, chunk)
                return HttpResponse(response.status_code, response.headers, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise _transport_error(request, error) from error

    def close(self) -> None:
        """Close all blocking connections; a later request opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client, _ in clients.values():
            client.close()

    async def aclose(self) -> None:
        """Close all connections."""
        self.close()
        loop = anyio.lowlevel.current_token()
        for key in [key for key in self._async_clients if key[0] == loop]:
            client, _ = self._async_clients.pop(key)
            await client.aclose()

    def _client(self, url: str) -> tuple[httpx.Client, threading.Semaphore]:
        with self._lock:
            origin = _origin(url)
            if origin not in self._clients:
                transport = self.settings.transport
                client = _made(httpx.Client, transport=transport, **self._options())
                self._clients[origin] = (client, threading.Semaphore(self.settings.per_host))
            return self._clients[origin]

    def _async_client(self, url: str) -> tuple[httpx.AsyncClient, anyio.Semaphore]:
        key = (anyio.lowlevel.current_token(), _origin(url))
        if key not in self._async_clients:
            transport = self.settings.transport
            if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
                raise ConfigurationError(
                    "The transport that was handed in serves blocking requests only.",
                    hint="Hand in one that is an httpx.AsyncBaseTransport as well.",
                )
            client = _made(httpx.AsyncClient, transport=transport, **self._options())
            self._async_clients[key] = (client, anyio.Semaphore(self.settings.per_host))
        return self._async_clients[key]

    def _options(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "verify": self._tls,
            "proxy": settings.proxy,
            "headers": {"User-Agent": f"{settings.user_agent} keepit-dynamics".strip()},
            "follow_redirects": False,
            "timeout": httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout),
            "limits": httpx.Limits(max_connections=settings.per_host, max_keepalive_connections=settings.per_host),
        }

    def _parts(self, request: HttpRequest) -> dict[str, Any]:
        return {"headers": request.headers, "content": request.body or None}

    def _check_size(self, request: HttpRequest, body: bytearray, chunk: bytes) -> None:
        body += chunk
        if len(body) > self.settings.max_response_bytes:
            raise ProtocolError(
                f"The answer of {request.service} is larger than {self.settings.max_response_bytes} bytes.",
                service=request.service,
                hint="Raise max_response_bytes if such an answer is expected.",
            )


def _made(kind: Callable[..., T], **options: Any) -> T:
    try:
        return kind(**options)
    except (httpx.InvalidURL, ImportError, ValueError) as error:
        raise ConfigurationError(
            f"The proxy cannot be used: {error}.", hint="Give it as http://host:port, here or in HTTPS_PROXY."
        ) from error


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _transport_error(request: HttpRequest, error: Exception) -> TransportError:
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    if isinstance(error, httpx.TimeoutException):
        return RequestTimeoutError(
            f"{request.service} at {host} did not answer in time.",
            service=request.service,
            host=host,
            hint="Check the network and the proxy, or raise the timeouts.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        hint = "Name the CA file of your proxy or endpoint (ca_file), or check the machine's certificates."
    else:
        hint = "Check the network, the name and the proxy settings."
    return TransportError(
        f"{request.service} at {host} cannot be reached: {str(error) or type(error).__name__}.",
        service=request.service,
        host=host,
        hint=hint,
    )
