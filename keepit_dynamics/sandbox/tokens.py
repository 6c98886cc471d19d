"""Access tokens: opaque to clients, checked by every service for its own audience."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import jwt

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.wire import Request

__all__ = ["LIFETIME", "Claims", "TokenRefused", "Tokens"]

LIFETIME = timedelta(hours=1)


class TokenRefused(Exception):  # noqa: N818  # what happened, not an error of the sandbox
    """A token is missing, invalid, for another audience, or expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen
class Claims:
    """What a token says."""

    oid: str
    tid: str
    audience: str
    scopes: tuple[str, ...]
    app_id: str


class Tokens:
    """Issues and checks access tokens by the sandbox's own clock."""

    def __init__(self, directory: Directory, clock: Clock, issuer_base: str) -> None:
        self._directory = directory
        self._clock = clock
        self._issuer = f"{issuer_base}/{directory.tenant_id}/"
        self._key = secrets.token_hex(32)

    def issue_access(self, user_id: str, audience: str, scopes: Sequence[str], app_id: str) -> str:
        """A token of a user for one resource, good for an hour."""
        present = self._clock.now()
        payload = {
            "aud": _audience(audience),
            "iss": self._issuer,
            "iat": int(present.timestamp()),
            "exp": int((present + LIFETIME).timestamp()),
            "oid": user_id,
            "tid": self._directory.tenant_id,
            "scp": " ".join(scopes),
            "appid": app_id,
            "uti": secrets.token_hex(8),
        }
        return jwt.encode(payload, self._key, algorithm="HS256")

    def verify(self, request: Request, audience: str) -> Claims:
        """The claims of a request's token; raises TokenRefused where it has none that is good here."""
        kind, _, token = (request.header("authorization") or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise TokenRefused("missing")
        payload = self._decode(token)
        if payload["aud"] != _audience(audience):
            raise TokenRefused("audience")
        if datetime.fromtimestamp(payload["exp"], UTC) <= self._clock.now():
            raise TokenRefused("expired")
        return Claims(payload["oid"], payload["tid"], payload["aud"], tuple(payload["scp"].split()), payload["appid"])

    def _decode(self, token: str) -> dict[str, Any]:
        try:
            payload: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            raise TokenRefused("invalid") from error
        return payload


def _audience(text: str) -> str:
    return text.rstrip("/")
