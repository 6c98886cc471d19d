"""Environments as the Global Discovery Service and the environment admin API list them.

Discovery tells where the signed-in account may work, the admin list what the tenant has, as far as the
account administers it (contracts/dataverse.md 1 and 2). Nothing here judges which of the two is complete.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import attrs

from keepit_dynamics._core.convert import from_wire, json_of
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpRequest
from keepit_dynamics._core.paging import collect_pages
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.errors import answer_error
from keepit_dynamics.dataverse.query import canonical_id
from keepit_dynamics.errors import ConfigurationError, DestinationError

__all__ = ["AdministeredEnvironment", "DiscoveredEnvironment", "list_administered", "list_discovered"]

T = TypeVar("T")

_API_VERSION = "2023-06-01"
_NO_GROUP = "00000000-0000-0000-0000-000000000000"
_LINK_NAMES = ("@odata.nextLink", "nextLink")


def _real_date(time: datetime | None) -> datetime | None:
    # Something that is no trial may carry the smallest date instead of none.
    return None if time is None or time.year < 1900 else time


def _pascal(name: str) -> Any:
    return attrs.field(default=None, metadata={"wire": name})


def _pascal_id(name: str) -> Any:
    return attrs.field(default=None, converter=canonical_id, metadata={"wire": name})


@attrs.frozen
class DiscoveredEnvironment:
    """One environment as discovery shows it to the signed-in account.

    Attributes:
        organization_id: Id of the Dataverse organization.
        environment_id: Id of the environment; ``Default-<tenant>`` for the tenant's default one.
        url: Address of the application, as it came.
        api_url: Address for clients, as it came.
        state: 0 enabled, 1 disabled.
        is_user_sys_admin: Whether the signed-in account is System Administrator there; a hint of unknown age.
        trial_expires: When a trial ends; None for everything else.
    """

    organization_id: str = attrs.field(converter=canonical_id, metadata={"wire": "Id"})
    environment_id: str | None = _pascal_id("EnvironmentId")
    tenant_id: str | None = _pascal_id("TenantId")
    unique_name: str | None = _pascal("UniqueName")
    url_name: str | None = _pascal("UrlName")
    friendly_name: str | None = _pascal("FriendlyName")
    url: str | None = _pascal("Url")
    api_url: str | None = _pascal("ApiUrl")
    state: int | None = _pascal("State")
    status_message: int | None = _pascal("StatusMessage")
    organization_type: int | None = _pascal("OrganizationType")
    is_user_sys_admin: bool | None = _pascal("IsUserSysAdmin")
    version: str | None = _pascal("Version")
    region: str | None = _pascal("Region")
    purpose: str | None = _pascal("Purpose")
    trial_expires: datetime | None = attrs.field(
        default=None, converter=_real_date, metadata={"wire": "TrialExpirationDate"}
    )

    @property
    def address(self) -> str | None:
        """Where its API is called: the API address, else the application's; None where neither is one."""
        return next((url for url in (self.api_url, self.url) if url and _is_address(url)), None)


@attrs.frozen
class AdministeredEnvironment:
    """One environment as the admin list shows it; the Dataverse part is None where there is no Dataverse.

    Attributes:
        environment_id: Id of the environment; ``Default-<tenant>`` for the tenant's default one.
        sku: ``Production``, ``Sandbox``, ``Trial``, ``Developer``, ``Default``, ``Teams`` …
        has_dataverse: Whether it has a Dataverse organization.
        runtime_state: ``Enabled``, ``Disabled``, ``AdminMode`` or another word; None where it is not told.
        security_group_id: The group whose members may enter; None is open.
        base_language: Number of the language that built-in names are in.
    """

    environment_id: str
    display_name: str | None = None
    sku: str | None = None
    created: datetime | None = None
    organization_id: str | None = None
    url: str | None = None
    api_url: str | None = None
    has_dataverse: bool = False
    runtime_state: str | None = None
    management_state: str | None = None
    provisioning_state: str | None = None
    security_group_id: str | None = None
    base_language: int | None = None
    is_default: bool | None = None


