"""The Global Discovery Service: where this user may work, which is not what the tenant owns."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Access
from keepit_dynamics.sandbox.powerplatform.odata.filters import parse_filter
from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Record, Table, bad_query
from keepit_dynamics.sandbox.powerplatform.odata.operands import literal
from keepit_dynamics.sandbox.powerplatform.odata.options import parse_select
from keepit_dynamics.sandbox.powerplatform.odata.tokens import tokenize
from keepit_dynamics.sandbox.powerplatform.refusal import Door, Refused
from keepit_dynamics.sandbox.powerplatform.state import CREATED, VERSION, Environment
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Discovery"]

_ROOT = "/api/discovery/v2.0"
_HEADERS = {"Content-Type": "application/json; odata.metadata=minimal", "odata-version": "4.0"}

# What the service names itself by is an internal address: nobody should follow it.
_INTERNAL = f"https://10.0.1.76:20193{_ROOT}/$metadata"

_KEY = re.compile(r"Instances\((.+)\)")
_KEY_COLUMNS = frozenset({"Id", "UniqueName", "Region", "State", "Version"})

_ORGANIZATION_TYPES = {"Sandbox": 5, "Default": 12, "Developer": 13, "Trial": 14, "Teams": 15}
_PICKER_READY, _INACTIVE = 6, 4

_INSTANCES = Table(
    name="Instance",
    set_name="Instances",
    key="Id",
    columns={
        "Id": "Edm.Guid",
        "EnvironmentId": "Edm.String",
        "TenantId": "Edm.Guid",
        "UniqueName": "Edm.String",
        "UrlName": "Edm.String",
        "FriendlyName": "Edm.String",
        "Url": "Edm.String",
        "ApiUrl": "Edm.String",
        "State": "Edm.Int32",
        "StatusMessage": "Edm.Int32",
        "OrganizationType": "Edm.Int32",
        "IsUserSysAdmin": "Edm.Boolean",
        "Version": "Edm.String",
        "Region": "Edm.String",
        "DatacenterId": "Edm.String",
        "DatacenterName": "Edm.String",
        "Purpose": "Edm.String",
        "SchemaType": "Edm.String",
        "LastUpdated": "Edm.DateTimeOffset",
        "TrialExpirationDate": "Edm.DateTimeOffset",
    },
)


class _NoRelations:
    """Instances are related to nothing."""

    caller_id = ""

    def table(self, name: str) -> Table:
        raise bad_query(f"There is no relationship to '{name}'.")

    def related(self, record: Record, navigation: Navigation) -> Iterable[Record]:
        raise bad_query(f"'{record.table.name}' has no relationship '{navigation.name}'.")


class Discovery:
    """Answers ``/api/discovery/v2.0/Instances``."""

    def __init__(
        self,
        environments: Sequence[Environment],
        directory: Directory,
        door: Door,
        clock: Clock,
        lock: threading.RLock,
    ) -> None:
        self._environments = environments
        self._directory = directory
        self._door = door
        self._clock = clock
        self._lock = lock

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        claims = self._door.admit(request)
        if isinstance(claims, Response):
            return claims
        try:
            with self._lock:
                return self._answer(request, claims.oid)
        except Refused as refused:
            return Response(refused.status, dict(_HEADERS), json.dumps(refused.wrapped()).encode())

    def _answer(self, request: Request, object_id: str) -> Response:
        if request.method != "GET":
            raise Refused(405, "", f"The requested resource does not support http method '{request.method}'.")
        path = "/" + "/".join(request.segments)
        key = _KEY.fullmatch(path.removeprefix(f"{_ROOT}/"))
        if path == _ROOT:
            sets = [{"name": "Instances", "kind": "EntitySet", "url": "Instances"}]
            return _answer({"@odata.context": _INTERNAL, "value": sets})
        if key is None and path != f"{_ROOT}/Instances":
            raise Refused(404, "", f"No HTTP resource was found that matches the request URI '{path}'.")
        return self._instances(request.params, key.group(1) if key else None, object_id)

    def _instances(self, params: Mapping[str, str], key: str | None, object_id: str) -> Response:
        """Always the array form, for keys too."""
        unknown = [name for name in params if name.startswith("$") and name not in {"$select", "$filter"}]
        if unknown:
            raise bad_query(f"The query parameter '{unknown[0]}' is not supported.")
        select = parse_select(params.get("$select"), _INSTANCES)
        records = self._visible(object_id)
        for condition in filter(None, (params.get("$filter"), key and _key_filter(key))):
            keep = parse_filter(condition, _INSTANCES, _NoRelations(), ignore_case=False)
            records = [record for record in records if keep(record)]
        columns = select or tuple(_INSTANCES.columns)
        context = f"{_INTERNAL}#Instances" + (f"({','.join(select)})" if select else "")
        rows = [{name: record.values[name] for name in columns} for record in records]
        return _answer({"@odata.context": context, "value": rows})

    def _visible(self, object_id: str) -> list[Record]:
        found = []
        for environment in self._environments:
            environment.settle(self._clock.now())
            access = Access(environment, self._directory)
            row = environment.user(object_id)
            hidden = environment.spec.behaviour.hidden_from_discovery or not environment.spec.dataverse
            if row is not None and not hidden and not access.is_disabled(row):
                is_administrator = access.is_system_administrator(row)
                found.append(Record(_INSTANCES, _values(environment, is_administrator=is_administrator)))
        return found


def _answer(body: dict[str, Any]) -> Response:
    return Response(200, dict(_HEADERS), json.dumps(body, ensure_ascii=False).encode())


def _key_filter(key: str) -> str:
    """A key as the filter it stands for: ``Id`` bare or named, or another key column by name."""
    name, equals, value = key.partition("=")
    name, value = (name, value) if equals else (_INSTANCES.key, key)
    tokens = tokenize(value)
    if name not in _KEY_COLUMNS or len(tokens) != 2 or literal(tokens[0]) is None:
        raise bad_query(f"The key '{key}' is not valid for resource 'Instances'.")
    return f"{name} eq {value}"


def _values(environment: Environment, *, is_administrator: bool) -> dict[str, Any]:
    spec = environment.spec
    return {
        "Id": environment.organization_id,
        "EnvironmentId": environment.id,
        "TenantId": environment.tenant_id,
        "UniqueName": environment.unique_name,
        "UrlName": environment.url_name,
        "FriendlyName": spec.name,
        "Url": environment.address,
        "ApiUrl": environment.address,
        "State": int(environment.disabled),
        "StatusMessage": _INACTIVE if environment.disabled else _PICKER_READY,
        "OrganizationType": _ORGANIZATION_TYPES.get(spec.sku, 0),
        "IsUserSysAdmin": is_administrator,
        "Version": VERSION,
        "Region": spec.region,
        "DatacenterId": environment.datacenter_id,
        "DatacenterName": None,
        "Purpose": None,
        "SchemaType": "Standard",
        "LastUpdated": CREATED.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "TrialExpirationDate": None,
    }
