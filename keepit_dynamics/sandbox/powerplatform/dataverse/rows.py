"""What the rows of an environment look like on the wire, all columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Access
from keepit_dynamics.sandbox.powerplatform.dataverse.user_columns import USER_DEFAULTS
from keepit_dynamics.sandbox.powerplatform.state import CREATED, BusinessUnit, Environment, Role, Team, UserRow
from keepit_dynamics.sandbox.tenant_file import derived_id

__all__ = ["business_unit_values", "role_values", "team_values", "timestamp", "user_values"]

_EXISTS, _DELETED = 0, 2
_DIRECT_PRIVILEGES = 1


def timestamp(moment: datetime) -> str:
    """A time as Dataverse writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def user_values(environment: Environment, directory: Directory, row: UserRow) -> dict[str, Any]:
    """A row of ``systemusers``."""
    account = directory.user(row.object_id) if row.object_id else None
    first, _, last = row.name.rpartition(" ")
    made = timestamp(CREATED)
    return USER_DEFAULTS | {
        "systemuserid": row.id,
        "ownerid": row.id,
        "azureactivedirectoryobjectid": row.object_id,
        "domainname": row.upn,
        "internalemailaddress": row.upn,
        "windowsliveid": row.upn,
        "fullname": row.name,
        "yomifullname": row.name,
        "firstname": first or None,
        "lastname": last,
        "organizationid": environment.organization_id,
        "_businessunitid_value": row.unit_id,
        "_calendarid_value": derived_id("calendar", row.id),
        "_defaultmailbox_value": derived_id("mailbox", row.id),
        "_queueid_value": derived_id("queue", row.id),
        "address1_addressid": derived_id("address 1", row.id),
        "address2_addressid": derived_id("address 2", row.id),
        "createdon": made,
        "modifiedon": made,
        "accessmode": row.access_mode,
        "azurestate": _EXISTS if account else _DELETED,
        "isdisabled": Access(environment, directory).is_disabled(row),
        "islicensed": bool(account and account.licenses),
        "setupuser": row.setup_user,
        "versionnumber": row.version,
    }


def role_values(environment: Environment, role: Role) -> dict[str, Any]:
    """A row of ``roles``: one business unit's copy."""
    made = timestamp(CREATED)
    at_root = role.id == role.root_id
    return {
        "overwritetime": "1900-01-01T00:00:00Z",
        "organizationid": environment.organization_id,
        "isinherited": _DIRECT_PRIVILEGES,
        "solutionid": derived_id("solution", environment.id),
        "roleidunique": derived_id("role unique", role.id),
        "ismanaged": role.template_id is not None,
        "roleid": role.id,
        "componentstate": 0,
        "modifiedon": made,
        "_modifiedby_value": None,
        "_parentrootroleid_value": role.root_id,
        "createdon": made,
        "versionnumber": role.version,
        "_businessunitid_value": role.unit_id,
        "name": role.name,
        "_createdby_value": None,
        "_parentroleid_value": None if at_root else role.root_id,
        "overriddencreatedon": None,
        "importsequencenumber": None,
        "_modifiedonbehalfby_value": None,
        "_roletemplateid_value": role.template_id,
        "_createdonbehalfby_value": None,
        "iscustomizable": _managed("iscustomizableanddeletable"),
        "canbedeleted": _managed("canbedeleted"),
    }


def _managed(name: str) -> dict[str, Any]:
    return {"Value": True, "CanBeChanged": True, "ManagedPropertyLogicalName": name}


def team_values(environment: Environment, team: Team) -> dict[str, Any]:
    """A row of ``teams``."""
    made = timestamp(CREATED)
    return {
        "teamid": team.id,
        "ownerid": team.id,
        "name": team.name,
        "description": None,
        "emailaddress": None,
        "teamtype": team.type,
        "membershiptype": 0,
        "azureactivedirectoryobjectid": team.group_id,
        "isdefault": False,
        "systemmanaged": False,
        "_businessunitid_value": team.unit_id,
        "_administratorid_value": None,
        "organizationid": environment.organization_id,
        "createdon": made,
        "modifiedon": made,
        "versionnumber": team.version,
    }


def business_unit_values(environment: Environment, unit: BusinessUnit) -> dict[str, Any]:
    """A row of ``businessunits``."""
    return {
        "businessunitid": unit.id,
        "name": unit.name,
        "_parentbusinessunitid_value": unit.parent_id,
        "isdisabled": False,
        "organizationid": environment.organization_id,
        "createdon": timestamp(CREATED),
        "versionnumber": unit.version,
    }
