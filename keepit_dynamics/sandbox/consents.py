"""What applications were granted (interfaces.md 4): one that the tenant file lists may do that and no more."""

from __future__ import annotations

from urllib.parse import urlsplit

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.tenant_spec import ConsentSpec

__all__ = ["DATAVERSE_APP_ID", "GRAPH_APP_ID", "POWERAPPS_APP_ID", "consents_of", "granted_scopes", "service_of"]

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
DATAVERSE_APP_ID = "00000007-0000-0000-c000-000000000000"
POWERAPPS_APP_ID = "475226c6-020e-4fb2-8a90-7a972cbfc1d4"


def consents_of(directory: Directory, app_id: str) -> list[ConsentSpec]:
    """The entries of an application; none where it is not listed."""
    return [consent for consent in directory.spec.consents if consent.app_id.lower() == app_id.lower()]


def granted_scopes(directory: Directory, app_id: str, service: str, user: User | None) -> frozenset[str] | None:
    """Scopes of one service that an application holds for a user; None where nothing limits it."""
    entries = consents_of(directory, app_id)
    if not entries:
        return None
    scopes = [scope for entry in entries if _is_for(entry, user) for scope in entry.scopes]
    named = [scope.rpartition("/") for scope in scopes]
    return frozenset(name for resource, _, name in named if service_of(resource) == service)


def service_of(resource: str) -> str:
    """The service behind a resource; discovery and all environments are one application, Dataverse's.

    A resource is a public cloud's address, an application id, or an address of the sandbox itself.
    """
    if resource in {"", GRAPH_APP_ID}:
        return "graph"
    parts = urlsplit(resource if "://" in resource else f"https://{resource}")
    host, prefix = parts.hostname or "", parts.path.strip("/").partition("/")[0]
    if host.startswith("graph.") or prefix == "graph":
        return "graph"
    if host.endswith((".dynamics.com", ".dynamics.cn")) or prefix in {"discovery", "env"} or host == DATAVERSE_APP_ID:
        return "dataverse"
    if host.startswith("service.powerapps.") or prefix == "admin" or host == POWERAPPS_APP_ID:
        return "admin"
    return resource


def _is_for(entry: ConsentSpec, user: User | None) -> bool:
    if entry.all_principals or entry.principal is None:
        return True
    return user is not None and entry.principal.casefold() == user.upn.casefold()
