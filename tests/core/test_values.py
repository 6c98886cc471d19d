"""Conversion, XML, secrets and addresses: pure values."""

from __future__ import annotations

import pickle

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics._core.convert import from_wire
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpRequest
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics._core.paging import collect_pages
from keepit_dynamics._core.secrets import Secret, redact_text, redact_url
from keepit_dynamics._core.xml import parse_xml
from keepit_dynamics.clouds import CLOUDS, Endpoints
from keepit_dynamics.errors import DestinationError, ProtocolError, RequestTimeoutError, TransportError


@attrs.frozen
class Inner:
    """A part."""

    plan_id: str
    units: int | None = None


@attrs.frozen
class Outer:
    """A whole."""

    name: str
    parts: tuple[Inner, ...] = ()
    enabled: bool | None = attrs.field(default=None, metadata={"wire": "isEnabled"})


def test_wire_names_and_unknown_members() -> None:
    """Names are camelCase unless a field says otherwise; what is not known is ignored."""
    data = {"name": "n", "isEnabled": True, "parts": [{"planId": "p", "x": 1}], "@odata.type": "#t"}
    assert from_wire(data, Outer, service="graph") == Outer("n", (Inner("p"),), enabled=True)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "required member missing @ $.name"),
        ({"name": 7}, "expected str, got int @ $.name"),
        ({"name": "n", "isEnabled": "true"}, "expected bool, got str @ $.isEnabled"),
        ({"name": "n", "parts": [{"planId": "p"}, {"planId": "p", "units": "3"}]}, "$.parts[1].units"),
        ({"name": "n", "parts": [{"planId": "p", "units": True}]}, "$.parts[0].units"),
        ({"name": "n", "parts": [[]]}, "expected an object, got list @ $.parts[0]"),
        ([], "expected an object, got list @ $"),
    ],
)
def test_misfits_name_their_place(data: object, problem: str) -> None:
    """Nothing is coerced; each problem has its path in the payload."""
    with pytest.raises(ProtocolError) as caught:
        from_wire(data, Outer, service="graph")
    assert any(problem in one for one in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        b"not xml",
    ],
)
def test_xml_that_is_broken_or_hostile(body: bytes) -> None:
    """Neither cut documents nor entities get through."""
    with pytest.raises(ProtocolError):
        parse_xml(body, service="keepit")


@given(st.text(min_size=4))
def test_a_secret_never_shows(text: str) -> None:
    """Not in repr, str or formatting; it does not pickle, and says why."""
    secret = Secret(f"#{text}#")
    assert f"#{text}#" not in f"{secret!r}{secret}{[secret]}"
    assert secret.reveal() == f"#{text}#"
    with pytest.raises(TypeError, match="environment"):
        pickle.dumps(secret)


_TOKENS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789-_"), min_size=12, max_size=60)


@given(_TOKENS, st.sampled_from(["Bearer {}", "Authorization: Basic {}", '"access_token": "{}"', "client_secret={}"]))
def test_redaction_takes_credentials_out(token: str, form: str) -> None:
    """Whatever the form, the credential is gone, and the words around it stay."""
    text = f"before {form.format(token)} after"
    cleaned = redact_text(text)
    assert token not in cleaned
    assert cleaned.startswith("before ")


def test_addresses_are_shown_without_what_they_carry() -> None:
    """No user info and no query values."""
    assert redact_url("https://me:pw@host.example/a?code=secret") == "https://host.example/a?…"


PUBLIC = Endpoints.for_cloud("public")


@pytest.mark.parametrize(
    "url",
    [
        "https://contoso.crm.dynamics.com/api",
        "https://contoso.api.crm4.dynamics.com",
        "https://contoso.crm22.dynamics.com",
        "https://graph.microsoft.com/v1.0/me",
        "https://globaldisco.crm.dynamics.com/api/discovery/v2.0/Instances",
    ],
)
def test_addresses_that_may_have_a_token(url: str) -> None:
    """Services and environments of the cloud."""
    PUBLIC.check_bearer(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso.crm4.dynamics.com",
        "https://contoso.crm4.dynamics.com:8443",
        "https://user@contoso.crm4.dynamics.com",
        "https://contoso.crm4.dynamics.com.evil.example",
        "https://evil.example/contoso.crm4.dynamics.com",
        "https://contoso.operations.dynamics.com",
        "https://contoso.crm9.dynamics.com",
        "https://contoso.crm31.dynamics.com",
        "https://a.b.crm4.dynamics.com",
        "https://10.0.0.1",
        "https://graph.microsoft.com.evil.example",
        "https://graph.microsoft.us",
        "https://localhost/env/contoso",
        "//contoso.crm4.dynamics.com",
        "https://[::1",
    ],
)
def test_addresses_that_may_not(url: str) -> None:
    """Everything else: other clouds, look-alikes, ports, user info, no TLS."""
    with pytest.raises(DestinationError):
        PUBLIC.check_bearer(url)


@pytest.mark.parametrize("name", CLOUDS)
def test_discovery_is_no_environment(name: str) -> None:
    """Its host looks like one, in every cloud."""
    endpoints = Endpoints.for_cloud(name)
    assert not endpoints.is_environment(f"{endpoints.discovery}/api")
    assert endpoints.is_environment(endpoints.discovery.replace("globaldisco", "contoso"))


@given(st.lists(st.lists(st.integers(), max_size=4), min_size=1, max_size=6))
def test_any_split_into_pages_gives_the_same_rows(pages: list[list[int]]) -> None:
    """Empty pages included."""

    def following(link: str) -> Flow[object]:
        yield from ()
        return page(int(link))

    def page(number: int) -> object:
        more = {"@odata.nextLink": str(number + 1)} if number + 1 < len(pages) else {}
        return {"value": pages[number], **more}

    assert _finished(collect_pages(page(0), following, service="graph")) == [row for rows in pages for row in rows]


def test_a_link_that_comes_again_is_an_error() -> None:
    """Not a loop."""

    def following(_: str) -> Flow[object]:
        yield from ()
        return {"value": [], "@odata.nextLink": "again"}

    with pytest.raises(ProtocolError, match="twice"):
        _finished(collect_pages({"value": [], "@odata.nextLink": "again"}, following, service="graph"))


def test_an_answer_that_is_too_large() -> None:
    """The reading stops, with a word on the limit."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * 100))
    network = Network(NetworkSettings(transport=transport, max_response_bytes=10))
    with pytest.raises(ProtocolError, match="larger than 10 bytes"):
        network.send(HttpRequest("graph", "GET", "https://graph.example/"))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectTimeout("slow"), RequestTimeoutError),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), TransportError),
        (httpx.RemoteProtocolError("cut"), TransportError),
    ],
)
def test_httpx_errors_never_escape(failure: httpx.HTTPError, error: type[Exception]) -> None:
    """Each becomes one of ours, with the service and the host."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    network = Network(NetworkSettings(transport=httpx.MockTransport(fail)))
    with pytest.raises(error, match=r"graph at graph\.example"):
        network.send(HttpRequest("graph", "GET", "https://graph.example/?token=secret"))


def _finished(flow: Flow[list[object]]) -> list[object]:
    try:
        next(flow)
    except StopIteration as stop:
        rows: list[object] = stop.value
        return rows
    raise AssertionError("The flow wants something done.")
