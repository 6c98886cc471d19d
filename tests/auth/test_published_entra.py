"""Entra's published payloads, met as the sign-in would meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics import (
    ClockSkewError,
    ConnectorBuilder,
    DeviceCode,
    DeviceCodePrompt,
    Endpoints,
    NetworkSettings,
    ProtocolError,
    ServiceError,
    SignInCancelledError,
    WrongAccountError,
    WrongTenantError,
)
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics.auth.account import account_of, check_account
from keepit_dynamics.auth.bearer import claims_of

Published = Callable[[str], bytes]


def builder_over(answers: dict[str, tuple[int, bytes]], seen: list[DeviceCodePrompt]) -> ConnectorBuilder:
    """A builder whose directory gives these answers, by the last word of the path."""

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers[request.url.path.rpartition("/")[2]]
        return httpx.Response(status, content=body, headers={"Content-Type": "application/json"})

    endpoints = attrs.evolve(Endpoints.for_cloud(), client_id="6cb04018-a3f5-46a7-b995-940c78f5aef3")
    settings = NetworkSettings(transport=httpx.MockTransport(answer))
    return ConnectorBuilder().endpoints(endpoints).network(settings).account(DeviceCode(prompt=seen.append))


def test_a_device_code_is_shown_as_published(published: Published) -> None:
    """Code, address, message and lifetime reach the person; a declined code is an error of its own."""
    seen: list[DeviceCodePrompt] = []
    answers = {
        "openid-configuration": (200, published("entra/openid-configuration-full.json")),
        "devicecode": (200, published("entra/devicecode-response.json")),
        "token": (400, b'{"error": "authorization_declined", "error_description": "no"}'),
    }
    with pytest.raises(SignInCancelledError):
        builder_over(answers, seen).sign_in()
    (prompt,) = seen
    assert (prompt.code, prompt.address) == ("EMWM8WFNC", "https://microsoft.com/devicelogin")
    assert prompt.expires_in == 900
    assert prompt.message.endswith("enter the code EMWM8WFNC to authenticate.")


@pytest.mark.parametrize(
    "name", ["token-response-devicecode.json", "token-response-authcode.json", "token-response-refresh.json"]
)
def test_a_token_answer_that_is_cut_is_refused(name: str, published: Published) -> None:
    """Neither a broken document nor a cut token signs anybody in; no token shows in the error."""
    body = published(f"entra/{name}")
    answers = {
        "openid-configuration": (200, published("entra/openid-configuration-full.json")),
        "devicecode": (200, published("entra/devicecode-response.json")),
        "token": (200, body),
    }
    with pytest.raises(ProtocolError) as caught:
        builder_over(answers, []).sign_in()
    assert "AwABAAAAvPM1KaPlrEqdFSBzjqfTGAMxZGUTdM0t4B4" not in f"{caught.value}{caught.value.problems}"


def test_a_configuration_that_is_no_json_names_the_place(published: Published) -> None:
    """Line and column of what the publisher cut."""
    answers = {"openid-configuration": (200, published("entra/openid-configuration-truncated.json"))}
    with pytest.raises(ProtocolError, match=r"line \d+ column \d+"):
        builder_over(answers, []).sign_in()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}', WrongTenantError),
        (200, b"<!doctype html><html>a proxy</html>", ProtocolError),
        (503, b"busy", ServiceError),
    ],
)
def test_discovery_that_fails(status: int, body: bytes, error: type[Exception]) -> None:
    """An unknown tenant, a page in between, and a service that is down are told apart."""
    with pytest.raises(error):
        builder_over({"openid-configuration": (status, body)}, []).sign_in()


def test_the_published_claims_challenge(published: Published) -> None:
    """What a new token has to satisfy is read out of the header."""
    _, _, value = published("entra/claims-challenge-www-authenticate.txt").decode().partition("www-authenticate =")
    challenge = HttpResponse(401, {"WWW-Authenticate": value.strip()})
    assert json.loads(claims_of(challenge) or "") == {"access_token": {"acrs": {"essential": True, "value": "cp1"}}}


V2, V1_GUEST = "entra/id-token-payload-v2.json", "entra/id-token-payload-v1-guest.json"


def check(claims: dict[str, Any], **wanted: Any) -> None:
    """Check the account of an id token, a minute after it was issued."""
    given = {
        "client_id": claims["aud"],
        "tenant": "organizations",
        "username": None,
        "present": datetime.fromtimestamp(claims["iat"] + 60, UTC),
        **wanted,
    }
    check_account(account_of(claims, None), claims, **given)


def test_the_published_id_token(published: Published) -> None:
    """The account is who the token names; it passes, unless somebody else or another tenant was named."""
    claims = json.loads(published(V2))
    account = account_of(claims, None)
    assert (account.object_id, account.tenant_id) == (
        "00000000-0000-0000-66f3-3332eca7ea81",
        "9122040d-6c67-4c5b-b112-36a304b66dad",
    )
    assert (account.username, account.name) == ("AbeLi@microsoft.com", "Abe Lincoln")
    check(claims)
    check(claims, username="abeli@MICROSOFT.com")
    with pytest.raises(WrongAccountError):
        check(claims, username="somebody@contoso.example")
    with pytest.raises(WrongTenantError):
        check(claims, tenant="fa15d692-e9c7-4460-a743-29f2956fd429")
    with pytest.raises(ClockSkewError, match="ahead"):
        check(claims, present=datetime.fromtimestamp(claims["exp"] + 301, UTC))
    with pytest.raises(ClockSkewError, match="behind"):
        check(claims, present=datetime.fromtimestamp(claims["iat"] - 301, UTC))


def test_the_published_guest(published: Published) -> None:
    """Another identity provider than the issuer: a guest, and refused."""
    claims = json.loads(published(V1_GUEST))
    with pytest.raises(WrongAccountError, match=r"AbeLi@microsoft\.com is a guest"):
        check(claims)
