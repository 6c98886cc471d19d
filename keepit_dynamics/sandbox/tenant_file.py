"""The tenant file: one world for the sandbox, in plain data (JSON, version 1).

The data classes mirror the file's parts. Reading checks the words used and what Entra or Dataverse
could not hold; ids that are left out are derived from names, so that a file always gives the same world.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from cattrs import Converter
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn
from cattrs.v import transform_error

__all__ = [
    "AccountSpec",
    "BehaviourSpec",
    "ConnectionSpec",
    "ConnectorSpec",
    "ConsentSpec",
    "DirectorySpec",
    "EnvironmentSpec",
    "EnvironmentUserSpec",
    "GroupSpec",
    "JobSpec",
    "KeepitSpec",
    "LicenseSpec",
    "PlanSpec",
    "RoleAssignmentSpec",
    "SkuSpec",
    "SnapshotSpec",
    "TableSpec",
    "TeamSpec",
    "TenantFile",
    "TenantFileError",
    "TenantSpec",
    "TokenSpec",
    "UserSpec",
    "derived_id",
    "load_tenant_file",
    "parse_tenant_file",
]

_NAMESPACE = uuid.UUID("6f1c1f0e-8b1d-5a0e-9a59-0d3c5d9c5f11")


class TenantFileError(ValueError):
    """A tenant file that cannot be loaded; the message lists every problem with its place."""


def derived_id(*names: str) -> str:
    """A stable GUID made of names; the same names always give the same one."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(names)))


@attrs.frozen
class TenantSpec:
    """The Entra tenant."""

    name: str
    id: str = ""
    domains: tuple[str, ...] = ()
    pim: bool = True


@attrs.frozen
class PlanSpec:
    """A service plan of a user's licence."""

    id: str
    name: str = ""
    status: str = "Success"
    applies_to: str = "User"


@attrs.frozen
class LicenseSpec:
    """A licence of a user; ``plans`` None means all plans of the SKU, all ``Success``."""

    sku_id: str
    sku: str = ""
    plans: tuple[PlanSpec, ...] | None = None


@attrs.frozen
class UserSpec:
    """A user of the tenant."""

    upn: str
    id: str = ""
    name: str = ""
    password: str = attrs.field(default="Passw0rd!", repr=False)
    enabled: bool = True
    type: str = "Member"
    personal: bool = False
    sign_in: str = "ok"
    licenses: tuple[LicenseSpec, ...] = ()


@attrs.frozen
class GroupSpec:
    """A group; members are UPNs or names of groups."""

    name: str
    id: str = ""
    role_assignable: bool = False
    members: tuple[str, ...] = ()


@attrs.frozen
class RoleAssignmentSpec:
    """A directory role held by a user or a group."""

    role: str
    principal: str
    scope: str = "/"
    kind: str = "active"
    activated: bool = False
    ends: datetime | None = None


@attrs.frozen
class SkuSpec:
    """A subscription of the tenant; the numbers are units."""

    sku_id: str
    sku: str = ""
    status: str = "Enabled"
    enabled: int = 0
    suspended: int = 0
    warning: int = 0
    consumed: int = 0


@attrs.frozen
class ConsentSpec:
    """What an application may do; bare scopes are Graph's, others ``resource/scope``."""

    app_id: str
    scopes: tuple[str, ...] = ()
    all_principals: bool = False
    principal: str | None = None


@attrs.frozen
class DirectorySpec:
    """Which Graph reads clients may make; None allows all."""

    allowed_reads: tuple[str, ...] | None = None


@attrs.frozen
class EnvironmentUserSpec:
    """A user row in an environment."""

    upn: str
    access_mode: int = 0
    disabled: bool = False
    roles: tuple[str, ...] = ()
    business_unit: str | None = None


@attrs.frozen
class TeamSpec:
    """A team in an environment."""

    name: str
    type: str = "owner"
    group: str | None = None
    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@attrs.frozen
class TableSpec:
    """A table in an environment."""

    name: str
    rows: int = 0
    custom: bool = False
    label: str | None = None


