"""Who signed in, and whether it is the right kind of account (contracts/entra-and-graph.md 4 and 5.7)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from keepit_dynamics.errors import ClockSkewError, SignInError, WrongAccountError, WrongTenantError

__all__ = ["PERSONAL_TENANT_ID", "Account", "account_of", "check_account"]

PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal Microsoft accounts."""

_TOLERANCE = timedelta(minutes=5)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AGAIN = "Sign out of other Microsoft accounts, or use a private window, and sign in"


@attrs.frozen
class Account:
    """The signed-in account; ``object_id`` and ``tenant_id`` together identify it."""

    object_id: str
    tenant_id: str
    home_tenant_id: str
    username: str
    name: str


def account_of(claims: Mapping[str, Any], client_info: str | None) -> Account:
    """Read the account from an id token's claims and the ``client_info`` beside it.

    Raises:
        SignInError: The id token lacks what identifies an account.
    """
    tenant_id, object_id = claims.get("tid"), claims.get("oid")
    if not isinstance(tenant_id, str) or not isinstance(object_id, str):
        raise SignInError(
            "The directory's id token names no account (tid, oid).",
            hint="Check that the application asks for openid and profile.",
        )
    return Account(
        object_id=object_id.lower(),
        tenant_id=tenant_id.lower(),
        home_tenant_id=_home_tenant(client_info) or tenant_id.lower(),
        username=_username(claims),
        name=str(claims.get("name") or ""),
    )


def check_account(
    account: Account,
    claims: Mapping[str, Any],
    *,
    client_id: str,
    tenant: str,
    username: str | None,
    present: datetime,
) -> None:
    """Refuse an account that cannot be the one that is wanted.

    Raises:
        WrongAccountError: A personal account, a guest, or another account than the one named.
        WrongTenantError: The account signed in to another tenant than the one named.
        ClockSkewError: The token is from the future, or was out of date when it came.
        SignInError: The token was made for another application.
    """
    _check_kind(account, claims)
    _check_clock(claims, present)
    if claims.get("aud") != client_id:
        raise SignInError("The directory's id token was made for another application.", hint="Sign in again.")
    if _GUID.fullmatch(tenant.lower()) and account.tenant_id != tenant.lower():
        raise WrongTenantError(
            f"{account.username} signed in to tenant {account.tenant_id}, not to {tenant}.",
            hint=f"{_AGAIN} with an account of that tenant.",
        )
    if username and account.username.casefold() != username.casefold():
        raise WrongAccountError(
            f"{account.username} signed in, but {username} was expected.", hint=f"{_AGAIN} as {username}."
        )


def _username(claims: Mapping[str, Any]) -> str:
    """A name to show; the claims that may hold one differ between versions of the token."""
    names = (claims.get(name) for name in ("preferred_username", "upn", "unique_name", "email"))
    return next((str(name) for name in names if name), "")


def _check_kind(account: Account, claims: Mapping[str, Any]) -> None:
    idp = str(claims.get("idp") or "")
    if (
        PERSONAL_TENANT_ID in {account.tenant_id, account.home_tenant_id}
        or PERSONAL_TENANT_ID in idp
        or idp == "live.com"
    ):
        raise WrongAccountError(
            f"{account.username} is a personal Microsoft account, not a work or school account.",
            hint=f"{_AGAIN} with the work account that shall be the backup account.",
        )
    foreign = bool(idp) and account.tenant_id not in idp
    if account.home_tenant_id != account.tenant_id or foreign or claims.get("acct") == 1:
        raise WrongAccountError(
            f"{account.username} is a guest in tenant {account.tenant_id}: its home is {account.home_tenant_id}.",
            hint=f"{_AGAIN} with an account that is a member of the tenant.",
        )


def _check_clock(claims: Mapping[str, Any], present: datetime) -> None:
    issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
    if issued is not None and issued > present + _TOLERANCE:
        off = f"{round((issued - present).total_seconds())} seconds behind"
    elif expires is not None and expires < present - _TOLERANCE:
        off = f"at least {round((present - expires).total_seconds())} seconds ahead"
    else:
        return
    raise ClockSkewError(
        f"This machine's clock is {off} of the directory's.",
        hint="Set the clock (or switch on time synchronisation) and sign in again.",
    )


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None


def _home_tenant(client_info: str | None) -> str | None:
    if not client_info:
        return None
    try:
        data = json.loads(base64.urlsafe_b64decode(client_info + "=" * (-len(client_info) % 4)))
    except ValueError:
        return None
    home = data.get("utid") if isinstance(data, dict) else None
    return str(home).lower() if home else None
