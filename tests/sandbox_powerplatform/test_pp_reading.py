"""Reading users, roles and teams through the Web API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from keepit_dynamics.sandbox.wire import Request

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
BOTH = "$expand=systemuserroles_association($select=name),teammembership_association($select=name)"


def _role_query(object_id: str) -> str:
    member = f"m:m/azureactivedirectoryobjectid eq {object_id}"
    through_team = f"teamroles_association/any(t:t/teammembership_association/any({member}))"
    condition = f"_roletemplateid_value eq {SYSTEM_ADMINISTRATOR} and {through_team}"
    return f"sales/roles?$select=name&$filter={condition}&$expand=teamroles_association($select=name)"


def _names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("who", "environment", "code"),
    [
        ("eve", "sales", "0x80072560"),
        ("dan", "sales", "0x80040225"),
        ("bob", "closed", "0x80040225"),
        ("cleo", "sales", "0x80042f09"),
        ("ann", "off", "0x8004A104"),
    ],
)
def test_who_may_not_enter(tenant: Any, who: str, environment: str, code: str) -> None:
    """No row, a disabled row, being outside the group, no role, and a disabled environment are told apart."""
    assert tenant.refusal(who, f"{environment}/WhoAmI") == (403, code)


def test_no_row_is_made_for_a_visitor(tenant: Any) -> None:
    """Asking does not add the caller."""
    tenant.refusal("eve", "sales/WhoAmI")
    assert (
        tenant.data("ann", f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {tenant.id_of('eve')}")["value"]
        == []
    )


def test_administrators_of_the_tenant_are_exempt_from_the_group(tenant: Any) -> None:
    """A Global or Power Platform Administrator enters whatever the group; Dynamics 365 Administrators do not."""
    tenant.directory.assign_role("Dynamics 365 Administrator", "bob@contoso.example")
    assert tenant.refusal("bob", "closed/WhoAmI") == (403, "0x80040225")
    tenant.directory.assign_role("Power Platform Administrator", "bob@contoso.example")
    assert tenant.data("bob", "closed/WhoAmI")["UserId"]


def test_ordinary_users_see_themselves(tenant: Any) -> None:
    """Rows of others are silently absent."""
    assert [row["domainname"] for row in tenant.data("bob", "sales/systemusers")["value"]] == ["bob@contoso.example"]
    assert _names(tenant.data("bob", "sales/roles")["value"]) == ["Basic User"]
    assert tenant.data("bob", "sales/teams")["value"] == []
    other = tenant.data("bob", f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {tenant.id_of('ann')}")
    assert other["value"] == []


def test_administrators_see_all(tenant: Any) -> None:
    """A System Administrator reads every user, role and team."""
    assert len(tenant.data("ann", "sales/systemusers")["value"]) == 6
    assert _names(tenant.data("ann", "sales/teams")["value"]) == ["Owners", "Operators"]


def test_a_user_with_roles_and_teams_in_one_answer(tenant: Any) -> None:
    """Two many-to-many relationships may be expanded beside each other, each with its link."""
    query = f"sales/systemusers?$select=fullname&$filter=azureactivedirectoryobjectid eq '{tenant.id_of('ann')}'&{BOTH}"
    (row,) = tenant.data("ann", query)["value"]
    assert _names(row["systemuserroles_association"]) == ["System Administrator"]
    assert row["teammembership_association"] == []
    assert row["ownerid"] == row["systemuserid"]
    assert "isdisabled" not in row
    link = urlsplit(row["systemuserroles_association@odata.nextLink"])
    again = tenant.data("ann", f"sales/{link.path.removeprefix('/env/sales/api/data/v9.2/')}?{link.query}")
    assert again["value"] == row["systemuserroles_association"]


def test_the_caller_finds_the_own_row_without_an_id(tenant: Any) -> None:
    """EqualUserId keeps the caller's row."""
    condition = "Microsoft.Dynamics.CRM.EqualUserId(PropertyName=@p1)"
    rows = tenant.data("ann", f"sales/systemusers?$filter={condition}&@p1='systemuserid'")["value"]
    assert [row["domainname"] for row in rows] == ["ann@contoso.example"]


