"""The service: routes, discovery documents and device codes (contracts/entra-and-graph.md 5)."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.entra.authorize import Authorize
from keepit_dynamics.sandbox.entra.grants import DEVICE_LIFETIME, DeviceGrant, Grants
from keepit_dynamics.sandbox.entra.identity import Identities
from keepit_dynamics.sandbox.entra.pages import account_page, device_page, message_page, password_page
from keepit_dynamics.sandbox.entra.refusals import Refused, refusal
from keepit_dynamics.sandbox.entra.tokens_endpoint import TokenEndpoint
from keepit_dynamics.sandbox.tokens import Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["SANDBOX_CLIENT_ID", "Entra"]

SANDBOX_CLIENT_ID = "5a4d0b0e-5a4d-4b0e-8d0e-5a4d0b0e5a4d"
"""A public client application that every sandbox tenant knows."""

_ALIASES = frozenset({"common", "organizations", "consumers"})
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


class Entra:
    """One tenant's sign-in service."""

    def __init__(
        self,
        directory: Directory,
        tokens: Tokens,
        clock: Clock,
        base_url: str,
        *,
        auto_approve: Collection[str] = (),
    ) -> None:
        self.grants = Grants()
        self.auto_approve = tuple(auto_approve)
        self._directory = directory
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        identities = Identities(directory, self._base_url)
        self._authorize = Authorize(directory, identities, self.grants, clock, set())
        self._tokens = TokenEndpoint(directory, tokens, identities, self.grants, clock, self._base_url)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        try:
            return self._route(request)
        except Refused as refused:
            return refusal(refused, request, self._clock.now())

    def _route(self, request: Request) -> Response:
        segments = request.segments
        if segments[1:] == ["discovery", "instance"]:
            return self._instance(request)
        if len(segments) < 2:
            return Response(204) if segments == ["favicon.ico"] else message_page("Not found", request.path, 404)
        alias = self._alias(segments[0])
        match segments[1:], request.method:
            case ["v2.0", ".well-known", "openid-configuration"], "GET":
                return self._configuration(alias)
            case ["oauth2", "v2.0", "authorize"], _:
                return self._authorize.handle(request, alias)
            case ["oauth2", "v2.0", "token"], "POST":
                return self._tokens.redeem(request, alias)
            case ["oauth2", "v2.0", "devicecode"], "POST":
                return self._device_code(request, alias)
            case ["oauth2", "deviceauth"], _:
                return self._device_page(request)
            case ["oauth2", "v2.0", "logout"], _:
                return message_page("You signed out", "You may close this page.")
        return message_page("Not found", request.path, 404)

    def _alias(self, text: str) -> str:
        known = {*_ALIASES, self._directory.tenant_id, *self._directory.domains}
        if text.lower() not in known:
            raise Refused("invalid_tenant", 90002, f"Tenant '{text}' not found. Check to make sure you have the id.")
        return text.lower()

    def _configuration(self, alias: str) -> Response:
        base = f"{self._base_url}/{alias}/oauth2/v2.0"
        issuer = "{tenantid}" if alias in _ALIASES else self._directory.tenant_id
        return Response.of_json(
            {
                "token_endpoint": f"{base}/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{self._base_url}/{alias}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{self._base_url}/{issuer}/v2.0",
                "authorization_endpoint": f"{base}/authorize",
                "device_authorization_endpoint": f"{base}/devicecode",
                "end_session_endpoint": f"{base}/logout",
            }
        )

    def _instance(self, request: Request) -> Response:
        if request.params.get("authorization_endpoint", "") == "":
            raise Refused("invalid_request", 900144, "The parameter 'authorization_endpoint' is missing.")
        document = f"{self._base_url}/common/v2.0/.well-known/openid-configuration"
        return Response.of_json({"tenant_discovery_endpoint": document, "api-version": "1.1", "metadata": []})

    def _device_code(self, request: Request, alias: str) -> Response:
        form = request.form
        if not form.get("client_id"):
            raise Refused("invalid_request", 900144, "The parameter 'client_id' is missing.")
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
        scope = form.get("scope", "")
        grant = DeviceGrant(user_code, form["client_id"], alias, scope, self._clock.now() + DEVICE_LIFETIME)
        self._approve(grant)
        page = f"{self._base_url}/common/oauth2/deviceauth"
        return Response.of_json(
            {
                "user_code": user_code,
                "device_code": self.grants.add_device(grant),
                "verification_uri": page,
                "expires_in": int(DEVICE_LIFETIME.total_seconds()),
                "interval": 1 if self.auto_approve else 5,
                "message": f"To sign in, open the page {page} in a web browser and enter the code {user_code}.",
            }
        )

    def _approve(self, grant: DeviceGrant) -> None:
        """Automatic approval; a user who needs a second factor cannot be approved for."""
        for upn in self.auto_approve:
            user = self._directory.user(upn)
            if user is not None:
                grant.user_id = user.id
                return

    def _device_page(self, request: Request) -> Response:
        fields = request.form if request.method == "POST" else request.params
        grant = self.grants.device_by_user_code(fields.get("user_code", ""))
        if grant is None:
            return device_page({}, "That code didn't work." if fields.get("user_code") else "")
        user = self._directory.user(fields.get("username", ""))
        hidden = {"user_code": grant.user_code}
        if user is None or (user.personal and grant.alias == "organizations"):
            names = [one.upn for one in self._directory.users()][:5]
            problem = "Use a work or school account of this tenant." if fields.get("username") else ""
            return account_page(hidden, names, "", problem)
        if fields.get("password") != user.password:
            problem = "Your account or password is incorrect." if "password" in fields else ""
            return password_page({**hidden, "username": user.upn}, user.upn, problem)
        grant.user_id = user.id
        return message_page("You have signed in", "You may now close this window and go back to your device.")
