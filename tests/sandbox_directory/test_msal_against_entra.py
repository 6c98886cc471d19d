"""MSAL itself signs in: by device code and by browser, then silently for every other resource."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import jwt
import msal
import pytest

from keepit_dynamics.sandbox import SANDBOX_CLIENT_ID, SandboxTransport, World, load_scenario

ACCOUNT = "backup@contoso.example"
PASSWORD = "Passw0rd!"


def application(world: World, *, tenant: str | None = None, **options: Any) -> Any:
    """MSAL over the sandbox, with the host checked at the sandbox instead of at Microsoft."""
    authority = f"{world.base_url}/{tenant or world.directory.tenant_id}"
    client = httpx.Client(transport=SandboxTransport(world))
    options = {"instance_discovery": False, **options}
    return msal.PublicClientApplication(SANDBOX_CLIENT_ID, authority=authority, http_client=client, **options)


def audience(token: str) -> str:
    """The audience of a token that is opaque to clients."""
    claims: dict[str, str] = jwt.decode(token, options={"verify_signature": False})
    return claims["aud"]


def filled(page: httpx.Response, entered: dict[str, str]) -> dict[str, str]:
    """The last form's hidden fields with what a person enters into the others."""
    form = re.findall(r"<form.*?</form>", page.text, re.DOTALL)[-1]
    hidden = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', form)}
    asked = set(re.findall(r'name="(username|password|consent|user_code)"', form)) - hidden.keys()
    return hidden | {name: entered[name] for name in asked if name in entered}


def test_device_code_then_every_resource_silently() -> None:
    """One sign-in; then one request for each further resource, and none for one that is known."""
    world = World(load_scenario("ready"), auto_approve=(ACCOUNT,))
    app = application(world)
    graph = f"{world.base_url}/graph/.default"
    first = app.acquire_token_by_device_flow(app.initiate_device_flow(scopes=[graph]))
    assert first["id_token_claims"]["preferred_username"] == ACCOUNT
    assert audience(first["access_token"]) == f"{world.base_url}/graph"
    account = app.get_accounts()[0]
    for resource in ("discovery", "admin", "env/contoso"):
        before = len(world.journal.requests("entra"))
        scope = f"{world.base_url}/{resource}/.default"
        token = app.acquire_token_silent([scope], account)
        assert audience(token["access_token"]) == f"{world.base_url}/{resource}"
        assert app.acquire_token_silent([scope], account)["access_token"] == token["access_token"]
        assert len(world.journal.requests("entra")) == before + 1
    assert app.acquire_token_silent([graph], account)["token_source"] == "cache"


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended")  # older clients use the others
@pytest.mark.parametrize("mode", ["query", "form_post", "fragment"])
def test_authorization_code_by_a_scripted_browser(mode: str) -> None:
    """Account, password and consent; the code comes back in the way that was asked for, with state and nonce kept."""
    world = World(load_scenario("ready"))
    app = application(world, tenant="organizations")
    redirect = "http://localhost:50123"
    scope = f"{world.base_url}/graph/User.Read"
    flow = app.initiate_auth_code_flow([scope], redirect_uri=redirect, response_mode=mode)
    browser = httpx.Client(transport=SandboxTransport(world))
    page = browser.get(flow["auth_uri"])
    for entered in ({"username": ACCOUNT}, {"password": PASSWORD}, {"consent": "accept"}):
        page = browser.post(page.url, data=filled(page, entered))
    if mode == "form_post":
        assert f'action="{redirect}"' in page.text
        back = filled(page, {})
    else:
        assert page.status_code == 302
        address = httpx.URL(page.headers["Location"])
        back = dict(httpx.QueryParams(address.fragment if mode == "fragment" else address.query))
    token = app.acquire_token_by_auth_code_flow(flow, back)
    assert token["scope"].split() == sorted(["offline_access", "openid", "profile", scope])
    assert token["id_token_claims"]["tid"] == world.directory.tenant_id
    assert app.get_accounts()[0]["username"] == ACCOUNT


def test_instance_discovery_at_the_sandbox() -> None:
    """A client that checks the host finds the tenant that it named."""
    world = World(load_scenario("ready"), auto_approve=(ACCOUNT,))
    app = application(world, instance_discovery=f"{world.base_url}/common/discovery/instance")
    token = app.acquire_token_by_device_flow(app.initiate_device_flow(scopes=[f"{world.base_url}/graph/.default"]))
    assert token["id_token_claims"]["tid"] == world.directory.tenant_id


def test_id_tokens_can_be_checked() -> None:
    """The key in the keys document has signed them, for this client and issuer."""
    world = World(load_scenario("ready"), auto_approve=(ACCOUNT,))
    app = application(world)
    token = app.acquire_token_by_device_flow(app.initiate_device_flow(scopes=[f"{world.base_url}/graph/.default"]))
    client = httpx.Client(transport=SandboxTransport(world))
    authority = f"{world.base_url}/{world.directory.tenant_id}"
    document = client.get(f"{authority}/v2.0/.well-known/openid-configuration").json()
    key = jwt.PyJWK(client.get(document["jwks_uri"]).json()["keys"][0], algorithm="RS256")
    claims = jwt.decode(token["id_token"], key, audience=SANDBOX_CLIENT_ID, issuer=document["issuer"])
    assert claims["oid"] == token["id_token_claims"]["oid"]
