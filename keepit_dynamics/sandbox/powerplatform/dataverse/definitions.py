"""The table definitions of an environment: those every environment has, and those of the tenant file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from keepit_dynamics.sandbox.powerplatform.dataverse.definition_columns import (
    DEFINITION_DEFAULTS,
    MANAGED_PROPERTIES,
)
from keepit_dynamics.sandbox.powerplatform.odata.model import Record, Table
from keepit_dynamics.sandbox.powerplatform.state import Environment
from keepit_dynamics.sandbox.tenant_file import TableSpec, derived_id

__all__ = ["DEFINITIONS", "definitions", "row_counts"]

_CUSTOM_TYPE_CODE = 10000
_LABELS = ("DisplayName", "DisplayCollectionName", "Description")


@attrs.frozen
class _Standard:
    """A table that every environment has, with what differs from an ordinary one."""

    type_code: int
    schema_name: str
    set_name: str
    label: str
    differs: dict[str, Any] = attrs.field(factory=dict)


_HIDDEN = {"IsIntersect": True, "OwnershipType": "None"}
_VIRTUAL = {"DataProviderId": "54629ed7-0cd3-4c85-9b6c-ea5f8548a9aa", "TableType": "Virtual"}
_BUSINESS = {"OwnershipType": "BusinessOwned"}

_STANDARD = {
    "account": _Standard(1, "Account", "accounts", "Account"),
    "contact": _Standard(2, "Contact", "contacts", "Contact"),
    "systemuser": _Standard(8, "SystemUser", "systemusers", "User", _BUSINESS),
    "team": _Standard(9, "Team", "teams", "Team", _BUSINESS),
    "businessunit": _Standard(10, "BusinessUnit", "businessunits", "Business Unit", _BUSINESS),
    "role": _Standard(1036, "Role", "roles", "Security Role", _BUSINESS),
    "systemuserroles": _Standard(1105, "SystemUserRoles", "systemuserrolescollection", "", _HIDDEN),
    "teammembership": _Standard(23, "TeamMembership", "teammemberships", "", _HIDDEN),
    "audit": _Standard(4567, "Audit", "audits", "Auditing", {"OwnershipType": "None"}),
    "aaduser": _Standard(10003, "aaduser", "aadusers", "Microsoft Entra ID", _VIRTUAL),
}

_TYPES: dict[type, str] = {bool: "Edm.Boolean", int: "Edm.Int32", str: "Edm.String", type(None): "Edm.String"}
_FLAGS = {"Value": "Edm.Boolean", "CanBeChanged": "Edm.Boolean", "ManagedPropertyLogicalName": "Edm.String"}
_NAMES = (
    "LogicalName",
    "SchemaName",
    "EntitySetName",
    "LogicalCollectionName",
    "CollectionSchemaName",
    "PrimaryIdAttribute",
    "PrimaryNameAttribute",
    "ReportViewName",
)

DEFINITIONS = Table(
    name="EntityMetadata",
    set_name="EntityDefinitions",
    key="MetadataId",
    columns={name: _TYPES.get(type(default), "complex") for name, default in DEFINITION_DEFAULTS.items()}
    | dict.fromkeys(_NAMES, "Edm.String")
    | dict.fromkeys(_LABELS, "Microsoft.Dynamics.CRM.Label")
    | {
        "MetadataId": "Edm.Guid",
        "DataProviderId": "Edm.Guid",
        "ObjectTypeCode": "Edm.Int32",
        "IsCustomEntity": "Edm.Boolean",
        "IsManaged": "Edm.Boolean",
        "OwnershipType": "Microsoft.Dynamics.CRM.OwnershipTypes",
    },
    complex_columns=dict.fromkeys(MANAGED_PROPERTIES, _FLAGS) | {name: {} for name in _LABELS},
    alternate_keys=(frozenset({"LogicalName"}),),
    always=("MetadataId",),
)


def definitions(environment: Environment) -> list[Record]:
    """All definitions: the standard tables first, then the file's own."""
    specs = {table.name: table for table in environment.tables}
    names = [*_STANDARD, *(name for name in specs if name not in _STANDARD)]
    return [Record(DEFINITIONS, _values(environment, name, specs.get(name), index)) for index, name in enumerate(names)]


def row_counts(environment: Environment) -> dict[str, int | None]:
    """Logical name to the number of rows; None for virtual tables, whose rows live elsewhere."""
    counts: dict[str, int | None] = {
        record.values["LogicalName"]: 0 if record.values["DataProviderId"] is None else None
        for record in definitions(environment)
    }
    counts |= {table.name: table.rows for table in environment.tables}
    return counts | {
        "systemuser": len(environment.users),
        "team": len(environment.teams),
        "role": len(environment.roles),
        "businessunit": len(environment.units),
    }


def _values(environment: Environment, name: str, spec: TableSpec | None, index: int) -> dict[str, Any]:
    custom = spec is not None and spec.custom
    standard = _STANDARD.get(name) or _Standard(_CUSTOM_TYPE_CODE + index, name, f"{name}s", name)
    label = spec.label if spec and spec.label else standard.label
    names: Iterable[tuple[str, Any]] = {
        "LogicalName": name,
        "SchemaName": standard.schema_name,
        "CollectionSchemaName": f"{standard.schema_name}s",
        "EntitySetName": standard.set_name,
        "LogicalCollectionName": f"{name}s",
        "PrimaryIdAttribute": f"{name}id",
        "PrimaryNameAttribute": "fullname" if name in {"contact", "systemuser"} else "name",
        "ReportViewName": f"Filtered{standard.schema_name}",
        "ObjectTypeCode": standard.type_code,
        "MetadataId": derived_id("table", environment.organization_id, name),
        "IsCustomEntity": custom,
        "IsManaged": not custom,
        "DisplayName": _label(environment, name, label),
        "DisplayCollectionName": _label(environment, f"{name}s", label and f"{label}s"),
        "Description": _label(environment, f"{name} description", ""),
    }.items()
    return DEFINITION_DEFAULTS | dict(names) | standard.differs


def _label(environment: Environment, name: str, text: str) -> dict[str, Any]:
    """A label in the environment's language; without a text, the user's label is null."""
    if not text:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    label = {
        "Label": text,
        "LanguageCode": environment.spec.language,
        "IsManaged": True,
        "MetadataId": derived_id("label", environment.organization_id, name),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}
