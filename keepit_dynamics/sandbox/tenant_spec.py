"""What a tenant file holds: one class for each part, with its defaults (interfaces.md 4).

Ids that are left out are derived from names, so that a file always gives the same world.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

import attrs

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
    "is_guid",
]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMESPACE = uuid.UUID("6f1c1f0e-8b1d-5a0e-9a59-0d3c5d9c5f11")


class TenantFileError(ValueError):
    """A tenant file that cannot be loaded; the message lists every problem with its place."""


def derived_id(*names: str) -> str:
    """A stable GUID made of names; the same names always give the same one."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(names)))


def is_guid(text: str) -> bool:
    """Whether a text is a GUID in its usual form."""
    return _GUID.fullmatch(text) is not None


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
