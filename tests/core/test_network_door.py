"""The one door to the network, through a function that stands for the far side: both ways in, the same outcome."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import anyio
import httpx
import pytest

from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics.errors import ConfigurationError, ProtocolError, RequestTimeoutError, TransportError

GET = HttpRequest("graph", "GET", "https://graph.example/v1.0/me?token=secret")
Far = Callable[[httpx.Request], httpx.Response]
Exchange = Callable[..., HttpResponse]


@pytest.fixture(params=["blocking", "async"])
def exchange(request: pytest.FixtureRequest) -> Exchange:
    """Sends one request to a function, on one of the surfaces."""

    def blocking(far: Far, asked: HttpRequest = GET, **settings: object) -> HttpResponse:
        return network(far, **settings).send(asked)

    def awaited(far: Far, asked: HttpRequest = GET, **settings: object) -> HttpResponse:
        return anyio.run(network(far, **settings).asend, asked)

    return blocking if request.param == "blocking" else awaited


def network(far: Far, **settings: object) -> Network:
    """A network whose far side is a function."""
    return Network(NetworkSettings(transport=httpx.MockTransport(far), **settings))  # type: ignore[arg-type]  # any setting


def failing(error: Exception) -> Far:
    """A far side that cannot be reached."""

    def far(_: httpx.Request) -> httpx.Response:
        raise error

    return far


def test_an_answer_comes_whole_whatever_its_status(exchange: Exchange) -> None:
    """Status, headers in lower case and body arrive; judging them is not the network's job."""
    answer = exchange(lambda _: httpx.Response(503, headers={"Retry-After": "5"}, content=b"busy"))
    assert (answer.status, answer.headers["retry-after"], answer.text, answer.ok) == (503, "5", "busy", False)


def test_a_redirect_is_handed_back(exchange: Exchange) -> None:
    """Nobody follows it, so no credentials travel along."""
    asked: list[str] = []

    def far(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://evil.example/"})

    answer = exchange(far, GET.with_headers({"Authorization": "Bearer t"}))
    assert (answer.status, asked) == (302, ["graph.example"])


def test_method_headers_and_body_arrive_as_they_are(exchange: Exchange) -> None:
    """What a client writes is what is sent, with the package's name as the agent."""
    seen: list[httpx.Request] = []

    def far(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    exchange(far, HttpRequest("keepit", "PUT", "https://keepit.example/a", {"X-One": "1"}, b"<a/>"), user_agent="mine")
    assert (seen[0].method, seen[0].headers["x-one"], seen[0].content) == ("PUT", "1", b"<a/>")
    assert seen[0].headers["user-agent"] == "mine keepit-dynamics"


@pytest.mark.parametrize("size", [10, 11])
def test_the_size_limit_is_exact(exchange: Exchange, size: int) -> None:
    """Ten bytes are read under a limit of ten, eleven are not, and the message names the limit."""

    def far(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * size)

    if size == 10:
        assert exchange(far, max_response_bytes=10).body == b"x" * 10
    else:
        with pytest.raises(ProtocolError, match="larger than 10 bytes"):
            exchange(far, max_response_bytes=10)


@pytest.mark.parametrize(
    ("failure", "kind", "word"),
    [
        (httpx.ConnectTimeout("slow"), RequestTimeoutError, "timeouts"),
        (httpx.ReadTimeout("slow"), RequestTimeoutError, "timeouts"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), TransportError, "ca_file"),
        (httpx.ConnectError("Name or service not known"), TransportError, "network"),
        (httpx.ProxyError("407"), TransportError, "proxy"),
        (httpx.RemoteProtocolError("cut"), TransportError, "network"),
        (httpx.DecodingError("no gzip"), TransportError, "network"),
        (ssl.SSLError("handshake"), TransportError, "network"),
        (ConnectionResetError("reset"), TransportError, "network"),
    ],
)
def test_what_goes_wrong_has_a_class_and_advice(
    exchange: Exchange, failure: Exception, kind: type[TransportError], word: str
) -> None:
    """Service and host are named, the query is not shown, and the advice fits."""
    with pytest.raises(kind, match=r"graph at graph\.example") as caught:
        exchange(failing(failure))
    error = caught.value
    assert (type(error), error.service, error.host) == (kind, "graph", "graph.example")
    assert word in error.hint
    assert "secret" not in str(error)


def test_user_info_of_an_address_is_not_shown(exchange: Exchange) -> None:
    """An error names the host alone."""
    with pytest.raises(TransportError) as caught:
        exchange(failing(httpx.ConnectError("no")), HttpRequest("keepit", "GET", "https://me:pw@keepit.example/"))
    assert caught.value.host == "keepit.example"
    assert "pw" not in str(caught.value)


def test_a_transport_for_blocking_only_is_refused_when_awaited() -> None:
    """The message says what is missing, instead of a call that blocks the loop."""

    class Blocking(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, request=request)

    blocking_only = Network(NetworkSettings(transport=Blocking()))
    assert blocking_only.send(GET).ok
    with pytest.raises(ConfigurationError, match="blocking requests only"):
        anyio.run(blocking_only.asend, GET)


def test_one_network_serves_several_event_loops_one_after_the_other() -> None:
    """What is awaited belongs to its loop; the next loop gets its own."""
    far = network(lambda _: httpx.Response(200))
    assert [anyio.run(far.asend, GET).status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_ca_file_that_cannot_be_used(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty or broken: the file is named before anything is sent."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        Network(NetworkSettings(ca_file=file)).send(GET)


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://proxy.example", "https://[::1"])
def test_a_proxy_that_is_no_address(proxy: str) -> None:
    """A setting that cannot be used is a configuration error, not an error of the HTTP library."""
    with pytest.raises(ConfigurationError, match="proxy"):
        Network(NetworkSettings(proxy=proxy)).send(GET)


def test_a_certificate_store_named_by_the_environment_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stale ``SSL_CERT_FILE`` is named, since nobody thinks of it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        Network(NetworkSettings()).send(GET)
