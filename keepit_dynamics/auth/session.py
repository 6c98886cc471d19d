"""A signed-in Microsoft account and its tokens: one sign-in, then one token for each resource.

MSAL does the protocol and is loaded only here, when somebody signs in. Above it stands a table of our own, so
that what is at hand costs no call, and a lock for each resource, so that a hundred calls ask once.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from keepit_dynamics._core.flow import Flow, call, now, sleep
from keepit_dynamics._core.network import Network
from keepit_dynamics._core.secrets import Secret, redact_text
from keepit_dynamics.auth.account import Account, account_of, check_account
from keepit_dynamics.auth.msal_http import MsalHttp
from keepit_dynamics.auth.refusals import refusal_error
from keepit_dynamics.auth.ways import Browser, DeviceCode, DeviceCodePrompt, SignIn
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.errors import (
    ConfigurationError,
    ProtocolError,
    ServiceError,
    SignInCancelledError,
    SignInError,
    WrongTenantError,
)

__all__ = ["MicrosoftSession"]

_MARGIN = timedelta(minutes=5)
_LOOK_AGAIN = 0.05


@attrs.frozen
class _Held:
    token: Secret
    expires: datetime


class MicrosoftSession:
    """Signs in once and hands out access tokens."""

    def __init__(self, endpoints: Endpoints, network: Network, way: SignIn) -> None:
        self._endpoints = endpoints
        self._network = network
        self._way = way
        self._app: Any = None
        self._msal_account: Any = None
        self._account: Account | None = None
        self._signing_in = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def sign_in(self) -> Flow[Account]:
        """Sign in, unless that has been done, and check the account before anything else happens.

        Raises:
            ConfigurationError: No client id, or the directory refuses the application.
            SignInError: The directory refuses; one class for each thing a person can do about it.
        """
        # Never waited for in a worker thread: enough waiters would take every thread from the one that signs in,
        # and a waiter that is cancelled would leave a thread behind that takes the lock for nobody.
        while not self._signing_in.acquire(blocking=False):
            yield from sleep(_LOOK_AGAIN)
        try:
            if self._account is None:
                self._account = yield from self._first_sign_in()
            return self._account
        finally:
            self._signing_in.release()

    def token(self, scope: str, *, claims: str | None = None, renew: bool = False) -> Flow[str]:
        """An access token for ``scope`` (one resource's ``…/.default``).

        Raises:
            SignInError: The directory gives none.
        """
        if self._account is None:
            yield from self.sign_in()
        present = yield from now()
        held = self._held.get(scope)
        if held is not None and not renew and held.expires - _MARGIN > present:
            return held.token.reveal()
        return (yield from call(lambda: self._acquire(scope, present, claims, held if renew else None))).reveal()

    def _acquire(self, scope: str, present: datetime, claims: str | None, stale: _Held | None) -> Secret:
        with self._locks[scope]:
            held = self._held.get(scope)
            if held is not None and held is not stale and held.expires - _MARGIN > present:
                return held.token
            result = _guarded(
                lambda: self._app.acquire_token_silent_with_error(
                    [scope],
                    account=self._msal_account,
                    claims_challenge=claims,
                    force_refresh=stale is not None,
                )
            )
            return self._hold(scope, result or {"error": "interaction_required"}, present)

    def _hold(self, scope: str, result: Mapping[str, Any], present: datetime) -> Secret:
        if "access_token" not in result:
            raise refusal_error(result)
        expires = present + timedelta(seconds=int(result.get("expires_in") or 0))
        held = _Held(Secret(str(result["access_token"])), expires)
        self._held[scope] = held
        return held.token

    def _first_sign_in(self) -> Flow[Account]:
        yield from call(self._make_app)
        if isinstance(self._way, Browser):
            result = yield from call(self._by_browser)
        else:
            result = yield from self._by_device_code(self._way)
        if "access_token" not in result:
            raise refusal_error(result)
        present = yield from now()
        claims = result.get("id_token_claims") or {}
        account = account_of(claims, result.get("client_info"))
        check_account(
            account,
            claims,
            client_id=self._client_id,
            tenant=self._endpoints.tenant,
            username=self._endpoints.username,
            present=present,
        )
        self._msal_account = self._app.get_accounts()[0]
        self._hold(self._endpoints.graph_scope, result, present)
        return account

    @property
    def _client_id(self) -> str:
        if not self._endpoints.client_id:
            raise ConfigurationError(
                "No client id is given: the application that signs in has to be registered in Entra.",
                hint="Register a public client (mobile and desktop) and name its id: --client-id, "
                "KEEPIT_DYNAMICS_CLIENT_ID, or client_id of the endpoints.",
            )
        return self._endpoints.client_id

    def _make_app(self) -> None:
        import msal  # noqa: PLC0415  # takes longer to load than all the rest; only a sign-in needs it

        authority = f"{self._endpoints.authority}/{self._endpoints.tenant}"
        client_id = self._client_id
        self._app = _guarded(
            lambda: msal.PublicClientApplication(
                client_id, authority=authority, instance_discovery=False, http_client=MsalHttp(self._network)
            ),
            tenant=self._endpoints.tenant,
        )

    def _by_browser(self) -> dict[str, Any]:
        way, endpoints = self._way, self._endpoints
        assert isinstance(way, Browser)  # noqa: S101  # for the type checker; _first_sign_in has looked
        hint = {"login_hint": endpoints.username} if endpoints.username else {"prompt": "select_account"}
        result: dict[str, Any] = _guarded(
            lambda: self._app.acquire_token_interactive(
                [endpoints.graph_scope],
                timeout=way.timeout,
                port=way.port,
                auth_uri_callback=way.open_address,
                extra_scopes_to_consent=[endpoints.discovery_scope],
                **hint,
            )
        )
        return result

    def _by_device_code(self, way: DeviceCode) -> Flow[dict[str, Any]]:
        flow: dict[str, Any] = yield from call(
            lambda: _guarded(lambda: self._app.initiate_device_flow([self._endpoints.graph_scope]))
        )
        if "user_code" not in flow:
            raise refusal_error(flow)
        way.prompt(
            DeviceCodePrompt(flow["user_code"], flow["verification_uri"], flow["message"], int(flow["expires_in"]))
        )
        interval = float(flow.get("interval", 5))
        deadline = (yield from now()) + timedelta(seconds=int(flow["expires_in"]))
        while (yield from now()) < deadline:
            result: dict[str, Any] = yield from call(
                lambda: _guarded(lambda: self._app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True))
            )
            if result.get("error") not in {"authorization_pending", "slow_down"}:
                return result
            interval += 5.0 if result["error"] == "slow_down" else 0.0
            yield from sleep(interval)
        raise SignInCancelledError(
            "Nobody signed in with the device code in time.",
            hint="Start again, and finish on the page that is shown.",
        )


def _guarded(function: Any, *, tenant: str = "") -> Any:
    """Call MSAL and turn what it raises into this package's errors; transport errors pass through."""
    import msal.exceptions  # noqa: PLC0415  # loaded already where this is called

    try:
        return function()
    except msal.exceptions.MsalServiceError as error:
        # MSAL repeats its own answer for a minute, so that trying again at once would see the same.
        raise ServiceError(
            "The sign-in service failed.", service="entra", status=500, hint="Wait a minute and try again."
        ) from error
    except ValueError as error:
        raise _unusable(error, tenant) from error
    except RuntimeError as error:
        if type(error).__name__ == "BrowserInteractionTimeoutError":
            raise SignInCancelledError(
                "Nobody finished signing in in the browser in time.",
                hint="Start again. A personal account is refused on the page itself; use a work account.",
            ) from error
        raise SignInError(f"The sign-in failed: {error}.", hint="Start again.") from error


def _unusable(error: ValueError, tenant: str) -> SignInError | ProtocolError:
    # MSAL words every failed discovery alike; what really happened stands in the error before.
    text = f"{error.__context__ or error}"
    if "invalid_tenant" in text or "AADSTS90002" in text:
        return WrongTenantError(
            f"The directory does not know the tenant {tenant!r}.", hint="Check the tenant id or domain, and the cloud."
        )
    return ProtocolError(
        f"The sign-in service's answer is not what was promised: {redact_text(text)[:200]}.",
        service="entra",
        problems=(redact_text(text)[:200],),
        hint="Check the authority; is a proxy or a sign-in page in between?",
    )
