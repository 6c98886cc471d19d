"""What the Global Discovery Service tells to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from keepit_dynamics.sandbox.wire import Request

INSTANCES = "discovery/api/discovery/v2.0/Instances"


def _listed(tenant: Any, who: str, query: str = "") -> list[dict[str, Any]]:
    response = tenant.ask(who, f"{INSTANCES}{query}")
    assert response.status == 200, response.body
    rows: list[dict[str, Any]] = json.loads(response.body)["value"]
    return rows


def _names(tenant: Any, who: str, query: str = "") -> list[str]:
    return [row["FriendlyName"] for row in _listed(tenant, who, query)]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ann", ["Sales", "Closed", "Off"]),
        ("bob", ["Sales"]),
        ("cleo", ["Sales"]),
        ("dan", []),
        ("eve", []),
    ],
)
def test_only_reachable_environments_are_listed(tenant: Any, who: str, expected: list[str]) -> None:
    """No row, a disabled row, the group and a missing database hide an environment; being disabled does not."""
    assert _names(tenant, who) == expected


def test_disabled_environments_say_so(tenant: Any) -> None:
    """A disabled environment has State 1, the others 0."""
    assert {row["FriendlyName"]: row["State"] for row in _listed(tenant, "ann")} == {"Sales": 0, "Closed": 0, "Off": 1}


def test_hidden_environments_are_left_out(tenant_of: Callable[[dict[str, Any]], Any]) -> None:
    """An environment that is hidden from discovery is hidden from everybody with a row."""
    row = {"upn": "ann@contoso.example", "roles": ["System Administrator"]}
    environments = [{"name": "Shown", "users": [row]}, {"name": "Hidden", "users": [row]}]
    environments[1]["behaviour"] = {"hidden_from_discovery": True}  # type: ignore[assignment]  # a free JSON value
    data = {"users": [{"upn": "ann@contoso.example"}], "environments": environments}
    assert _names(tenant_of(data), "ann") == ["Shown"]


@pytest.mark.parametrize(("who", "administrator"), [("ann", True), ("bob", False), ("fay", True)])
def test_system_administrators_are_marked(tenant: Any, who: str, administrator: bool) -> None:
    """IsUserSysAdmin counts roles held directly and through teams."""
    assert _listed(tenant, who)[0]["IsUserSysAdmin"] is administrator


def test_columns_can_be_selected(tenant: Any) -> None:
    """Only the selected columns come, and the context that names them shows an internal address."""
    body = json.loads(tenant.ask("ann", f"{INSTANCES}?$select=ApiUrl,Id").body)
    assert all(set(row) == {"ApiUrl", "Id"} for row in body["value"])
    assert body["@odata.context"].startswith("https://10.")


@pytest.mark.parametrize("query", ["?$select=apiurl", "?$filter=Sku eq 1", "?$filter=FriendlyName eq", "?$top=1"])
def test_bad_queries_are_refused(tenant: Any, query: str) -> None:
    """Unknown columns, broken filters and options that do not exist answer 400."""
    assert tenant.ask("ann", f"{INSTANCES}{query}").status == 400


def test_strings_are_compared_with_case(tenant: Any) -> None:
    """A filter on text is case-sensitive, unlike in Dataverse."""
    assert _names(tenant, "ann", "?$filter=FriendlyName eq 'Sales'") == ["Sales"]
    assert _names(tenant, "ann", "?$filter=FriendlyName eq 'sales'") == []
    assert _names(tenant, "ann", "?$filter=startswith(FriendlyName,'Cl') and State eq 0") == ["Closed"]


def test_keys_answer_arrays(tenant: Any) -> None:
    """The primary key and the others give the array form."""
    sales = _listed(tenant, "ann")[0]
    for key in (sales["Id"], f"UniqueName='{sales['UniqueName']}'"):
        assert _names(tenant, "ann", f"({key})") == ["Sales"]
    assert _names(tenant, "ann", "(Region='EMEA')") == ["Sales", "Closed", "Off"]
    assert tenant.ask("ann", f"{INSTANCES}(Url='x')").status == 400


def test_other_tokens_are_refused(tenant: Any) -> None:
    """Without a token, and with one for another service, the answer is a challenge that names the audience."""
    discovery = tenant.platform.discovery
    for headers in ({}, tenant.bearer("ann", "admin"), {"Authorization": "Bearer nonsense"}):
        response = discovery.handle(Request("GET", "/api/discovery/v2.0/Instances", headers=headers))
        assert response.status == 401
        assert "resource_id=https://localhost:9443/discovery/" in response.headers["WWW-Authenticate"]


def test_tokens_expire(tenant: Any) -> None:
    """A token is refused once its time is over."""
    headers = tenant.bearer("ann", "discovery")
    tenant.clock.advance(timedelta(days=1))
    response = tenant.platform.discovery.handle(Request("GET", "/api/discovery/v2.0/Instances", headers=headers))
    assert response.status == 401


def test_addresses_and_ids_agree_with_the_other_services(tenant: Any) -> None:
    """An instance names the address and the ids that the Web API and the admin list give."""
    sales = _listed(tenant, "ann")[0]
    assert sales["ApiUrl"] == sales["Url"] == "https://localhost:9443/env/sales"
    assert tenant.data("ann", "sales/WhoAmI")["OrganizationId"] == sales["Id"]


def test_url_names_never_collide(tenant_of: Callable[[dict[str, Any]], Any]) -> None:
    """A derived name that is taken or empty gets the start of the id; a given one keeps it."""
    row = {"upn": "ann@contoso.example", "roles": ["Basic User"]}
    environments = [
        {"name": "Köln", "users": [row]},
        {"name": "Other", "url_name": "koln", "users": [row]},
        {"name": "営業", "id": "0a1b2c3d-0000-0000-0000-000000000001", "users": [row]},
    ]
    tenant = tenant_of({"users": [{"upn": "ann@contoso.example"}], "environments": environments})
    found = {instance["FriendlyName"]: instance["UrlName"] for instance in _listed(tenant, "ann")}
    assert found["Other"] == "koln"
    assert found["Köln"].startswith("koln-")
    assert found["営業"] == "0a1b2c3d"
