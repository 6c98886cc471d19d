"""What the sign-in service refuses, and what it says then (contracts/entra-and-graph.md 3 to 6)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from keepit_dynamics.sandbox import SANDBOX_CLIENT_ID, World
from keepit_dynamics.sandbox.entra import SANDBOX_CLIENT_SECRET
from keepit_dynamics.sandbox.wire import Request, Response

ACCOUNT = "backup@contoso.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = "a-verifier-that-is-long-enough-for-anybody-to-be-happy"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
REDIRECT = "http://localhost:50123"
MakeWorld = Callable[..., World]


def post(world: World, path: str, alias: str | None = None, **form: str) -> Any:
    """A form sent to the service, and the answer's JSON value."""
    address = f"/{alias or world.directory.tenant_id}/oauth2/v2.0/{path}"
    fields = {"client_id": SANDBOX_CLIENT_ID, **form}
    return json.loads(world.handle(Request("POST", address, body=urlencode(fields).encode())).body)


def redeem(world: World, alias: str | None = None, **form: str) -> Any:
    """A token request."""
    return post(world, "token", alias, **form)


def device_code(world: World, scope: str | None = None) -> Any:
    """A device code."""
    return post(world, "devicecode", scope=scope or f"openid offline_access {world.base_url}/graph/.default")


def signed_in(world: World, scope: str | None = None) -> Any:
    """The token answer of a world that approves device codes at once."""
    return redeem(world, grant_type=DEVICE, device_code=device_code(world, scope)["device_code"])


def authorize(world: World, alias: str = "organizations", **changes: str) -> Response:
    """The answer to a person who has entered everything."""
    fields = {
        "client_id": SANDBOX_CLIENT_ID,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "state": "s",
        "scope": f"openid {world.base_url}/graph/.default",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "username": ACCOUNT,
        "password": "Passw0rd!",
        "consent": "accept",
        **changes,
    }
    return world.handle(Request("POST", f"/{alias}/oauth2/v2.0/authorize", body=urlencode(fields).encode()))


def code(world: World, **changes: str) -> str:
    """The code that the application gets."""
    return parse_qs(urlsplit(authorize(world, **changes).headers["Location"]).query)["code"][0]


def by_code(world: World, handed: str, alias: str = "organizations", **changes: str) -> Any:
    """The token answer for a code."""
    form = {"code": handed, "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **changes}
    return redeem(world, alias, grant_type="authorization_code", **form)


def test_a_code_is_good_once(make_world: MakeWorld) -> None:
    """The second time it is named as redeemed."""
    world = make_world()
    handed = code(world)
    assert "access_token" in by_code(world, handed)
    assert by_code(world, handed)["error_codes"] == [54005]


@pytest.mark.parametrize(
    ("alias", "changes", "number"),
    [
        ("organizations", {"code_verifier": "another"}, 501481),
        ("organizations", {"redirect_uri": "http://localhost:1"}, 70000),
        ("organizations", {"client_id": "another"}, 70000),
        ("contoso.example", {}, 700005),
    ],
)
def test_a_code_is_bound(make_world: MakeWorld, alias: str, changes: dict[str, str], number: int) -> None:
    """To its verifier, redirect address, client and the alias that gave it out."""
    world = make_world()
    answer = by_code(world, code(world), alias, **changes)
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [number])


def test_a_code_ends_after_ten_minutes(make_world: MakeWorld) -> None:
    """By the sandbox's clock."""
    world = make_world()
    handed = code(world)
    world.clock.advance(timedelta(minutes=10))
    assert by_code(world, handed)["error_codes"] == [70008]


def test_a_plain_challenge_is_its_verifier(make_world: MakeWorld) -> None:
    """The method that is meant where none is named."""
    world = make_world()
    handed = code(world, code_challenge="plain-text", code_challenge_method="plain")
    assert "access_token" in by_code(world, handed, code_verifier="plain-text")


def test_a_personal_account_gets_no_redirect(make_world: MakeWorld) -> None:
    """At ``organizations`` the page refuses; at the tenant it comes in, at home elsewhere."""
    someone = "someone@outlook.example"
    world = make_world(users=[{"upn": ACCOUNT}, {"upn": someone, "personal": True, "type": "Guest"}])
    page = authorize(world, username=someone)
    assert (page.status, "Location" in page.headers) == (200, False)
    tenant = world.directory.tenant_id
    location = authorize(world, tenant, username=someone).headers["Location"]
    handed = parse_qs(urlsplit(location).query)["code"][0]
    info = by_code(world, handed, tenant, client_info="1")["client_info"]
    assert json.loads(base64.urlsafe_b64decode(info + "=="))["utid"] == "9188040d-6c67-4c5b-b112-36a304b66dad"


