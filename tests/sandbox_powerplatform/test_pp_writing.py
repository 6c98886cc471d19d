"""Changing roles and user rows through the Web API, and by an administrator's hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
ROOT = "https://localhost:9443/env/sales/api/data/v9.2"
REFERENCE = "systemuserroles_association/$ref"


def _user(tenant: Any, name: str) -> dict[str, Any]:
    query = f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {tenant.id_of(name)}"
    (row,) = tenant.data("ann", f"{query}&$expand=systemuserroles_association($select=name)")["value"]
    found: dict[str, Any] = row
    return found


def _roles(tenant: Any, name: str) -> list[str]:
    return [role["name"] for role in _user(tenant, name)["systemuserroles_association"]]


def _role_id(tenant: Any, unit: str) -> str:
    condition = f"_roletemplateid_value eq {SYSTEM_ADMINISTRATOR} and _businessunitid_value eq {unit}"
    return str(tenant.data("ann", f"sales/roles?$filter={condition}")["value"][0]["roleid"])


def _own_role(tenant: Any, name: str) -> str:
    return _role_id(tenant, _user(tenant, name)["_businessunitid_value"])


def _write(tenant: Any, who: str, resource: str, method: str, body: Any = None, **headers: str) -> tuple[int, str]:
    response = tenant.ask(who, f"env/sales/api/data/v9.2/{resource}", method, body, **headers)
    if response.status == 204:
        return 204, ""
    return response.status, str(json.loads(response.body)["error"]["code"])


def _assign(tenant: Any, who: str, key: str, role: str) -> tuple[int, str]:
    return _write(tenant, who, f"systemusers({key})/{REFERENCE}", "POST", {"@odata.id": f"{ROOT}/roles({role})"})


def test_a_role_is_assigned_twice(tenant: Any) -> None:
    """Assigning is idempotent."""
    key = _user(tenant, "cleo")["systemuserid"]
    for _ in range(2):
        assert _assign(tenant, "ann", key, _own_role(tenant, "cleo")) == (204, "")
    assert _roles(tenant, "cleo") == ["System Administrator"]
    assert tenant.data("cleo", "sales/WhoAmI")["UserId"] == key


def test_a_user_is_added_on_the_way(tenant: Any) -> None:
    """Naming a user by object id makes the missing row; an account that does not exist is refused."""
    unit = _user(tenant, "ann")["_businessunitid_value"]
    key = f"azureactivedirectoryobjectid={tenant.id_of('eve')}"
    assert _assign(tenant, "ann", key, _role_id(tenant, unit)) == (204, "")
    assert _roles(tenant, "eve") == ["System Administrator"]
    unknown = "azureactivedirectoryobjectid=00000000-0000-0000-0000-00000000dead"
    assert _assign(tenant, "ann", unknown, _role_id(tenant, unit)) == (400, "0x80041d28")


def test_assignments_that_are_refused(tenant: Any) -> None:
    """A missing role, another unit's copy, a missing user and a disabled user each have their code."""
    cleo, gus = _user(tenant, "cleo")["systemuserid"], _user(tenant, "gus")["systemuserid"]
    role = _own_role(tenant, "cleo")
    assert _assign(tenant, "ann", cleo, cleo) == (400, "0x80060888")
    assert _assign(tenant, "ann", gus, role) == (400, "0x80041409")
    assert _assign(tenant, "ann", role, role)[0] == 404
    assert _assign(tenant, "ann", _user(tenant, "dan")["systemuserid"], role) == (400, "0x80040225")
    reference = {"@odata.id": f"https://elsewhere.example/api/data/v9.2/roles({role})"}
    assert _write(tenant, "ann", f"systemusers({cleo})/{REFERENCE}", "POST", reference)[0] == 400
    assert _write(tenant, "ann", f"systemusers({cleo})/{REFERENCE}", "POST", b"{")[0] == 400
    assert _roles(tenant, "cleo") == []


@pytest.mark.parametrize(("who", "code"), [("bob", "0x80040220"), ("fay", "0x80040220")])
def test_who_may_not_assign(tenant: Any, who: str, code: str) -> None:
    """Neither an ordinary user nor an administrator in another access mode may assign roles."""
    tenant.platform.set_access_mode("Sales", "fay@contoso.example", 1)
    key, role = _user(tenant, "bob")["systemuserid"], _own_role(tenant, "bob")
    assert _assign(tenant, who, key, role) == (403, code)
    assert _roles(tenant, "bob") == ["Basic User"]


@pytest.mark.parametrize("form", ["query", "path"])
def test_a_role_is_taken_away(tenant: Any, form: str) -> None:
    """The role is named by $id or in the path; the last System Administrator keeps the role."""
    key, role = _user(tenant, "cleo")["systemuserid"], _own_role(tenant, "cleo")
    _assign(tenant, "ann", key, role)
    forms = {
        "query": f"{REFERENCE}?$id={ROOT}/roles({role})",
        "path": f"systemuserroles_association({role})/$ref",
    }
    assert _write(tenant, "ann", f"systemusers({key})/{forms[form]}", "DELETE") == (204, "")
    assert _roles(tenant, "cleo") == []
    ann = _user(tenant, "ann")["systemuserid"]
    assert _write(tenant, "ann", f"systemusers({ann})/{forms[form]}", "DELETE") == (400, "0x80041d30")
    assert _roles(tenant, "ann") == ["System Administrator"]