def test_keys(tenant: Any) -> None:
    """A row is found by its id and by its alternate key; ids in braces and unknown ids are refused."""
    me = tenant.data("ann", "sales/WhoAmI()")["UserId"]
    by_id = tenant.data("ann", f"sales/systemusers({me})")
    assert tenant.data("ann", f"sales/systemusers(azureactivedirectoryobjectid={tenant.id_of('ann')})") == by_id
    assert tenant.refusal("ann", f"sales/systemusers({{{me}}})") == (400, "0x80060888")
    assert tenant.refusal("ann", f"sales/systemusers({tenant.id_of('ann')})") == (404, "0x80040217")
    assert tenant.refusal("ann", f"sales/systemusers(azureactivedirectoryobjectid={tenant.id_of('eve')})")[0] == 404
    assert tenant.refusal("bob", f"sales/systemusers({me})")[0] == 404


def test_ids_in_braces_are_refused_in_filters(tenant: Any) -> None:
    """A filter with braces around an id answers 400."""
    query = f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {{{tenant.id_of('ann')}}}"
    assert tenant.refusal("ann", query) == (400, "0x80060888")


def test_a_role_is_found_by_template_and_business_unit(tenant: Any) -> None:
    """Each business unit has its own copy, and the copy knows its root."""
    roles = tenant.data("ann", f"sales/roles?$filter=_roletemplateid_value eq {SYSTEM_ADMINISTRATOR}")["value"]
    root, copy = sorted(roles, key=lambda role: role["_parentroleid_value"] is not None)
    assert root["roleid"] == root["_parentrootroleid_value"] == copy["_parentrootroleid_value"]
    assert copy["roleid"] != root["roleid"]
    key = f"_roletemplateid_value={SYSTEM_ADMINISTRATOR},_businessunitid_value={copy['_businessunitid_value']}"
    found = tenant.data("ann", f"sales/roles({key},componentstate=0,overwritetime=1900-01-01T00:00:00Z)")
    assert found["roleid"] == copy["roleid"]


def test_memberships_of_group_teams_are_written_on_contact(tenant: Any) -> None:
    """The first request works with the group's role but finds no membership; the next one finds it."""
    fay = tenant.id_of("fay")
    assert tenant.data("fay", _role_query(fay))["value"] == []
    (role,) = tenant.data("fay", _role_query(fay))["value"]
    assert _names(role["teamroles_association"]) == ["Owners", "Operators"]
    (row,) = tenant.data("ann", f"sales/systemusers?$filter=azureactivedirectoryobjectid eq {fay}&{BOTH}")["value"]
    assert _names(row["teammembership_association"]) == ["Operators"]


def test_a_subject_that_never_came_has_no_membership(tenant: Any) -> None:
    """Another account's requests do not write the subject's membership, but the function knows the role."""
    fay = tenant.id_of("fay")
    for _ in range(2):
        assert tenant.data("ann", _role_query(fay))["value"] == []
    (role,) = tenant.data("ann", f"sales/RetrieveAadUserRoles(DirectoryObjectId={fay})?$select=name")["value"]
    assert (role["name"], role["t_x002e_name"]) == ("System Administrator", "Operators")


def test_roles_of_an_account_without_a_row(tenant: Any) -> None:
    """RetrieveAadUserRoles answers for accounts without a row and refuses unknown ones."""
    assert tenant.data("ann", f"sales/RetrieveAadUserRoles(DirectoryObjectId={tenant.id_of('eve')})")["value"] == []
    unknown = "RetrieveAadUserRoles(DirectoryObjectId=00000000-0000-0000-0000-00000000dead)"
    assert tenant.refusal("ann", f"sales/{unknown}") == (400, "0x80041d28")


def test_role_names_follow_the_language(tenant_of: Callable[[dict[str, Any]], Any]) -> None:
    """A built-in role is shown in the environment's language; a name that only resembles one is custom."""
    row = {
        "upn": "ann@contoso.example",
        "roles": ["System Administrator", "System Administrator (copy)", "システム カスタマイザー"],
    }
    environment = {"name": "Werk", "language": 1031, "users": [row]}
    tenant = tenant_of({"users": [{"upn": "ann@contoso.example"}], "environments": [environment]})
    (user,) = tenant.data("ann", "werk/systemusers?$expand=systemuserroles_association")["value"]
    found = {role["name"]: role["_roletemplateid_value"] for role in user["systemuserroles_association"]}
    assert found == {
        "Systemadministrator": SYSTEM_ADMINISTRATOR,
        "System Administrator (copy)": None,
        "Systemanpasser": "119f245c-3cc8-4b62-b31c-d1a046ced15d",
    }