def test_a_guest_is_at_home_elsewhere(make_world: MakeWorld) -> None:
    """Object id and tenant at home are others than here; a member's are the same."""
    for kind, alike in (("Guest", False), ("Member", True)):
        world = make_world(users=[{"upn": ACCOUNT, "type": kind}])
        info = by_code(world, code(world), client_info="1")["client_info"]
        home = json.loads(base64.urlsafe_b64decode(info + "=="))
        user = world.directory.user(ACCOUNT)
        assert user is not None
        assert ((home["uid"], home["utid"]) == (user.id, world.directory.tenant_id)) is alike


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"client_id": ""}, "AADSTS900144"), ({"redirect_uri": "https://elsewhere.example"}, "AADSTS50011")],
)
def test_errors_about_the_client_are_a_page(make_world: MakeWorld, changes: dict[str, str], number: str) -> None:
    """Nobody is sent to an address that is not the application's."""
    page = authorize(make_world(), **changes)
    assert (page.status, "Location" in page.headers) == (400, False)
    assert number in page.body.decode()


def test_prompt_none_without_anybody_signed_in(make_world: MakeWorld) -> None:
    """The application gets an error and its state back."""
    location = authorize(make_world(), prompt="none", username="").headers["Location"]
    back = parse_qs(urlsplit(location).query)
    assert (back["error"], back["state"]) == (["login_required"], ["s"])


@pytest.mark.parametrize(
    ("word", "number", "suberror"),
    [
        ("mfa", 50076, "basic_action"),
        ("blocked_by_policy", 53003, None),
        ("consent_required", 65001, "consent_required"),
        ("disabled", 50057, None),
    ],
)
def test_sign_ins_that_the_tenant_file_spoils(
    make_world: MakeWorld, word: str, number: int, suberror: str | None
) -> None:
    """An approved device code is refused in the same way; a description has line breaks in it."""
    world = make_world(users=[{"upn": ACCOUNT, "sign_in": word}], options={"auto_approve": (ACCOUNT,)})
    answer = signed_in(world)
    assert (answer["error"], answer["error_codes"], answer.get("suberror")) == ("invalid_grant", [number], suberror)
    assert answer["error_description"].startswith(f"AADSTS{number}: ")
    assert "\r\nCorrelation ID: " in answer["error_description"]
    assert ("claims" in answer) is (word == "mfa")


def test_a_device_code_waits_is_declined_and_ends(make_world: MakeWorld) -> None:
    """Three answers to a poll, as the person does nothing, says no, or is too late."""
    world = make_world()
    pending, declined = device_code(world), device_code(world)
    page = {"user_code": declined["user_code"], "username": ACCOUNT, "consent": "cancel"}
    world.handle(Request("POST", "/common/oauth2/deviceauth", body=urlencode(page).encode()))

    def poll(handed: str) -> Any:
        return redeem(world, grant_type=DEVICE, device_code=handed)["error"]

    assert poll(pending["device_code"]) == "authorization_pending"
    assert poll(declined["device_code"]) == "authorization_declined"
    assert poll("unknown") == "bad_verification_code"
    world.clock.advance(timedelta(seconds=900))
    assert poll(pending["device_code"]) == "expired_token"


def test_a_refresh_token_is_for_every_resource_until_it_ends(make_world: MakeWorld) -> None:
    """The old one stays good beside the new one, for ninety days."""
    world = make_world(
        environments=[{"name": "Production", "url_name": "contoso"}], options={"auto_approve": (ACCOUNT,)}
    )
    first = signed_in(world)["refresh_token"]

    def renewed(resource: str, token: str = first) -> Any:
        scope = f"{world.base_url}/{resource}/.default offline_access"
        return redeem(world, grant_type="refresh_token", refresh_token=token, scope=scope)

    assert renewed("discovery")["refresh_token"] != first
    assert "access_token" in renewed("env/contoso")
    assert renewed("graph", "made up")["error"] == "invalid_grant"
    world.clock.advance(timedelta(days=90))
    assert renewed("graph")["error_codes"] == [700082]


@pytest.mark.parametrize(
    ("scope", "error", "number"),
    [
        ("https://elsewhere.example/.default", "invalid_resource", 500011),
        ("https://localhost/env/nowhere/.default", "invalid_resource", 500011),
        ("https://localhost/graph/.default https://localhost/discovery/.default", "invalid_scope", 70011),
        ("https://localhost/graph/.default https://localhost/graph/User.Read", "invalid_scope", 70011),
    ],
)
def test_scopes_that_name_no_resource_or_several(make_world: MakeWorld, scope: str, error: str, number: int) -> None:
    """One resource that exists, at a time; .default stands alone."""
    answer = signed_in(make_world(options={"auto_approve": (ACCOUNT,)}), scope)
    assert (answer["error"], answer["error_codes"]) == (error, [number])


