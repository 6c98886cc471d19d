"""A small tenant with its Power Platform, and short ways to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform import PowerPlatform
from keepit_dynamics.sandbox.tenant_file import parse_tenant_file
from keepit_dynamics.sandbox.tokens import Tokens
from keepit_dynamics.sandbox.wire import Request, Response, Service

BASE = "https://localhost:9443"


class Tenant:
    """A tenant's Power Platform, asked as one of its users."""

    def __init__(self, data: dict[str, Any]) -> None:
        spec = parse_tenant_file({"version": 1, "tenant": {"name": "Contoso"}, **data})
        self.clock = Clock(datetime(2026, 5, 4, 12, 0, tzinfo=UTC), ticking=False)
        self.directory = Directory(spec, self.clock)
        self.tokens = Tokens(self.directory, self.clock, BASE)
        self.platform = PowerPlatform(spec, self.directory, self.tokens, self.clock, BASE)

    def id_of(self, name: str) -> str:
        """The object id of ``name@contoso.example``."""
        user = self.directory.user(f"{name}@contoso.example")
        assert user is not None
        return user.id

    def bearer(self, who: str, audience: str) -> dict[str, str]:
        """The authorization header of a user for an audience below the base."""
        token = self.tokens.issue_access(self.id_of(who), f"{BASE}/{audience}", ["user_impersonation"], "client")
        return {"Authorization": f"Bearer {token}"}

    def ask(self, who: str, target: str, method: str = "GET", body: Any = None, **headers: str) -> Response:
        """Ask ``discovery/…``, ``admin/…`` or ``env/<name>/…``; header names are written with underscores."""
        first, rest = target.split("/", 1)
        audience = first
        if first == "env":
            name, rest = rest.split("/", 1)
            audience = f"env/{name}"
        path, _, query = rest.partition("?")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(method, f"/{path}", quote(query, safe="=&%/:"), self.bearer(who, audience) | given, content)
        return self._service(audience).handle(request)

    def data(self, who: str, target: str, **headers: str) -> Any:
        """The JSON of a successful read of the Web API, ``<environment>/<resource>``."""
        name, resource = target.split("/", 1)
        response = self.ask(who, f"env/{name}/api/data/v9.2/{resource}", **headers)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def refusal(self, who: str, target: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of a refused request to the Web API."""
        name, resource = target.split("/", 1)
        response = self.ask(who, f"env/{name}/api/data/v9.2/{resource}", method, body, **headers)
        return response.status, str(json.loads(response.body)["error"]["code"])

    def _service(self, audience: str) -> Service:
        services = {"discovery": self.platform.discovery, "admin": self.platform.admin}
        service = services.get(audience) or self.platform.environment(audience.removeprefix("env/"))
        assert service is not None
        return service


_LICENCE = [{"sku_id": "1e1a282c-9c54-43a2-9310-98ef728faace", "sku": "DYN365_ENTERPRISE_SALES"}]
_SYSTEM_ADMINISTRATOR = {"roles": ["System Administrator"]}


def _contoso() -> dict[str, Any]:
    users = ["ann", "bob", "cleo", "dan", "eve", "fay", "gus"]
    return {
        "users": [{"upn": f"{name}@contoso.example", "licenses": _LICENCE} for name in users]
        + [{"upn": "nil@contoso.example"}],
        "groups": [
            {"name": "Operators", "role_assignable": True, "members": ["fay@contoso.example"]},
            {"name": "Insiders", "members": ["ann@contoso.example", "dan@contoso.example"]},
        ],
        "role_assignments": [{"role": "Global Administrator", "principal": "ann@contoso.example"}],
        "environments": [
            {
                "name": "Sales",
                "users": [
                    {"upn": "ann@contoso.example", **_SYSTEM_ADMINISTRATOR},
                    {"upn": "bob@contoso.example", "roles": ["Basic User"]},
                    {"upn": "cleo@contoso.example"},
                    {"upn": "dan@contoso.example", "disabled": True, **_SYSTEM_ADMINISTRATOR},
                    {"upn": "fay@contoso.example"},
                    {"upn": "gus@contoso.example", "roles": ["Basic User"], "business_unit": "North"},
                ],
                "teams": [
                    {"name": "Owners", "type": "owner", "roles": ["System Administrator"], "members": []},
                    {
                        "name": "Operators",
                        "type": "security_group",
                        "group": "Operators",
                        "roles": ["System Administrator"],
                    },
                ],
                "tables": [{"name": "account", "rows": 12}, {"name": "new_machine", "rows": 3, "custom": True}],
            },
            {
                "name": "Closed",
                "security_group": "Insiders",
                "users": [
                    {"upn": "ann@contoso.example", **_SYSTEM_ADMINISTRATOR},
                    {"upn": "bob@contoso.example", **_SYSTEM_ADMINISTRATOR},
                ],
            },
            {"name": "Off", "state": "disabled", "users": [{"upn": "ann@contoso.example", **_SYSTEM_ADMINISTRATOR}]},
            {"name": "Plain", "dataverse": False},
        ],
    }


@pytest.fixture
def tenant() -> Tenant:
    """Ann administers, Bob is an ordinary user, Cleo has no role, Dan is disabled, Eve has no row.

    Fay holds System Administrator through a group team only, Gus sits in another business unit, and Nil
    has neither a row nor a licence.
    """
    return Tenant(_contoso())


@pytest.fixture
def tenant_of() -> Callable[[dict[str, Any]], Tenant]:
    """Makes a tenant of a tenant file's data."""
    return Tenant