@attrs.frozen
class BehaviourSpec:
    """How an environment misbehaves: a status every request gets, milliseconds of delay, hidden."""

    status: int | None = None
    slow_ms: int = 0
    hidden_from_discovery: bool = False


@attrs.frozen
class EnvironmentSpec:
    """A Power Platform environment."""

    name: str
    id: str = ""
    organization_id: str = ""
    unique_name: str = ""
    url_name: str = ""
    sku: str = "Production"
    state: str = "enabled"
    dataverse: bool = True
    language: int = 1033
    region: str = "EMEA"
    security_group: str | None = None
    users: tuple[EnvironmentUserSpec, ...] = ()
    teams: tuple[TeamSpec, ...] = ()
    tables: tuple[TableSpec, ...] = ()
    behaviour: BehaviourSpec = BehaviourSpec()


@attrs.frozen
class AccountSpec:
    """The Keepit account; ``limits`` maps the service's resource names to numbers."""

    id: str = ""
    name: str = "Contoso"
    retention: str | None = None
    limits: dict[str, int] = attrs.field(factory=dict)


@attrs.frozen
class TokenSpec:
    """A Keepit token: ``name`` signs in, ``login`` is the person it belongs to."""

    name: str
    secret: str = attrs.field(repr=False)
    login: str = ""
    role: str = "MasterAdmin"
    primary: bool = False


@attrs.frozen
class ConnectionSpec:
    """A connection to a tenant; its id is what connectors carry as ``orglink``."""

    id: str
    tenant: str = ""


@attrs.frozen
class JobSpec:
    """A job of a connector."""

    type: str = "backup"
    description: str = ""
    start: datetime | None = None
    end: datetime | None = None
    state: str = "successful"


@attrs.frozen
class SnapshotSpec:
    """A snapshot of a connector; ``size`` in bytes, ``type`` ``c`` or ``p``."""

    tstamp: datetime
    type: str = "c"
    size: int = 0


@attrs.frozen
class ConnectorSpec:
    """A connector that exists already."""

    name: str
    type: str = "dynamics365"
    agent_type: str | None = None
    connection: str | None = None
    retention: str | None = None
    created: datetime | None = None
    enabled: bool = True
    deleted: bool = False
    accessible_to: tuple[str, ...] | None = None
    attributes: dict[str, str] = attrs.field(factory=dict)
    jobs: tuple[JobSpec, ...] = ()
    snapshots: tuple[SnapshotSpec, ...] = ()


@attrs.frozen
class KeepitSpec:
    """The Keepit side of the world."""

    region: str = "dk-co"
    account: AccountSpec = attrs.field(factory=AccountSpec)
    tokens: tuple[TokenSpec, ...] = ()
    connections: tuple[ConnectionSpec, ...] = ()
    connectors: tuple[ConnectorSpec, ...] = ()
    switches: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class TenantFile:
    """A whole world."""

    tenant: TenantSpec
    version: int = 1
    users: tuple[UserSpec, ...] = ()
    groups: tuple[GroupSpec, ...] = ()
    role_assignments: tuple[RoleAssignmentSpec, ...] = ()
    skus: tuple[SkuSpec, ...] = ()
    consents: tuple[ConsentSpec, ...] = ()
    directory: DirectorySpec = DirectorySpec()
    environments: tuple[EnvironmentSpec, ...] = ()
    keepit: KeepitSpec = attrs.field(factory=KeepitSpec)


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_structure_hook_factory(
        attrs.has, lambda cls: make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)
    )
    return converter


def parse_tenant_file(data: Any) -> TenantFile:
    """Read a tenant file's JSON value; raises TenantFileError with every problem and its place."""
    try:
        parsed = _converter().structure(data, TenantFile)
    except (BaseValidationError, TypeError, ValueError) as error:
        problems = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        raise TenantFileError("The tenant file cannot be read:\n  " + "\n  ".join(problems)) from error
    return parsed


def load_tenant_file(path: str | Path) -> TenantFile:
    """Read a tenant file from disk."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TenantFileError(f"The tenant file {path} cannot be read: {error}") from error
    return parse_tenant_file(data)