def test_a_team_gets_a_role(tenant: Any) -> None:
    """A group team is named by its group; the role then works for its members."""
    group = tenant.directory.group("Operators").id
    unit = _user(tenant, "ann")["_businessunitid_value"]
    customizer = tenant.data(
        "ann", f"sales/roles?$filter=name eq 'System Customizer' and _businessunitid_value eq {unit}"
    )
    reference = {"@odata.id": f"{ROOT}/roles({customizer['value'][0]['roleid']})"}
    key = f"teams(azureactivedirectoryobjectid={group},membershiptype=0)"
    assert _write(tenant, "ann", f"{key}/teamroles_association/$ref", "POST", reference) == (204, "")
    found = tenant.data("ann", f"sales/RetrieveAadUserRoles(DirectoryObjectId={tenant.id_of('fay')})")["value"]
    assert [role["name"] for role in found] == ["System Administrator", "System Customizer"]


def _patch(tenant: Any, who: str, name: str, body: Any, **headers: str) -> tuple[int, str]:
    key = _user(tenant, name)["systemuserid"]
    return _write(tenant, who, f"systemusers({key})", "PATCH", body, **({"If_Match": "*"} | headers))


def test_the_access_mode_is_set(tenant: Any) -> None:
    """An administrator sets the mode; the row's etag changes with it."""
    before = _user(tenant, "bob")
    assert _patch(tenant, "ann", "bob", {"accessmode": 4}) == (204, "")
    after = _user(tenant, "bob")
    assert (before["accessmode"], after["accessmode"]) == (0, 4)
    assert before["@odata.etag"] != after["@odata.etag"]


def test_a_user_is_enabled(tenant: Any) -> None:
    """A disabled user is enabled and may enter."""
    assert _patch(tenant, "ann", "dan", {"isdisabled": False}) == (204, "")
    assert tenant.data("dan", "sales/WhoAmI")["UserId"]


def test_who_may_not_set_the_access_mode(tenant: Any) -> None:
    """The two refusals tell a missing role from a restricted administrator."""
    assert _patch(tenant, "bob", "bob", {"accessmode": 0}) == (403, "0x80048d2f")
    tenant.platform.set_access_mode("Sales", "fay@contoso.example", 1)
    assert _patch(tenant, "fay", "fay", {"accessmode": 0}) == (403, "0x80040d38")


def test_an_unlicensed_user_stays_in_administrative_mode(tenant: Any) -> None:
    """Read-Write needs a licence."""
    tenant.directory.assign_role("Global Administrator", "nil@contoso.example")
    tenant.platform.add_user("Sales", "nil@contoso.example", access_mode=1)
    assert _patch(tenant, "ann", "nil", {"accessmode": 0}) == (400, "0x8004D24B")
    tenant.directory.assign_license("nil@contoso.example", "1e1a282c-9c54-43a2-9310-98ef728faace", "SALES")
    assert _patch(tenant, "ann", "nil", {"accessmode": 0}) == (204, "")


@pytest.mark.parametrize("body", [{"accessmode": 9}, {"accessmode": "0"}, {"AccessMode": 0}, {"fullname": "x"}, []])
def test_bad_changes_are_refused(tenant: Any, body: Any) -> None:
    """Values out of range, of another type, unknown columns and bodies that are no object answer 400."""
    assert _patch(tenant, "ann", "bob", body)[0] == 400
    assert _user(tenant, "bob")["accessmode"] == 0


def test_without_if_match_an_unknown_id_makes_a_row(tenant: Any) -> None:
    """With If-Match an unknown id answers 404, without it a row comes into being."""
    key = "systemusers(00000000-0000-0000-0000-00000000beef)"
    assert _write(tenant, "ann", key, "PATCH", {"accessmode": 0}, If_Match="*") == (404, "0x80040217")
    assert len(tenant.data("ann", "sales/systemusers")["value"]) == 6
    assert _write(tenant, "ann", key, "PATCH", {"accessmode": 0}) == (204, "")
    assert tenant.data("ann", f"sales/{key}")["azureactivedirectoryobjectid"] is None


def test_etags_are_compared(tenant: Any) -> None:
    """An old etag in If-Match answers 412; the present one lets the change through."""
    etag = _user(tenant, "bob")["@odata.etag"]
    assert _patch(tenant, "ann", "bob", {"accessmode": 2}, If_Match=etag) == (204, "")
    assert _patch(tenant, "ann", "bob", {"accessmode": 4}, If_Match=etag) == (412, "0x80060882")
    assert _user(tenant, "bob")["accessmode"] == 2


def test_methods_that_do_not_exist(tenant: Any) -> None:
    """Creating and deleting users is not possible here."""
    key = _user(tenant, "bob")["systemuserid"]
    assert tenant.refusal("ann", "sales/systemusers", "POST", {})[0] == 405
    assert tenant.refusal("ann", f"sales/systemusers({key})", "DELETE")[0] == 405


def test_an_administrator_adds_a_user_by_hand(tenant: Any) -> None:
    """The row has the access mode and the roles asked for, named in any language."""
    tenant.platform.add_user("Sales", "eve@contoso.example", access_mode=4, roles=["Systemadministrator"])
    assert _user(tenant, "eve")["accessmode"] == 4
    assert _roles(tenant, "eve") == ["System Administrator"]
    tenant.platform.grant_role("Sales", "eve@contoso.example", "Auditor")
    assert _roles(tenant, "eve") == ["System Administrator", "Auditor"]


def test_administrators_cannot_act_on_what_is_not_there(tenant: Any) -> None:
    """Environments without Dataverse, unknown accounts and missing rows are errors."""
    with pytest.raises(KeyError, match="Plain"):
        tenant.platform.add_user("Plain", "eve@contoso.example")
    with pytest.raises(KeyError, match="no user"):
        tenant.platform.add_user("Sales", "nobody@contoso.example")
    with pytest.raises(KeyError, match="no user row"):
        tenant.platform.grant_role("Sales", "eve@contoso.example", "Basic User")