@pytest.mark.parametrize(
    ("scope", "good"),
    [
        ("https://localhost/graph/.default", True),
        ("https://localhost/graph/user.read", True),
        ("https://localhost/graph/Directory.Read.All", False),
        ("https://localhost/discovery/.default", False),
    ],
)
def test_an_application_that_is_listed_gets_what_it_was_granted(
    make_world: MakeWorld, scope: str, *, good: bool
) -> None:
    """Nothing of another resource, and no other scope; others are limited in nothing."""
    consents = [{"app_id": SANDBOX_CLIENT_ID, "scopes": ["User.Read"], "all_principals": True}]
    options = {"auto_approve": (ACCOUNT,)}
    answer = signed_in(make_world(consents=consents, options=options), scope)
    assert ("access_token" in answer) is good
    assert good or answer["error_codes"] == [65001]
    assert "access_token" in signed_in(make_world(options=options), scope)


def test_dataverse_is_one_application(make_world: MakeWorld) -> None:
    """Its permission opens discovery and every environment, whichever address it was granted for."""
    scopes = ["https://globaldisco.crm.dynamics.com/user_impersonation"]
    world = make_world(
        consents=[{"app_id": SANDBOX_CLIENT_ID, "scopes": scopes, "principal": ACCOUNT}],
        environments=[{"name": "Production", "url_name": "contoso"}],
        options={"auto_approve": (ACCOUNT,)},
    )
    for resource in ("discovery", "env/contoso"):
        assert "access_token" in signed_in(world, f"{world.base_url}/{resource}/.default")
    assert signed_in(world, f"{world.base_url}/graph/.default")["suberror"] == "consent_required"


@pytest.mark.parametrize(
    ("alias", "changes", "error", "number"),
    [
        ("organizations", {}, "invalid_request", 9001023),
        (None, {"client_secret": "wrong"}, "invalid_client", 7000215),
        (None, {"scope": "https://localhost/graph/User.Read"}, "invalid_scope", 70011),
    ],
)
def test_client_credentials_that_are_refused(
    make_world: MakeWorld, alias: str | None, changes: dict[str, str], error: str, number: int
) -> None:
    """An alias, a wrong secret, named scopes."""
    form = {"client_secret": SANDBOX_CLIENT_SECRET, "scope": "https://localhost/graph/.default", **changes}
    answer = redeem(make_world(), alias, grant_type="client_credentials", **form)
    assert (answer["error"], answer["error_codes"]) == (error, [number])


def test_an_application_on_its_own(make_world: MakeWorld) -> None:
    """It gets an access token and nothing else, reads the directory, and is nobody's ``me``."""
    world = make_world()
    form = {"client_secret": SANDBOX_CLIENT_SECRET, "scope": "https://localhost/graph/.default"}
    answer = redeem(world, grant_type="client_credentials", **form)
    assert set(answer) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    statuses = [world.handle(Request("GET", f"/graph/v1.0/{path}", headers=headers)).status for path in ("users", "me")]
    assert statuses == [200, 400]


@pytest.mark.parametrize("alias", ["organizations", "common", "CONTOSO.example"])
def test_the_configuration_of_aliases_and_domains(make_world: MakeWorld, alias: str) -> None:
    """Endpoints stay at the alias; only a tenant has an issuer of its own."""
    world = make_world()
    document = json.loads(world.handle(Request("GET", f"/{alias}/v2.0/.well-known/openid-configuration")).body)
    assert document["token_endpoint"] == f"{world.base_url}/{alias.lower()}/oauth2/v2.0/token"
    tenant = world.directory.tenant_id if "." in alias else "{tenantid}"
    assert document["issuer"] == f"{world.base_url}/{tenant}/v2.0"


def test_a_tenant_and_a_host_that_are_not_known(make_world: MakeWorld) -> None:
    """Each has its own error word."""
    world = make_world()
    unknown = world.handle(Request("GET", "/elsewhere.example/v2.0/.well-known/openid-configuration"))
    assert (unknown.status, json.loads(unknown.body)["error_codes"]) == (400, [90002])
    query = urlencode({"authorization_endpoint": "https://elsewhere.example/common/oauth2/authorize"})
    instance = world.handle(Request("GET", "/common/discovery/instance", query))
    assert json.loads(instance.body)["error"] == "invalid_instance"


def test_the_correlation_id_is_the_request_s_own(make_world: MakeWorld) -> None:
    """So that both sides can name the same failure."""
    world = make_world()
    request = Request("POST", "/organizations/oauth2/v2.0/token", "", {"client-request-id": "mine"}, b"client_id=c")
    answer = json.loads(world.handle(request).body)
    assert (answer["error"], answer["correlation_id"]) == ("unsupported_grant_type", "mine")
