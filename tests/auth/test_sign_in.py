"""Signing in: by device code and by browser, against the sandbox's pages; and what the directory refuses."""

from __future__ import annotations

import json
import re
import threading
import webbrowser
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics import (
    BlockedByPolicyError,
    Browser,
    ConfigurationError,
    ConnectorBuilder,
    ConsentRequiredError,
    DeviceCode,
    DeviceCodePrompt,
    Endpoints,
    InteractionRequiredError,
    KeepitDynamicsError,
    NetworkSettings,
    SignInCancelledError,
    SignInError,
    WrongAccountError,
)
from keepit_dynamics.auth.refusals import refusal_error
from keepit_dynamics.sandbox import SandboxTransport, World, endpoints_document, load_scenario

ACCOUNT = "backup@contoso.example"
PASSWORD = "Passw0rd!"


def world(sign_in: str = "ok", *, approve: bool = True) -> World:
    """The ready tenant, with the account's sign-in as given."""
    tenant = load_scenario("ready")
    users = tuple(attrs.evolve(user, sign_in=sign_in) if user.upn == ACCOUNT else user for user in tenant.users)
    return World(attrs.evolve(tenant, users=users), auto_approve=(ACCOUNT,) if approve else ())


def builder_of(there: World, way: Browser | DeviceCode) -> ConnectorBuilder:
    """A builder for a world."""
    endpoints = Endpoints.from_data(endpoints_document(there, username=ACCOUNT))
    settings = NetworkSettings(transport=SandboxTransport(there))
    return ConnectorBuilder().endpoints(endpoints).network(settings).account(way)


