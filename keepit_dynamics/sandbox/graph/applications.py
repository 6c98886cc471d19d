"""Applications in the tenant and what they were granted (contracts/entra-and-graph.md 14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keepit_dynamics.sandbox.consents import DATAVERSE_APP_ID, GRAPH_APP_ID, POWERAPPS_APP_ID, service_of
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.graph.ids import opaque_id
from keepit_dynamics.sandbox.tenant_spec import ConsentSpec

__all__ = ["permission_grants", "service_principals"]

_RESOURCES = {
    "graph": (GRAPH_APP_ID, "Microsoft Graph"),
    "dataverse": (DATAVERSE_APP_ID, "Dataverse"),
    "admin": (POWERAPPS_APP_ID, "PowerApps Service"),
}


def service_principals(directory: Directory) -> list[dict[str, Any]]:
    """The services' own applications, and those that were consented to."""
    apps = dict(_RESOURCES.values())
    apps.update({consent.app_id.lower(): "Client application" for consent in directory.spec.consents})
    return [_service_principal(directory, app_id, name) for app_id, name in apps.items()]


def permission_grants(directory: Directory) -> list[dict[str, Any]]:
    """Delegated permissions, for everybody or for one user, a row for each resource."""
    return [row for consent in directory.spec.consents for row in _grants(directory, consent)]


def _service_principal(directory: Directory, app_id: str, name: str) -> dict[str, Any]:
    return {
        "id": directory.service_principal_id(app_id),
        "appId": app_id,
        "displayName": name,
        "accountEnabled": True,
        "appOwnerOrganizationId": directory.tenant_id,
        "servicePrincipalType": "Application",
        "appRoleAssignmentRequired": False,
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "appRoles": [],
        "oauth2PermissionScopes": [],
    }


def _grants(directory: Directory, consent: ConsentSpec) -> Iterator[dict[str, Any]]:
    client = directory.service_principal_id(consent.app_id)
    principal = None if consent.principal is None else directory.user(consent.principal)
    by_service: dict[str, list[str]] = {}
    for scope in consent.scopes:
        resource, _, name = scope.rpartition("/")
        by_service.setdefault(service_of(resource), []).append(name)
    for service, names in by_service.items():
        resource_id = directory.service_principal_id(_RESOURCES.get(service, (service, ""))[0])
        yield {
            "clientId": client,
            "consentType": "Principal" if principal else "AllPrincipals",
            "id": opaque_id(client, resource_id, *([principal.id] if principal else [])),
            "principalId": principal.id if principal else None,
            "resourceId": resource_id,
            "scope": " ".join(names),
        }
