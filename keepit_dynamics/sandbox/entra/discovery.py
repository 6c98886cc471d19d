"""Documents about the service itself: OpenID configuration, signing keys, instances (contracts 5.1, 5.2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from keepit_dynamics.sandbox.entra.refusals import Refused

__all__ = ["ALIASES", "instance_document", "openid_configuration"]

ALIASES = frozenset({"common", "organizations", "consumers"})
"""Names for tenants that are not known before somebody signs in."""
_PUBLIC_HOSTS = frozenset(
    {"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net", "127.0.0.1"}
)


def openid_configuration(base_url: str, alias: str, tenant_id: str) -> dict[str, Any]:
    """The configuration of an alias, a domain or the tenant; an alias names no issuer yet."""
    base = f"{base_url}/{alias}/oauth2/v2.0"
    issuer = "{tenantid}" if alias in ALIASES else tenant_id
    return {
        "token_endpoint": f"{base}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "jwks_uri": f"{base_url}/{alias}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base_url}/{issuer}/v2.0",
        "authorization_endpoint": f"{base}/authorize",
        "device_authorization_endpoint": f"{base}/devicecode",
        "end_session_endpoint": f"{base}/logout",
    }


def instance_document(base_url: str, asked: str) -> dict[str, Any]:
    """What is known of the host of an authorization endpoint; clients send it without its port."""
    parts, host = urlsplit(asked), urlsplit(base_url).hostname or ""
    if parts.hostname is None or parts.hostname not in {host, *_PUBLIC_HOSTS}:
        raise Refused("invalid_instance", 50049, "Unknown or invalid instance.")
    tenant = parts.path.strip("/").partition("/")[0] or "common"
    return {
        "tenant_discovery_endpoint": f"{base_url}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