class Person:
    """A person with a browser: opens an address, fills the forms in, and follows where they lead."""

    def __init__(self, there: World, *, password: str = PASSWORD, consent: str = "accept") -> None:
        self.client = httpx.Client(transport=SandboxTransport(there), base_url=there.base_url)
        self.answers = {"username": ACCOUNT, "password": password, "consent": consent}
        self.titles: list[str] = []
        self.thread: threading.Thread | None = None

    def open(self, address: str, *_: Any) -> bool:
        """As ``webbrowser`` calls it: return at once, and go on."""
        self.thread = threading.Thread(target=self.go, args=(address,))
        self.thread.start()
        return True

    def go(self, address: str) -> None:
        """Go through the pages to the end."""
        page = self.client.get(address)
        for _ in range(8):
            self.titles.append(re.findall(r"<h1>(.*?)</h1>", page.text)[0])
            form = re.findall(r"<form.*?</form>", page.text, re.DOTALL)[-1:]
            if not form or 'role="alert"' in page.text:
                return
            hidden = dict(re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', form[0]))
            fields = {name: unescape(value) for name, value in hidden.items()}
            action = re.search(r'action="(.*?)"', form[0])
            if action is not None:
                with httpx.Client() as outside:
                    outside.post(unescape(action[1]), data=fields)
                return
            wanted = set(re.findall(r'name="(username|password|consent)"', form[0])) - set(fields)
            page = self.client.post(address, data={**fields, **{name: self.answers[name] for name in wanted}})


@pytest.fixture
def person() -> Iterator[Callable[..., Person]]:
    """Puts a person in front of the browser that sign-ins open."""
    made: list[Person] = []
    before = list(webbrowser._tryorder or [])  # type: ignore[attr-defined]  # to be put back

    def make(there: World, **traits: str) -> Person:
        one = Person(there, **traits)
        made.append(one)
        webbrowser.register("a-person", None, _as_browser(one), preferred=True)
        return one

    yield make
    webbrowser._tryorder = before  # type: ignore[attr-defined]
    for one in made:
        if one.thread is not None:
            one.thread.join(10)


def _as_browser(one: Person) -> webbrowser.BaseBrowser:
    browser = webbrowser.GenericBrowser("a-person")
    browser.open = one.open  # type: ignore[method-assign, assignment]  # the person opens it
    return browser


def test_by_browser(person: Callable[..., Person]) -> None:
    """Password, consent, and back; the account is who signed in."""
    there = world(approve=False)
    someone = person(there)
    account = builder_of(there, Browser(timeout=20)).sign_in()
    assert (account.username, account.tenant_id) == (ACCOUNT, there.directory.tenant_id)
    assert someone.titles == ["Sign in", "Enter password", "Permissions requested", "Signing in"]


def test_consent_declined_in_the_browser(person: Callable[..., Person]) -> None:
    """Saying no is an error of its own."""
    there = world(approve=False)
    person(there, consent="cancel")
    with pytest.raises((SignInCancelledError, ConsentRequiredError)):
        builder_of(there, Browser(timeout=20)).sign_in()


def test_nobody_finishes_in_the_browser(person: Callable[..., Person]) -> None:
    """A wrong password ends at the deadline, never in a hang, and the message names the likely reason."""
    there = world(approve=False)
    person(there, password="wrong")
    with pytest.raises(SignInCancelledError, match="personal account"):
        builder_of(there, Browser(timeout=1.2)).sign_in()


def test_by_device_code_on_the_page(person: Callable[..., Person]) -> None:
    """The person types the code in on another device, and signs in there."""
    there = world(approve=False)
    client = httpx.Client(transport=SandboxTransport(there))

    def type_in(prompt: DeviceCodePrompt) -> None:
        fields = {"user_code": prompt.code.lower(), "username": ACCOUNT, "password": PASSWORD}
        assert prompt.code in prompt.message
        assert "You have signed in" in client.post(prompt.address, data=fields).text

    account = builder_of(there, DeviceCode(prompt=type_in)).sign_in()
    assert account.username == ACCOUNT


@pytest.mark.parametrize(
    ("sign_in", "error", "code"),
    [
        ("mfa", InteractionRequiredError, "AADSTS50076"),
        ("blocked_by_policy", BlockedByPolicyError, "AADSTS53003"),
        ("consent_required", ConsentRequiredError, "AADSTS65001"),
        ("disabled", BlockedByPolicyError, "AADSTS50057"),
    ],
)
def test_what_the_directory_refuses(sign_in: str, error: type[SignInError], code: str) -> None:
    """Each refusal has its class, its code, the directory's id of the attempt, and advice."""
    with pytest.raises(error) as caught:
        builder_of(world(sign_in), DeviceCode(prompt=lambda _: None)).sign_in()
    assert caught.value.code == code
    assert caught.value.correlation_id
    assert caught.value.hint


PUBLISHED = [
    ("token-error-invalid-scope.json", ConfigurationError),
    ("token-error-invalid-scope-error-uri.json", ConfigurationError),
    ("token-error-clientcredentials.json", ConfigurationError),
    ("token-error-interaction-required-claims.json", InteractionRequiredError),
    ("token-error-65001-consent-required.json", ConsentRequiredError),
    ("token-error-50076-basic-action.json", InteractionRequiredError),
]


@pytest.mark.parametrize(("name", "error"), PUBLISHED)
def test_published_refusals(name: str, error: type[KeepitDynamicsError], published: Callable[[str], bytes]) -> None:
    """The vendor's own refusals get the right class; codes, ids and claims are kept."""
    body = json.loads(published(f"entra/{name}"))
    found = refusal_error(body)
    assert type(found) is error
    assert "\n" not in str(found)
    if isinstance(found, SignInError):
        assert found.code == f"AADSTS{body['error_codes'][0]}"
        assert found.correlation_id == body.get("correlation_id")
        assert found.claims == body.get("claims")


@pytest.mark.parametrize(
    ("code", "error"),
    [(50020, WrongAccountError), (500200, WrongAccountError), (7000218, ConfigurationError), (50126, SignInError)],
)
def test_codes_choose_the_class(code: int, error: type[KeepitDynamicsError]) -> None:
    """A code is enough, whatever the error word says."""
    assert isinstance(refusal_error({"error": "invalid_grant", "error_codes": [code]}), error)


def test_an_expired_token_is_renewed_once() -> None:
    """A service that refuses a token makes us ask for one more, and then all goes on."""
    there = world()
    builder = builder_of(there, DeviceCode(prompt=lambda _: None))
    builder.check()
    there.clock.advance(timedelta(hours=2))
    before = len(there.journal.requests("entra"))
    report = builder.check()
    assert report.ready
    assert len(there.journal.requests("entra")) > before
