"""The token endpoint: codes, refresh tokens, device codes, client credentials (contracts/entra-and-graph.md 5.4)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.entra.discovery import ALIASES
from keepit_dynamics.sandbox.entra.grants import REFRESH_LIFETIME, Grants, RefreshGrant
from keepit_dynamics.sandbox.entra.identity import Identities
from keepit_dynamics.sandbox.entra.refusals import Refused
from keepit_dynamics.sandbox.entra.rules import Resources, check_user
from keepit_dynamics.sandbox.tokens import LIFETIME, Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["SANDBOX_CLIENT_SECRET", "TokenEndpoint"]

SANDBOX_CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105  # of every application in every sandbox
"""What an application signs in with on its own."""

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@attrs.frozen
class _Granted:
    user: User
    scope: str
    nonce: str | None = None


@attrs.frozen
class TokenEndpoint:
    """Redeems grants for tokens."""

    directory: Directory
    tokens: Tokens
    identities: Identities
    grants: Grants
    clock: Clock
    resources: Resources

    def redeem(self, request: Request, alias: str) -> Response:
        """Answer a token request; raises Refused."""
        form = request.form
        client_id = form.get("client_id", "")
        if not client_id:
            raise Refused("invalid_request", 900144, "The request body must contain the parameter 'client_id'.")
        match form.get("grant_type"):
            case "authorization_code":
                granted = self._by_code(form, alias)
            case "refresh_token":
                granted = self._by_refresh_token(form)
            case grant if grant == _DEVICE:
                granted = self._by_device_code(form)
            case "client_credentials":
                return self._by_client_credentials(form, alias)
            case _:
                raise Refused("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        return self._issue(granted, client_id, form)

    def _by_code(self, form: dict[str, str], alias: str) -> _Granted:
        code = form.get("code", "")
        used = self.grants.was_used(code)
        grant = self.grants.take_code(code)
        if grant is None:
            number = 54005 if used else 70000
            raise Refused("invalid_grant", number, "The authorization code is invalid or was already redeemed.")
        if grant.expires <= self.clock.now():
            raise Refused("invalid_grant", 70008, "The authorization code has expired.")
        if (grant.client_id, grant.redirect_uri) != (form.get("client_id"), form.get("redirect_uri")):
            raise Refused("invalid_grant", 70000, "The code was issued to another client or redirect address.")
        if grant.alias != alias:
            raise Refused("invalid_grant", 700005, "The code was issued for another tenant.")
        verifier = form.get("code_verifier", "")
        if grant.challenge not in {None, _s256(verifier) if grant.challenge_method == "S256" else verifier}:
            raise Refused("invalid_grant", 501481, "The code verifier does not match the code challenge.")
        return _Granted(self._user(grant.user_id), form.get("scope") or grant.scope, grant.nonce)

    def _by_refresh_token(self, form: dict[str, str]) -> _Granted:
        grant = self.grants.refresh(form.get("refresh_token", ""))
        if grant is None or grant.client_id != form.get("client_id"):
            raise Refused("invalid_grant", 50173, "The grant is revoked or was never given.", suberror="bad_token")
        if grant.expires <= self.clock.now():
            raise Refused("invalid_grant", 700082, "The refresh token has expired.", suberror="token_expired")
        return _Granted(self._user(grant.user_id), form.get("scope", ""))

    def _by_device_code(self, form: dict[str, str]) -> _Granted:
        grant = self.grants.device(form.get("device_code", ""))
        if grant is None or grant.client_id != form.get("client_id"):
            raise Refused("bad_verification_code", 70018, "The device code is not known.")
        if grant.expires <= self.clock.now():
            raise Refused("expired_token", 70019, "The device code has expired.")
        if grant.declined:
            raise Refused("authorization_declined", 70017, "The person declined.")
        if grant.user_id is None:
            raise Refused("authorization_pending", 70016, "The person has not finished yet.")
        return _Granted(self._user(grant.user_id), grant.scope)

    def _by_client_credentials(self, form: dict[str, str], alias: str) -> Response:
        if alias in ALIASES:
            raise Refused("invalid_request", 9001023, "The grant needs a tenant, not an alias.")
        if "client_secret" not in form:
            text = "The request body must contain 'client_assertion' or 'client_secret'."
            raise Refused("invalid_client", 7000218, text, status=401)
        if form["client_secret"] != SANDBOX_CLIENT_SECRET:
            raise Refused("invalid_client", 7000215, "Invalid client secret provided.", status=401)
        resource, names = self.resources.named_by(form.get("scope", ""))
        if names != (".default",):
            raise Refused("invalid_scope", 70011, "The scope of an application on its own is {resource}/.default.")
        principal = self.directory.service_principal_id(form["client_id"])
        token = self.tokens.issue_access(principal, resource, (), form["client_id"])
        return self._answer({"access_token": token})

    def _user(self, user_id: str) -> User:
        user = self.directory.user(user_id)
        if user is None:
            raise Refused("invalid_grant", 50034, "The account does not exist in the tenant.")
        return user

    def _issue(self, granted: _Granted, client_id: str, form: dict[str, str]) -> Response:
        user = granted.user
        check_user(user)
        resource, names = self.resources.named_by(granted.scope)
        scopes = self.resources.consented(client_id, resource, names, user)
        wanted = granted.scope.split()
        body: dict[str, Any] = {
            "scope": granted.scope,
            "access_token": self.tokens.issue_access(user.id, resource, scopes, client_id),
        }
        if "offline_access" in wanted:
            body["refresh_token"] = self.grants.add_refresh(
                RefreshGrant(user.id, client_id, self.clock.now() + REFRESH_LIFETIME)
            )
        if "openid" in wanted:
            body["id_token"] = self.identities.id_token(user, client_id, granted.nonce, self.clock.now())
        if form.get("client_info") == "1":
            body["client_info"] = self.identities.client_info(user)
        return self._answer(body)

    def _answer(self, body: dict[str, Any]) -> Response:
        seconds = int(LIFETIME.total_seconds())
        common = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds}
        return Response.of_json(common | body, headers={"Cache-Control": "no-store"})


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
