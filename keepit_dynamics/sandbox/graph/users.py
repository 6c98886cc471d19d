"""Users and the tenant itself (contracts/entra-and-graph.md 11)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.graph.licences import assigned_licenses, assigned_plans, assignment_states

__all__ = ["DEFAULT_COLUMNS", "ORGANIZATION_BASICS", "USER_BASICS", "organization", "user_row"]

DEFAULT_COLUMNS = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
USER_BASICS = frozenset(DEFAULT_COLUMNS)
"""What ``User.ReadBasic.All`` and ``User.Read`` of somebody else show."""
ORGANIZATION_BASICS = frozenset({"id", "displayName", "verifiedDomains"})
"""What ``User.Read`` shows of the tenant."""


def user_row(directory: Directory, user: User) -> dict[str, Any]:
    """Every property that can be selected."""
    guest = user.type == "Guest"
    return {
        **dict.fromkeys(DEFAULT_COLUMNS),
        "businessPhones": [],
        "id": user.id,
        "displayName": user.name,
        "userPrincipalName": user.upn,
        "mail": user.upn,
        "userType": user.type,
        "accountEnabled": user.enabled,
        "creationType": "Invitation" if guest else None,
        "externalUserState": "Accepted" if guest else None,
        "usageLocation": "DK",
        "onPremisesSyncEnabled": None,
        "identities": [],
        "assignedLicenses": assigned_licenses(user),
        "assignedPlans": assigned_plans(directory, user),
        "licenseAssignmentStates": assignment_states(user),
    }


def organization(directory: Directory) -> dict[str, Any]:
    """The tenant."""
    domains = [
        {"name": name, "isDefault": place == 0, "isInitial": place == 0, "capabilities": "Email", "type": "Managed"}
        for place, name in enumerate(directory.domains)
    ]
    return {
        "id": directory.tenant_id,
        "displayName": directory.name,
        "verifiedDomains": domains,
        "tenantType": "AAD",
        "countryLetterCode": "DK",
    }
