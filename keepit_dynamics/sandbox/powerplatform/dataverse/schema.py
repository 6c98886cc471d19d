"""The tables that the Web API of an environment knows, with their columns and relationships."""

from __future__ import annotations

from keepit_dynamics.sandbox.powerplatform.dataverse.user_columns import USER_DEFAULTS
from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Table

__all__ = ["BUSINESS_UNITS", "ROLES", "SYSTEM_USERS", "TABLES", "TEAMS"]

_GUID, _TEXT, _INTEGER, _FLAG = "Edm.Guid", "Edm.String", "Edm.Int32", "Edm.Boolean"
_TIME, _LONG, _MANAGED = "Edm.DateTimeOffset", "Edm.Int64", "Microsoft.Dynamics.CRM.BooleanManagedProperty"

_USER_GUIDS = frozenset(
    {
        "systemuserid",
        "ownerid",
        "azureactivedirectoryobjectid",
        "applicationid",
        "organizationid",
        "address1_addressid",
        "address2_addressid",
        "entityimageid",
        "processid",
        "stageid",
    }
)
_USER_TIMES = frozenset(
    {
        "createdon",
        "modifiedon",
        "azuredeletedon",
        "overriddencreatedon",
    }
)


def _user_type(name: str, default: object) -> str:
    if name in _USER_GUIDS or name.endswith("_value"):
        return _GUID
    if name in _USER_TIMES:
        return _TIME
    if isinstance(default, bool):
        return _FLAG
    if isinstance(default, int):
        return _LONG if name == "versionnumber" else _INTEGER
    return _TEXT


def _many(*relations: tuple[str, str]) -> dict[str, Navigation]:
    return {name: Navigation(name, target) for name, target in relations}


_UNIT = {"businessunitid": Navigation("businessunitid", "businessunit", "many-to-one", "_businessunitid_value")}
_FLAGS = {"Value": _FLAG, "CanBeChanged": _FLAG, "ManagedPropertyLogicalName": _TEXT}

SYSTEM_USERS = Table(
    name="systemuser",
    set_name="systemusers",
    key="systemuserid",
    columns={name: _user_type(name, default) for name, default in USER_DEFAULTS.items()},
    navigation=_UNIT | _many(("systemuserroles_association", "role"), ("teammembership_association", "team")),
    alternate_keys=(frozenset({"azureactivedirectoryobjectid"}),),
    always=("systemuserid", "ownerid"),
)

ROLES = Table(
    name="role",
    set_name="roles",
    key="roleid",
    columns={
        "roleid": _GUID,
        "name": _TEXT,
        "roleidunique": _GUID,
        "_roletemplateid_value": _GUID,
        "_parentrootroleid_value": _GUID,
        "_parentroleid_value": _GUID,
        "_businessunitid_value": _GUID,
        "organizationid": _GUID,
        "solutionid": _GUID,
        "isinherited": _INTEGER,
        "ismanaged": _FLAG,
        "componentstate": _INTEGER,
        "overwritetime": _TIME,
        "createdon": _TIME,
        "modifiedon": _TIME,
        "overriddencreatedon": _TIME,
        "importsequencenumber": _INTEGER,
        "versionnumber": _LONG,
        "_createdby_value": _GUID,
        "_modifiedby_value": _GUID,
        "_createdonbehalfby_value": _GUID,
        "_modifiedonbehalfby_value": _GUID,
        "iscustomizable": _MANAGED,
        "canbedeleted": _MANAGED,
    },
    complex_columns={"iscustomizable": _FLAGS, "canbedeleted": _FLAGS},
    navigation=_UNIT | _many(("systemuserroles_association", "systemuser"), ("teamroles_association", "team")),
    alternate_keys=(frozenset({"_roletemplateid_value", "_businessunitid_value", "componentstate", "overwritetime"}),),
    always=("roleid",),
)

TEAMS = Table(
    name="team",
    set_name="teams",
    key="teamid",
    columns={
        "teamid": _GUID,
        "ownerid": _GUID,
        "name": _TEXT,
        "description": _TEXT,
        "emailaddress": _TEXT,
        "teamtype": _INTEGER,
        "membershiptype": _INTEGER,
        "azureactivedirectoryobjectid": _GUID,
        "isdefault": _FLAG,
        "systemmanaged": _FLAG,
        "_businessunitid_value": _GUID,
        "_administratorid_value": _GUID,
        "organizationid": _GUID,
        "createdon": _TIME,
        "modifiedon": _TIME,
        "versionnumber": _LONG,
    },
    navigation=_UNIT | _many(("teammembership_association", "systemuser"), ("teamroles_association", "role")),
    alternate_keys=(frozenset({"azureactivedirectoryobjectid", "membershiptype"}),),
    always=("teamid", "ownerid"),
)

BUSINESS_UNITS = Table(
    name="businessunit",
    set_name="businessunits",
    key="businessunitid",
    columns={
        "businessunitid": _GUID,
        "name": _TEXT,
        "_parentbusinessunitid_value": _GUID,
        "isdisabled": _FLAG,
        "organizationid": _GUID,
        "createdon": _TIME,
        "versionnumber": _LONG,
    },
    always=("businessunitid",),
)

TABLES = {table.set_name: table for table in (SYSTEM_USERS, ROLES, TEAMS, BUSINESS_UNITS)}
