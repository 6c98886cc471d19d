"""The admin API: the tenant's environments, adding users, self-elevation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

LIST = "admin/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
VERSION = "api-version=2023-06-01"
ELEVATE = "user/applyAdminRole?api-version=2022-03-01-preview"


def _body_of(response: Any) -> Any:
    assert response.status == 200, response.body
    return json.loads(response.body)


def _environments(tenant: Any, who: str) -> dict[str, dict[str, Any]]:
    rows = _body_of(tenant.ask(who, f"{LIST}?{VERSION}"))["value"]
    return {row["properties"]["displayName"]: row for row in rows}


def _id_of(tenant: Any, name: str) -> str:
    return str(_environments(tenant, "ann")[name]["name"])


def _add_user(tenant: Any, who: str, environment: str, object_id: str) -> Any:
    target = f"{LIST}/{_id_of(tenant, environment)}/addUser?{VERSION}"
    return tenant.ask(who, target, "POST", {"objectId": object_id})


def _elevate(tenant: Any, who: str, environment: str) -> Any:
    return tenant.ask(who, f"admin/usermanagement/environments/{_id_of(tenant, environment)}/{ELEVATE}", "POST")


def _row_of(tenant: Any, name: str) -> dict[str, Any] | None:
    query = f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {tenant.id_of(name)}"
    rows = tenant.data("ann", f"{query}&$expand=systemuserroles_association($select=name)")["value"]
    return rows[0] if rows else None


def test_administrators_see_everything(tenant: Any) -> None:
    """The list holds environments out of reach, disabled ones and those without a database."""
    found = _environments(tenant, "ann")
    assert list(found) == ["Sales", "Closed", "Off", "Plain"]
    assert found["Plain"]["properties"]["linkedEnvironmentMetadata"] is None
    assert found["Off"]["properties"]["states"]["runtime"]["id"] == "Disabled"
    linked = found["Closed"]["properties"]["linkedEnvironmentMetadata"]
    assert linked["securityGroupId"] == tenant.directory.group("Insiders").id
    assert linked["instanceUrl"] == "https://localhost:9443/env/closed/"


@pytest.mark.parametrize("role", ["Power Platform Administrator", "Dynamics 365 Administrator"])
def test_service_administrators_see_everything_while_active(tenant: Any, role: str) -> None:
    """Both service administrator roles open the list when active; eligible is not active."""
    tenant.directory.assign_role(role, "bob@contoso.example", kind="eligible")
    assert _environments(tenant, "bob") == {}
    tenant.directory.assign_role(role, "bob@contoso.example")
    assert len(_environments(tenant, "bob")) == 4


def test_others_get_an_empty_list(tenant: Any) -> None:
    """Who administers nothing gets an empty list, not a refusal."""
    assert _environments(tenant, "bob") == {}


def test_the_version_of_the_api_is_needed(tenant: Any) -> None:
    """Without api-version the answer is 400."""
    assert tenant.ask("ann", LIST).status == 400


def test_one_environment_can_be_read(tenant: Any) -> None:
    """The single form equals the list's entry; an unknown id answers 404."""
    sales = _environments(tenant, "ann")["Sales"]
    assert _body_of(tenant.ask("ann", f"{LIST}/{sales['name']}?{VERSION}")) == sales
    missing = tenant.ask("ann", f"{LIST}/nowhere?{VERSION}")
    assert (missing.status, json.loads(missing.body)["error"]["code"]) == (404, "EnvironmentNotFound")
    assert tenant.ask("bob", f"{LIST}/{sales['name']}?{VERSION}").status == 403


def test_users_see_what_they_use(tenant: Any) -> None:
    """The form without the admin scope lists the caller's environments under ids without it."""
    target = f"admin/providers/Microsoft.BusinessAppPlatform/environments?{VERSION}"
    rows = _body_of(tenant.ask("bob", target))["value"]
    assert [row["properties"]["displayName"] for row in rows] == ["Sales"]
    assert "scopes/admin" not in rows[0]["id"]


def test_an_added_user_has_a_row_without_roles(tenant: Any) -> None:
    """Adding a user answers 200 without a body and makes a Read-Write row that holds no role."""
    response = _add_user(tenant, "ann", "Sales", tenant.id_of("eve"))
    assert (response.status, response.body) == (200, b"")
    row = _row_of(tenant, "eve")
    assert row is not None
    assert (row["accessmode"], row["systemuserroles_association"]) == (0, [])