@pytest.mark.parametrize(
    "expand",
    [
        "systemuserroles_association($expand=teamroles_association)",
        "businessunitid($select=name),systemuserroles_association",
        "systemuserroles_association/$ref",
        "businessunitid($top=1)",
        "nothing",
    ],
)
def test_unsupported_expands_are_refused(tenant: Any, expand: str) -> None:
    """Nesting, mixing kinds of relationships, references and options of lookups answer 400."""
    assert tenant.refusal("ann", f"sales/systemusers?$expand={expand}") == (400, "0x80060888")


def test_lookups_can_be_expanded_alone(tenant: Any) -> None:
    """A many-to-one relationship comes as one object."""
    row = tenant.data("ann", "sales/systemusers?$select=fullname&$expand=businessunitid($select=name)")["value"][0]
    assert row["businessunitid"]["name"] == "Sales"


@pytest.mark.parametrize(
    "query",
    [
        "systemusers?$select=FullName",
        "systemusers?$filter=IsDisabled eq true",
        "systemusers?$expand=systemuserroles_association($select=Name)",
    ],
)
def test_names_are_case_sensitive(tenant: Any, query: str) -> None:
    """A property in the wrong case answers 400 with the code 0x0."""
    assert tenant.refusal("ann", f"sales/{query}") == (400, "0x0")


@pytest.mark.parametrize(("path", "code"), [("Systemusers", "0x8006088a"), ("whoami", "0x8006088a")])
def test_sets_and_functions_are_case_sensitive(tenant: Any, path: str, code: str) -> None:
    """A segment in the wrong case answers 404."""
    assert tenant.refusal("ann", f"sales/{path}") == (404, code)


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("domainname eq 'ANN@contoso.example'", 1),
        ("contains(domainname,'CONTOSO') and not (isdisabled eq true)", 5),
        ("accessmode eq 0 and (startswith(domainname,'ann') or startswith(domainname,'bob'))", 2),
        ("applicationid eq null", 6),
        ("systemuserroles_association/any(r:r/name eq 'basic user')", 2),
        ("teammembership_association/any(t:t/teamtype ge 0)", 0),
        ("systemuserroles_association/all(r:r/name eq 'Basic User') and accessmode le 4", 4),
    ],
)
def test_filters(tenant: Any, condition: str, count: int) -> None:
    """Values of text are compared without case; collections are asked with any and all."""
    assert len(tenant.data("ann", f"sales/systemusers?$filter={condition}")["value"]) == count


@pytest.mark.parametrize(
    "condition",
    [
        "accessmode eq 'x'",
        "azureactivedirectoryobjectid eq 'x'",
        "businessunitid/any(b:b/name eq 'x')",
        "isdisabled",
        "domainname eq 'x' and",
        "length(domainname) eq 1",
        "(" * 200 + "accessmode eq 0" + ")" * 200,
    ],
)
def test_bad_filters_are_refused(tenant: Any, condition: str) -> None:
    """Wrong types, unknown functions, broken syntax and boundless nesting answer 400."""
    assert tenant.refusal("ann", f"sales/systemusers?$filter={condition}") == (400, "0x80060888")


def test_pages(tenant: Any) -> None:
    """All rows come over pages exactly once; the last page may be empty; the honoured size is echoed."""
    seen: list[str] = []
    target = "env/sales/api/data/v9.2/systemusers?$select=domainname"
    lengths = []
    while target:
        response = tenant.ask("ann", target, Prefer="odata.maxpagesize=3")
        assert response.headers["Preference-Applied"] == "odata.maxpagesize=3"
        page = json.loads(response.body)
        lengths.append(len(page["value"]))
        seen += [row["domainname"] for row in page["value"]]
        target = page.get("@odata.nextLink", "").removeprefix("https://localhost:9443/")
    assert lengths == [3, 3, 0]
    assert len(set(seen)) == 6


def test_a_page_token_is_not_to_be_encoded_again(tenant: Any) -> None:
    """A token that was changed on the way answers 400."""
    link = tenant.data("ann", "sales/systemusers", Prefer="odata.maxpagesize=2")["@odata.nextLink"]
    target = link.removeprefix("https://localhost:9443/env/").replace("/api/data/v9.2/", "/").replace("%3C", "%253C")
    assert tenant.refusal("ann", target)[0] == 400


