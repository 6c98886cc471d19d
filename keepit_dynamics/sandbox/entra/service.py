"""The service: routes, discovery documents and device codes (contracts/entra-and-graph.md 5)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.entra.authorize import Authorize
from keepit_dynamics.sandbox.entra.device import Devices
from keepit_dynamics.sandbox.entra.discovery import ALIASES, instance_document, openid_configuration
from keepit_dynamics.sandbox.entra.grants import Grants
from keepit_dynamics.sandbox.entra.identity import Identities, signing_keys
from keepit_dynamics.sandbox.entra.pages import message_page
from keepit_dynamics.sandbox.entra.refusals import Refused, refusal
from keepit_dynamics.sandbox.entra.rules import Resources
from keepit_dynamics.sandbox.entra.tokens_endpoint import TokenEndpoint
from keepit_dynamics.sandbox.tokens import Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["SANDBOX_CLIENT_ID", "Entra"]

SANDBOX_CLIENT_ID = "5a4d0b0e-5a4d-4b0e-8d0e-5a4d0b0e5a4d"
"""A public client application that every sandbox tenant knows."""


class Entra:
    """One tenant's sign-in service; ``has_environment`` says whether a url name is one of an environment."""

    def __init__(
        self,
        directory: Directory,
        tokens: Tokens,
        clock: Clock,
        base_url: str,
        *,
        auto_approve: Collection[str] = (),
        has_environment: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self.grants = Grants()
        self._directory = directory
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        identities = Identities(directory, self._base_url)
        resources = Resources(directory, self._base_url, has_environment)
        self._authorize = Authorize(directory, identities, self.grants, clock, set())
        self._devices = Devices(directory, self.grants, clock, self._base_url, tuple(auto_approve))
        self._tokens = TokenEndpoint(directory, tokens, identities, self.grants, clock, resources)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        try:
            return self._route(request)
        except Refused as refused:
            return refusal(refused, request, self._clock.now())

    def _route(self, request: Request) -> Response:
        segments = request.segments
        if segments[1:] == ["discovery", "instance"]:
            asked = request.params.get("authorization_endpoint", "")
            return Response.of_json(instance_document(self._base_url, asked))
        if len(segments) < 2:
            return Response(204) if segments == ["favicon.ico"] else message_page("Not found", request.path, 404)
        alias = self._alias(segments[0])
        match segments[1:], request.method:
            case ["v2.0", ".well-known", "openid-configuration"], "GET":
                return Response.of_json(openid_configuration(self._base_url, alias, self._directory.tenant_id))
            case ["discovery", "v2.0", "keys"], "GET":
                return Response.of_json({"keys": signing_keys()})
            case ["oauth2", "v2.0", "authorize"], _:
                return self._authorize.handle(request, alias)
            case ["oauth2", "v2.0", "token"], "POST":
                return self._tokens.redeem(request, alias)
            case ["oauth2", "v2.0", "devicecode"], "POST":
                return self._devices.give_out(request, alias)
            case ["oauth2", "deviceauth"], _:
                return self._devices.page(request)
            case ["oauth2", "v2.0", "logout"], _:
                return message_page("You signed out", "You may close this page.")
        return message_page("Not found", request.path, 404)

    def _alias(self, text: str) -> str:
        known = {*ALIASES, self._directory.tenant_id, *(domain.lower() for domain in self._directory.domains)}
        if text.lower() not in known:
            raise Refused("invalid_tenant", 90002, f"Tenant '{text}' not found. Check to make sure you have the id.")
        return text.lower()