def test_rows_arrive_late(tenant: Any) -> None:
    """With a delay, the row appears only when the time has come."""
    tenant.platform.sync_delay = timedelta(seconds=30)
    _add_user(tenant, "ann", "Sales", tenant.id_of("eve"))
    assert _row_of(tenant, "eve") is None
    tenant.clock.advance(timedelta(seconds=31))
    assert _row_of(tenant, "eve") is not None


def test_unlicensed_users_cannot_be_added(tenant: Any) -> None:
    """The error names userNotLicensed; an unlicensed administrator is added in Administrative mode."""
    refused = _add_user(tenant, "ann", "Sales", tenant.id_of("nil"))
    assert refused.status == 400
    assert b"userNotLicensed" in refused.body
    tenant.directory.assign_role("Dynamics 365 Administrator", "nil@contoso.example")
    assert _add_user(tenant, "ann", "Sales", tenant.id_of("nil")).status == 200
    row = _row_of(tenant, "nil")
    assert row is not None
    assert (row["accessmode"], row["setupuser"], row["islicensed"]) == (1, True, False)


def test_outsiders_cannot_be_added(tenant: Any) -> None:
    """An account outside the environment's group, and one that does not exist, are refused."""
    assert b"userNotPartOfSecurityGroup" in _add_user(tenant, "ann", "Closed", tenant.id_of("eve")).body
    assert b"userNotFound" in _add_user(tenant, "ann", "Sales", "00000000-0000-0000-0000-00000000dead").body


def test_only_administrators_add_users(tenant: Any) -> None:
    """An ordinary user is refused; a System Administrator of the environment is not."""
    assert _add_user(tenant, "bob", "Sales", tenant.id_of("eve")).status == 403
    assert _add_user(tenant, "fay", "Sales", tenant.id_of("eve")).status == 200


def test_an_administrator_elevates_himself(tenant: Any) -> None:
    """The call gives the caller System Administrator, and says so again when repeated."""
    tenant.directory.assign_role("Power Platform Administrator", "eve@contoso.example")
    for _ in range(2):
        answer = _body_of(_elevate(tenant, "eve", "Sales"))
        assert answer["errors"] == []
        assert answer["information"][0]["Code"] == "UserExists"
        assert tenant.id_of("eve") in json.loads(answer["information"][0]["Description"])[-1]
    row = _row_of(tenant, "eve")
    assert row is not None
    assert [role["name"] for role in row["systemuserroles_association"]] == ["System Administrator"]


def test_elevation_keeps_the_access_mode(tenant: Any) -> None:
    """A row that exists keeps its access mode."""
    tenant.platform.set_access_mode("Sales", "cleo@contoso.example", 4)
    tenant.directory.assign_role("Global Administrator", "cleo@contoso.example")
    _elevate(tenant, "cleo", "Sales")
    row = _row_of(tenant, "cleo")
    assert row is not None
    assert row["accessmode"] == 4


def test_elevation_needs_a_role_in_person(tenant: Any) -> None:
    """Without a role, and with one held through a group, the refusal is flat and forbids."""
    refused = _elevate(tenant, "bob", "Sales")
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "Forbidden")
    tenant.directory.assign_role("Global Administrator", "Operators")
    assert _elevate(tenant, "fay", "Sales").status == 403


def test_elevation_outside_the_group_fails_with_status_200(tenant: Any) -> None:
    """A Dynamics 365 Administrator must be in the group; the errors, not the status, say so."""
    tenant.directory.assign_role("Dynamics 365 Administrator", "eve@contoso.example")
    answer = _body_of(_elevate(tenant, "eve", "Closed"))
    assert answer["errors"][0]["Code"] == "userNotPartOfSecurityGroup"
    tenant.directory.assign_role("Global Administrator", "eve@contoso.example")
    assert _body_of(_elevate(tenant, "eve", "Closed"))["errors"] == []


def test_elevation_ends_with_the_activation(tenant: Any) -> None:
    """What rests on a PIM activation is taken away when it ends."""
    end = tenant.clock.now() + timedelta(minutes=30)
    tenant.directory.assign_role("Global Administrator", "eve@contoso.example", ends=end, activated=True)
    _elevate(tenant, "eve", "Sales")
    tenant.clock.advance(timedelta(minutes=31))
    row = _row_of(tenant, "eve")
    assert row is not None
    assert row["systemuserroles_association"] == []


def test_elevation_needs_a_known_version(tenant: Any) -> None:
    """An unknown api-version answers 400 in the flat shape."""
    target = f"admin/usermanagement/environments/{_id_of(tenant, 'Sales')}/user/applyAdminRole?api-version=1"
    refused = tenant.ask("ann", target, "POST")
    assert (refused.status, json.loads(refused.body)["code"]) == (400, "ApiVersionInvalid")
