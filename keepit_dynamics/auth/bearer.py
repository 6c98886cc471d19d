"""Requests that carry a bearer token: to allowed addresses only, and once more with a new token on a 401."""

from __future__ import annotations

import base64
import re
from typing import Protocol

import attrs

from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.retry import RetryPolicy, send_with_retry
from keepit_dynamics.clouds import Endpoints

__all__ = ["BearerSender", "TokenSource"]

_CLAIMS = re.compile(r'claims="([^"]*)"')


class TokenSource(Protocol):
    """Something that has access tokens, each for one resource."""

    def token(self, scope: str, *, claims: str | None = None, renew: bool = False) -> Flow[str]:
        """An access token for a scope; ``renew`` asks the directory even if one is at hand."""
        ...


@attrs.frozen
class BearerSender:
    """Sends requests with a token of the signed-in account."""

    endpoints: Endpoints
    tokens: TokenSource
    policy: RetryPolicy

    def send(self, request: HttpRequest, *, scope: str) -> Flow[HttpResponse]:
        """Send a request with a token for ``scope``; a 401 is answered once with a new token.

        Raises:
            DestinationError: The address may not receive a token; nothing was sent.
            SignInError: No token could be had.
            TransportError: No answer came.
        """
        self.endpoints.check_bearer(request.url)
        response = yield from self._with_token(request, (yield from self.tokens.token(scope)))
        if response.status != 401:
            return response
        fresh = yield from self.tokens.token(scope, claims=claims_of(response), renew=True)
        return (yield from self._with_token(request, fresh))

    def _with_token(self, request: HttpRequest, token: str) -> Flow[HttpResponse]:
        return send_with_retry(request.with_headers({"Authorization": f"Bearer {token}"}), self.policy)


def claims_of(response: HttpResponse) -> str | None:
    """The claims a challenge asks for (contracts/entra-and-graph.md 7), as JSON text; or None."""
    found = _CLAIMS.search(response.headers.get("www-authenticate", ""))
    if found is None:
        return None
    text = found[1].replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
