"""An environment as the admin API shows it."""

from __future__ import annotations

from typing import Any

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.state import CREATED, VERSION, Environment
from keepit_dynamics.sandbox.tenant_file import derived_id

__all__ = ["PROVIDER", "environment_json"]

PROVIDER = "/providers/Microsoft.BusinessAppPlatform"

_NO_GROUP = "00000000-0000-0000-0000-000000000000"
_LOCATIONS = {
    "EMEA": ("europe", "westeurope"),
    "NA": ("unitedstates", "eastus"),
    "APAC": ("asia", "southeastasia"),
    "OCE": ("australia", "australiaeast"),
    "JPN": ("japan", "japaneast"),
    "LATAM": ("southamerica", "brazilsouth"),
    "CAN": ("canada", "canadacentral"),
    "IND": ("india", "centralindia"),
    "GBR": ("unitedkingdom", "uksouth"),
    "FRA": ("france", "francecentral"),
    "UAE": ("unitedarabemirates", "uaenorth"),
    "GER": ("germany", "germanywestcentral"),
    "CHE": ("switzerland", "switzerlandnorth"),
    "NOR": ("norway", "norwayeast"),
    "KOR": ("korea", "koreacentral"),
    "SGP": ("singapore", "southeastasia"),
    "ZAF": ("southafrica", "southafricanorth"),
}
_CREATION_TYPES = {"Default": "DefaultTenant", "Developer": "Developer", "Trial": "User", "Teams": "Teams"}


def environment_json(environment: Environment, directory: Directory, *, scope: str) -> dict[str, Any]:
    """One environment; ``scope`` is ``scopes/admin/`` in the administrator's list and empty in the user's."""
    kind = "scopes/environments" if scope else "environments"
    return {
        "id": f"{PROVIDER}/{scope}environments/{environment.id}",
        "type": f"Microsoft.BusinessAppPlatform/{kind}",
        "location": _location(environment)[0],
        "name": environment.id,
        "properties": _properties(environment, directory),
    }


def _location(environment: Environment) -> tuple[str, str]:
    return _LOCATIONS.get(environment.spec.region, ("unitedstates", "eastus"))


def _properties(environment: Environment, directory: Directory) -> dict[str, Any]:
    spec = environment.spec
    made = CREATED.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    return {
        "tenantId": environment.tenant_id,
        "azureRegion": _location(environment)[1],
        "displayName": spec.name,
        "createdTime": made,
        "createdBy": {"id": "SYSTEM", "displayName": "SYSTEM", "type": "NotSpecified"},
        "lastModifiedTime": made,
        "provisioningState": "Succeeded",
        "creationType": _CREATION_TYPES.get(spec.sku, "User"),
        "environmentSku": spec.sku,
        "isDefault": spec.sku == "Default",
        "databaseType": "CommonDataService" if spec.dataverse else "None",
        "linkedEnvironmentMetadata": _organization(environment, directory) if spec.dataverse else None,
        "trialScenarioType": "None",
        "retentionPeriod": "P7D",
        "states": _states(environment),
        "updateCadence": {"id": "Frequent"},
        "protectionStatus": {"keyManagedBy": "Microsoft"},
        "connectedGroups": [],
        "governanceConfiguration": {"protectionLevel": "Basic"},
    }


def _states(environment: Environment) -> dict[str, Any]:
    runtime = {
        "runtimeReasonCode": "NotSpecified",
        "requestedBy": {"displayName": "SYSTEM", "type": "NotSpecified"},
        "id": "Disabled" if environment.disabled else "Enabled",
    }
    return {"management": {"id": "Ready"}, "runtime": runtime}


def _organization(environment: Environment, directory: Directory) -> dict[str, Any]:
    spec = environment.spec
    group = directory.group(spec.security_group) if spec.security_group else None
    return {
        "resourceId": environment.organization_id,
        "friendlyName": spec.name,
        "uniqueName": environment.unique_name,
        "domainName": environment.url_name,
        "version": VERSION,
        "instanceUrl": f"{environment.address}/",
        "instanceApiUrl": environment.address,
        "baseLanguage": spec.language,
        "instanceState": "Ready",
        "createdTime": CREATED.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "backgroundOperationsState": "Enabled",
        "scaleGroup": f"{spec.region}CRMLIVESG{int(derived_id('scale', spec.region)[:4], 16) % 1000:03}",
        "platformSku": "Standard",
        "schemaType": "Standard",
        "securityGroupId": group.id if group else _NO_GROUP,
    }
