"""A request that a service refuses, and the answers for tokens that it does not take."""

from __future__ import annotations

import attrs

from keepit_dynamics.sandbox.tokens import Claims, TokenRefused, Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Door", "Refused"]


class Refused(Exception):  # noqa: N818 - an answer of the service, not an error of the sandbox
    """Ends the handling of a request with a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def wrapped(self) -> dict[str, dict[str, str]]:
        """The body that most services use."""
        return {"error": {"code": self.code, "message": self.message}}

    def flat(self) -> dict[str, str]:
        """The body of the Power Platform API, which has no wrapper."""
        return {"code": self.code, "message": self.message}


@attrs.frozen
class Door:
    """Checks the tokens for one audience and words the challenge for those it refuses."""

    tokens: Tokens
    audience: str
    authority: str

    def admit(self, request: Request) -> Claims | Response:
        """The caller's claims, or the 401."""
        try:
            return self.tokens.verify(request, self.audience)
        except TokenRefused as refusal:
            return self._unauthorized(refusal.reason)

    def _unauthorized(self, reason: str) -> Response:
        challenge = {
            "WWW-Authenticate": f"Bearer authorization_uri={self.authority}/oauth2/authorize, "
            f"resource_id={self.audience}/"
        }
        if reason == "missing":
            return Response(401, challenge)
        code = "0x8005F101" if reason == "expired" else "0x80044302"
        body = Refused(401, code, "Authorization has been denied for this request.").wrapped()
        return Response.of_json(body, 401, challenge)
