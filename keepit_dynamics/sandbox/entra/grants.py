"""What was given out and not yet used up: authorization codes, device codes, refresh tokens."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import attrs

__all__ = ["CodeGrant", "DeviceGrant", "Grants", "RefreshGrant"]

CODE_LIFETIME = timedelta(minutes=10)
DEVICE_LIFETIME = timedelta(seconds=900)
REFRESH_LIFETIME = timedelta(days=90)


@attrs.frozen
class CodeGrant:
    """An authorization code: good once, for ten minutes, for one client, redirect and alias."""

    user_id: str
    client_id: str
    redirect_uri: str
    alias: str
    scope: str
    nonce: str | None
    challenge: str | None
    challenge_method: str
    expires: datetime


@attrs.define
class DeviceGrant:
    """A device code and what the person has done about it: None, an account, or a refusal."""

    user_code: str
    client_id: str
    alias: str
    scope: str
    expires: datetime
    user_id: str | None = None
    declined: bool = False


@attrs.frozen
class RefreshGrant:
    """A refresh token: good for every resource."""

    user_id: str
    client_id: str
    expires: datetime


class Grants:
    """All grants of one sandbox."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeGrant] = {}
        self._used: set[str] = set()
        self._devices: dict[str, DeviceGrant] = {}
        self._refresh: dict[str, RefreshGrant] = {}

    def add_code(self, grant: CodeGrant) -> str:
        """Give out a code."""
        code = secrets.token_urlsafe(32)
        self._codes[code] = grant
        return code

    def take_code(self, code: str) -> CodeGrant | None:
        """A code's grant, once; None where there is none or it was used."""
        self._used.add(code)
        return self._codes.pop(code, None)

    def was_used(self, code: str) -> bool:
        """Whether a code has been handed in before."""
        return code in self._used

    def add_device(self, grant: DeviceGrant) -> str:
        """Give out a device code."""
        code = secrets.token_urlsafe(32)
        self._devices[code] = grant
        return code

    def device(self, code: str) -> DeviceGrant | None:
        """The grant of a device code."""
        return self._devices.get(code)

    def device_by_user_code(self, user_code: str) -> DeviceGrant | None:
        """The grant of the code that a person types in."""
        wanted = user_code.strip().upper()
        return next((grant for grant in self._devices.values() if grant.user_code == wanted), None)

    def add_refresh(self, grant: RefreshGrant) -> str:
        """Give out a refresh token; older ones stay good."""
        token = secrets.token_urlsafe(48)
        self._refresh[token] = grant
        return token

    def refresh(self, token: str) -> RefreshGrant | None:
        """The grant of a refresh token."""
        return self._refresh.get(token)

    def revoke(self, user_id: str) -> None:
        """Take all refresh tokens of a user back."""
        self._refresh = {token: grant for token, grant in self._refresh.items() if grant.user_id != user_id}