def test_top_order_and_count(tenant: Any) -> None:
    """$top cuts, but not beside a page size; $skip does not exist; counts come in both forms."""
    query = "sales/systemusers?$select=domainname&$orderby=domainname desc&$top=2&$count=true"
    body = tenant.data("ann", query)
    assert [row["domainname"] for row in body["value"]] == ["gus@contoso.example", "fay@contoso.example"]
    assert body["@odata.count"] == 6
    assert len(tenant.data("ann", query, Prefer="odata.maxpagesize=5000")["value"]) == 6
    assert tenant.refusal("ann", "sales/systemusers?$skip=1") == (400, "0x80060888")
    assert tenant.ask("ann", "env/sales/api/data/v9.2/systemusers/$count").body == b"6"


def test_headers(tenant: Any) -> None:
    """Answers carry the OData version, ids for support, and an etag for a single row."""
    me = tenant.data("ann", "sales/WhoAmI")["UserId"]
    response = tenant.ask("ann", f"env/sales/api/data/v9.2/systemusers({me})?$select=fullname")
    assert response.headers["OData-Version"] == "4.0"
    assert response.headers["REQ_ID"]
    assert response.headers["ETag"] == json.loads(response.body)["@odata.etag"]
    target = f"env/sales/api/data/v9.2/systemusers({me})?$select=fullname"
    assert tenant.ask("ann", target, If_None_Match=response.headers["ETag"]).status == 304
    assert tenant.ask("ann", target, If_None_Match="null").status == 200


def test_functions_are_read(tenant: Any) -> None:
    """A function called with POST answers 404 with an empty code."""
    assert tenant.refusal("ann", "sales/WhoAmI", "POST") == (404, "")


def test_the_current_organization(tenant: Any) -> None:
    """The organization names its tenant, environment and addresses; the access type is needed."""
    value = "Microsoft.Dynamics.CRM.EndpointAccessType'Default'"
    detail = tenant.data("ann", f"sales/RetrieveCurrentOrganization(AccessType=@p1)?@p1={value}")["Detail"]
    assert (detail["TenantId"], detail["FriendlyName"]) == (tenant.directory.tenant_id, "Sales")
    assert tenant.refusal("ann", "sales/RetrieveCurrentOrganization")[0] == 400


@pytest.mark.parametrize("audience", ["discovery", "admin", "env/closed"])
def test_tokens_for_others_are_refused(tenant: Any, audience: str) -> None:
    """An environment takes tokens for its own address only, with or without a slash at the end."""
    environment = tenant.platform.environment("sales")
    request = Request("GET", "/api/data/v9.2/WhoAmI", headers=tenant.bearer("ann", audience))
    response = environment.handle(request)
    assert response.status == 401
    assert "resource_id=https://localhost:9443/env/sales/" in response.headers["WWW-Authenticate"]
    own = Request("GET", "/api/data/v9.2/WhoAmI", headers=tenant.bearer("ann", "env/sales/"))
    assert environment.handle(own).status == 200


def test_an_environment_that_is_down_answers_everybody_the_same(tenant_of: Callable[[dict[str, Any]], Any]) -> None:
    """The status of the tenant file answers every request, without a token too, and nothing but Dataverse."""
    row = {"upn": "ann@contoso.example", "roles": ["System Administrator"]}
    environment = {"name": "Down", "users": [row], "behaviour": {"status": 503, "slow_ms": 40}}
    tenant = tenant_of({"users": [{"upn": "ann@contoso.example"}], "environments": [environment]})
    assert tenant.platform.environment("down").handle(Request("GET", "/api/data/v9.2/WhoAmI")).status == 503
    assert tenant.ask("ann", "env/down/api/data/v9.2/systemusers").status == 503
    assert tenant.ask("ann", "discovery/api/discovery/v2.0/Instances").status == 200
    assert tenant.platform.slow_ms("down") == 40


def test_there_is_no_web_api_without_a_database(tenant: Any) -> None:
    """An environment without Dataverse has no address."""
    assert tenant.platform.environment("plain") is None


def test_the_same_file_gives_the_same_world(tenant_of: Callable[[dict[str, Any]], Any]) -> None:
    """Ids and rows depend on the file alone."""
    data = {
        "users": [{"upn": "ann@contoso.example"}],
        "environments": [{"name": "A", "users": [{"upn": "ann@contoso.example", "roles": ["System Administrator"]}]}],
    }
    assert tenant_of(data).data("ann", "a/systemusers") == tenant_of(data).data("ann", "a/systemusers")


def test_other_query_languages_are_not_ignored(tenant: Any) -> None:
    """FetchXML and SQL are refused rather than answered with all rows."""
    assert tenant.refusal("ann", "sales/teams?fetchXml=<fetch/>")[0] == 501
