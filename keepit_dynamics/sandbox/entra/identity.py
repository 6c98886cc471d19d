"""Who a user is to a client: the id token and ``client_info`` (contracts/entra-and-graph.md 4 and 5.7)."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.tenant_file import derived_id

__all__ = ["PERSONAL_TENANT_ID", "Identities", "signing_keys"]

_KEY_ID = "sandbox"
PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad"


class Identities:
    """Makes id tokens."""

    def __init__(self, directory: Directory, base_url: str) -> None:
        self._directory = directory
        self._base_url = base_url

    def home_tenant(self, user: User) -> str:
        """The tenant where a user is at home: a guest's and a personal account's is another one."""
        if user.personal:
            return PERSONAL_TENANT_ID
        if user.type == "Guest":
            return derived_id("home tenant", user.upn.rpartition("@")[2])
        return self._directory.tenant_id

    def client_info(self, user: User) -> str:
        """Object id and tenant at home, as base64url without padding."""
        home = self.home_tenant(user)
        uid = user.id if home == self._directory.tenant_id else derived_id("home object", user.upn)
        text = json.dumps({"uid": uid, "utid": home})
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def id_token(self, user: User, client_id: str, nonce: str | None, present: datetime) -> str:
        """A v2.0 id token of the tenant."""
        tenant = self._directory.tenant_id
        home = self.home_tenant(user)
        claims = {
            "aud": client_id,
            "iss": f"{self._base_url}/{tenant}/v2.0",
            "iat": int(present.timestamp()),
            "nbf": int(present.timestamp()),
            "exp": int((present + timedelta(hours=1)).timestamp()),
            "name": user.name,
            "oid": user.id,
            "preferred_username": user.upn,
            "sub": derived_id("sub", client_id, user.id),
            "tid": tenant,
            "ver": "2.0",
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if user.personal:
            claims["idp"] = "live.com"
        elif home != tenant:
            claims["idp"] = f"https://sts.windows.net/{home}/"
        return jwt.encode(claims, _signing_key(), algorithm="RS256", headers={"kid": _KEY_ID})


def signing_keys() -> list[dict[str, Any]]:
    """The public keys that id tokens can be checked with."""
    key: dict[str, Any] = RSAAlgorithm.to_jwk(_signing_key().public_key(), as_dict=True)
    return [{**key, "kid": _KEY_ID, "use": "sig"}]


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """One key for all sandboxes of a process: making it takes longer than a whole sign-in."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