@attrs.frozen
class _State:
    id: str | None = None


@attrs.frozen
class _States:
    runtime: _State | None = None
    management: _State | None = None


@attrs.frozen
class _Linked:
    resource_id: str | None = attrs.field(default=None, converter=canonical_id)
    instance_url: str | None = None
    instance_api_url: str | None = None
    base_language: int | None = None
    security_group_id: str | None = attrs.field(default=None, converter=canonical_id)


@attrs.frozen
class _Properties:
    display_name: str | None = None
    environment_sku: str | None = None
    created_time: datetime | None = None
    is_default: bool | None = None
    provisioning_state: str | None = None
    linked_environment_metadata: _Linked | None = None
    states: _States | None = None


@attrs.frozen
class _Environment:
    name: str = attrs.field(converter=canonical_id)
    properties: _Properties

    def flat(self) -> AdministeredEnvironment:
        own = self.properties
        linked = own.linked_environment_metadata or _Linked()
        states = own.states or _States()
        group = linked.security_group_id
        return AdministeredEnvironment(
            environment_id=self.name,
            display_name=own.display_name,
            sku=own.environment_sku,
            created=own.created_time,
            organization_id=linked.resource_id,
            url=linked.instance_url,
            api_url=linked.instance_api_url,
            # databaseType names a database even where none is linked.
            has_dataverse=bool(linked.instance_url),
            runtime_state=(states.runtime or _State()).id,
            management_state=(states.management or _State()).id,
            provisioning_state=own.provisioning_state,
            security_group_id=None if group == _NO_GROUP else group or None,
            base_language=linked.base_language,
            is_default=own.is_default,
        )


@attrs.frozen
class _Discovered:
    value: tuple[DiscoveredEnvironment, ...]


@attrs.frozen
class _Administered:
    value: tuple[_Environment, ...]


def list_discovered(sender: BearerSender, endpoints: Endpoints) -> Flow[tuple[DiscoveredEnvironment, ...]]:
    """Every environment that discovery shows to the signed-in account, in its order."""
    source = _Source(
        "discovery", sender, f"{endpoints.discovery}/api/discovery/v2.0/Instances", endpoints.discovery_scope
    )
    rows = yield from source.rows()
    return from_wire({"value": rows}, _Discovered, service=source.service).value


def list_administered(sender: BearerSender, endpoints: Endpoints) -> Flow[tuple[AdministeredEnvironment, ...]]:
    """Every environment that the signed-in account administers, in the service's order."""
    if endpoints.admin is None:
        raise ConfigurationError(
            "The endpoints name no environment admin API.", hint="Name it as 'admin' in the endpoints file."
        )
    path = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
    url = f"{endpoints.admin}{path}?api-version={_API_VERSION}"
    source = _Source("admin", sender, url, endpoints.admin_scope)
    rows = yield from source.rows()
    environments = from_wire({"value": rows}, _Administered, service=source.service).value
    return tuple(environment.flat() for environment in environments)


@attrs.frozen
class _Source:
    service: str
    sender: BearerSender
    url: str
    scope: str

    def rows(self) -> Flow[list[Any]]:
        first = yield from self._page(self.url)
        return (yield from collect_pages(first, self._page, service=self.service, link_names=_LINK_NAMES))

    def _page(self, url: str) -> Flow[Any]:
        if _origin(url) != _origin(self.url):
            raise DestinationError(
                f"The next page of {self.service} is said to be at another host, so it was not asked for.",
                hint="What was read is not complete. Is a proxy in between?",
            )
        request = HttpRequest(self.service, "GET", url, {"Accept": "application/json"})
        response = yield from self.sender.send(request, scope=self.scope)
        if not response.ok:
            raise answer_error(response, service=self.service, url=url)
        return json_of(response, service=self.service)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)
