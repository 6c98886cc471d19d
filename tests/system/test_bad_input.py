"""Bad input: one clear message with what to do, a class of its own, and nothing sent that should not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics import (
    ClockSkewError,
    ConfigurationError,
    ConnectorBuilder,
    DestinationError,
    DeviceCode,
    Endpoints,
    KeepitCredentialsError,
    KeepitToken,
    NetworkSettings,
    RetryPolicy,
    TransportError,
    WrongAccountError,
    WrongTenantError,
)
from keepit_dynamics.sandbox import Clock, load_scenario
from keepit_dynamics.sandbox.tenant_file import UserSpec

BASE = {
    "authority": "https://login.example",
    "graph": "https://graph.example",
    "discovery": "https://disco.example",
    "keepit": "https://keepit.example",
}


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: ConnectorBuilder().region("mars"), "mars"),
        (lambda: ConnectorBuilder().cloud("cumulus"), "cumulus"),
        (lambda: ConnectorBuilder().named(""), "empty"),
        (lambda: ConnectorBuilder().named("x" * 256), "256"),
        (lambda: ConnectorBuilder().named("a\x00b"), "control"),
        (lambda: ConnectorBuilder().retention("3 years"), "3 years"),
        (lambda: ConnectorBuilder().retention("P"), "P"),
        (lambda: ConnectorBuilder().retention("PT48H"), "PT48H"),
        (lambda: ConnectorBuilder().retention("P0D"), "P0D"),
        (lambda: ConnectorBuilder().retention("-P1Y"), "-P1Y"),
        (lambda: ConnectorBuilder().keepit("a:b", "c"), "colon"),
        (lambda: ConnectorBuilder().configuration("[]"), "JSON object"),
        (lambda: ConnectorBuilder().requirements("nothing"), "nothing"),
        (lambda: ConnectorBuilder().named("n").access("no login"), "no login"),
        (lambda: ConnectorBuilder().plan(), "no name"),
        (lambda: ConnectorBuilder().named("n").plan(), "Keepit token"),
        (lambda: ConnectorBuilder().account(DeviceCode()).check(), "client id"),
    ],
)
def test_settings_are_checked_at_once(act: Callable[[], object], said: str) -> None:
    """Each names what is wrong, before anything is sent."""
    with pytest.raises(ConfigurationError) as caught:
        act()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"keepit": "http://keepit.example"},
        {"graph": "ftp://graph.example"},
        {"authority": "https://user@login.example"},
        {"discovery": 7},
        {"graph": None},
        {"keepit_token": {"name": "n"}},
    ],
)
def test_endpoints_that_cannot_be_used(change: dict[str, Any], tmp_path: Path) -> None:
    """An address without TLS, with user info, or none at all is refused while the file is read."""
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps({**BASE, **change}))
    with pytest.raises(ConfigurationError):
        ConnectorBuilder().endpoints(file)


def test_an_endpoints_file_that_is_not_there(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.json"):
        Endpoints.load(tmp_path / "nowhere.json")


def test_a_wrong_keepit_secret(far: Callable[..., Any]) -> None:
    """Its own class, with what to check; the secret is not in the message."""
    builder = far("ready").builder().named("n").keepit("readiness", "a-wrong-secret")
    with pytest.raises(KeepitCredentialsError) as caught:
        builder.plan()
    assert "region" in caught.value.hint
    assert "a-wrong-secret" not in f"{caught.value}{caught.value!r}"


def test_a_wrong_tenant(far: Callable[..., Any]) -> None:
    """A tenant that the directory does not know."""
    with pytest.raises(WrongTenantError, match=r"nobody\.example"):
        far("ready").builder().account(DeviceCode(), tenant="nobody.example").check()


def test_another_account_than_the_one_named(far: Callable[..., Any]) -> None:
    """Who signed in and who was expected are both named; nothing but the sign-in was sent."""
    there = far("ready")
    builder = there.builder().account(DeviceCode(prompt=lambda _: None), username="admin@contoso.example")
    with pytest.raises(WrongAccountError) as caught:
        builder.check()
    assert "backup@contoso.example" in caught.value.message
    assert "admin@contoso.example" in caught.value.message
    assert {one.service for one in there.world.journal.requests()} == {"entra"}


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (UserSpec("guest@fabrikam.example", type="Guest"), "guest"),
        (UserSpec("someone@outlook.example", personal=True), "personal"),
    ],
)
def test_accounts_of_the_wrong_kind(user: UserSpec, said: str, far: Callable[..., Any]) -> None:
    """Guests and personal accounts are refused at sign-in."""
    tenant = load_scenario("ready")
    there = far(attrs.evolve(tenant, users=(*tenant.users, user)), username=user.upn)
    with pytest.raises(WrongAccountError, match=said):
        there.builder().check()
    assert {one.service for one in there.world.journal.requests()} == {"entra"}


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_clock_that_is_off(off: timedelta, far: Callable[..., Any]) -> None:
    """The message says which way the clock is off."""
    there = far("ready", clock=Clock(datetime.now(UTC) + off))
    with pytest.raises(ClockSkewError, match="behind" if off > timedelta() else "ahead"):
        there.builder().check()


def test_no_network() -> None:
    """Nobody answers: the message names the service and the host."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Name or service not known", request=request)

    endpoints = attrs.evolve(Endpoints.from_data(BASE), client_id="c", keepit_token=KeepitToken("n", "s"))
    settings = NetworkSettings(transport=httpx.MockTransport(refuse))
    builder = ConnectorBuilder().endpoints(endpoints).network(settings).account(DeviceCode())
    builder = builder.retry(RetryPolicy(attempts=1))
    with pytest.raises(TransportError, match=r"login\.example"):
        builder.check()
    with pytest.raises(TransportError, match=r"keepit\.example"):
        builder.named("n").plan()


def test_a_token_never_goes_to_an_unknown_environment_host(far: Callable[..., Any]) -> None:
    """An environment at a host that is not allowed stays undetermined, and gets no token."""
    there = far("ready")
    endpoints = attrs.evolve(there.endpoints(), environment_hosts=("environments.example",))
    report = there.builder().endpoints(endpoints).check()
    assert not report.ready
    assert not report.failed
    assert there.world.journal.requests("dataverse") == []
    with pytest.raises(DestinationError):
        endpoints.check_bearer("https://environments.example.evil.example/api")
