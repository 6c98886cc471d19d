"""What Graph shows of memberships, applications and licences, to whom, and how it batches."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from keepit_dynamics.sandbox import Fault, World
from keepit_dynamics.sandbox.wire import Response

ACCOUNT = "backup@contoso.example"
APP = "11111111-2222-4333-8444-555555555555"
SALES = "1e1a282c-9c54-43a2-9310-98ef728faace"
SALES_PLAN = "2da8e897-7791-486b-b08f-cc63c8129df7"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
EVENTUAL = {"ConsistencyLevel": "eventual"}
CAST = "microsoft.graph.directoryRole"
OPERATORS = {"name": "Operators", "role_assignable": True, "members": [ACCOUNT]}
MakeWorld = Callable[..., World]
MakeAsking = Callable[..., Any]


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    """The types of directory objects."""
    return sorted(row["@odata.type"].rpartition(".")[2] for row in rows)


def test_direct_and_transitive_memberships(make_world: MakeWorld, asking: MakeAsking) -> None:
    """A role held through a group is no direct membership, nor is a group in a group."""
    world = make_world(
        groups=[OPERATORS, {"name": "Outer", "members": ["Inner"]}, {"name": "Inner", "members": [ACCOUNT]}],
        role_assignments=[{"role": "Global Administrator", "principal": "Operators"}],
    )
    ask = asking(world)
    assert kinds(ask.json("/me/memberOf")["value"]) == ["group", "group"]
    assert kinds(ask.json("/me/transitiveMemberOf")["value"]) == ["directoryRole", "group", "group", "group"]
    mine = ask.json("/me/getMemberObjects", method="POST", body={"securityEnabledOnly": False})["value"]
    assert len(mine) == 4
    asked = [mine[-1], "00000000-0000-0000-0000-000000000000"]
    assert ask.json("/me/checkMemberObjects", method="POST", body={"ids": asked})["value"] == [mine[-1]]


@pytest.mark.parametrize("cast", [CAST, "graph.directoryRole"])
def test_a_cast_needs_the_header_and_the_count(make_world: MakeWorld, asking: MakeAsking, cast: str) -> None:
    """Both; its ``$count`` needs the header alone."""
    ask = asking(make_world(role_assignments=[{"role": "Global Administrator", "principal": ACCOUNT}]))
    url = f"/me/transitiveMemberOf/{cast}"
    for wrong in (ask.refusal(url, **EVENTUAL), ask.refusal(f"{url}?$count=true")):
        assert wrong == (400, "Request_UnsupportedQuery")
    found = ask.json(f"{url}?$count=true&$select=roleTemplateId", **EVENTUAL)
    assert (found["@odata.count"], found["value"][0]["roleTemplateId"]) == (1, GLOBAL_ADMINISTRATOR)
    assert ask(f"{url}/$count", **EVENTUAL).body == b"1"
    assert ask.refusal(f"{url}/$count") == (400, "Request_BadRequest")


def test_a_cast_that_is_no_type(make_world: MakeWorld, asking: MakeAsking) -> None:
    """Is no route."""
    assert asking(make_world()).refusal("/me/memberOf/microsoft.graph.robot?$count=true", **EVENTUAL)[0] == 400


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("principalId eq '{me}'", 1),
        ("principalId eq '{me}' and roleDefinitionId eq '{role}'", 1),
        ("roleDefinitionId in ('{role}','44367163-eba1-44c3-98af-f5787879f96a')", 2),
        ("principalId eq '{role}'", 0),
    ],
)
def test_role_assignments_by_role_and_principal(
    make_world: MakeWorld, asking: MakeAsking, clause: str, found: int
) -> None:
    """Rows are of the principal itself: a group's are not its members'."""
    grants = [{"role": "Global Administrator", "principal": one} for one in (ACCOUNT, "Operators")]
    world = make_world(groups=[OPERATORS], role_assignments=grants)
    user = world.directory.user(ACCOUNT)
    assert user is not None
    text = clause.format(me=user.id, role=GLOBAL_ADMINISTRATOR)
    rows = asking(world).json(f"/roleManagement/directory/roleAssignments?$filter={text}")["value"]
    assert len(rows) == found


def test_role_assignments_with_what_they_name(make_world: MakeWorld, asking: MakeAsking) -> None:
    """``$expand`` brings the role and the principal in."""
    ask = asking(make_world(role_assignments=[{"role": "Global Administrator", "principal": ACCOUNT}]))
    row = ask.json("/roleManagement/directory/roleAssignments?$expand=principal,roleDefinition")["value"][0]
    assert row["principal"]["displayName"] == "Backup Service"
    assert row["roleDefinition"]["displayName"] == "Global Administrator"


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        (f"assignedLicenses/any(l:l/skuId eq '{SALES}')", "Request_BadRequest"),
        ("userType eq Member", "Request_BadRequest"),
        ("accountEnabled eq 'true'", "Request_BadRequest"),
        ("colour eq 'red'", "Request_UnsupportedQuery"),
        (f"assignedPlans/any(p:p/servicePlanId eq {SALES_PLAN})", "Request_UnsupportedQuery"),
        ("assignedLicenses/$count ne 0", "Request_UnsupportedQuery"),
        ("not accountEnabled eq true", "Request_UnsupportedQuery"),
        ("id in (" + ",".join(["'x'"] * 16) + ")", "Request_UnsupportedQuery"),
    ],
)
def test_filters_that_are_refused(make_world: MakeWorld, asking: MakeAsking, clause: str, code: str) -> None:
    """A literal of the wrong type, an unknown property, what only advanced queries do, too many terms."""
    assert asking(make_world()).refusal(f"/users?$filter={clause}") == (400, code)


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        (f"assignedPlans/any(p:p/servicePlanId eq {SALES_PLAN} and p/capabilityStatus eq 'Enabled')", 1),
        (f"assignedPlans/any(p:p/servicePlanId eq {SALES_PLAN} and p/capabilityStatus eq 'Warning')", 0),
        ("assignedLicenses/$count ne 0", 1),
        ("userType ne 'Guest'", 2),
        ("accountEnabled eq true and (userType eq 'Guest' or assignedLicenses/$count eq 0)", 2),
    ],
)
def test_advanced_filters(make_world: MakeWorld, asking: MakeAsking, clause: str, found: int) -> None:
    """They are answered with the header, as a list with its count and as a bare number."""
    licensed = {"upn": "sales@contoso.example", "licenses": [{"sku_id": SALES}]}
    guest = {"upn": "guest@contoso.example", "type": "Guest"}
    ask = asking(make_world(users=[{"upn": ACCOUNT}, licensed, guest]))
    answer = ask.json(f"/users?$count=true&$top=1&$select=id&$filter={clause}", **EVENTUAL)
    assert answer["@odata.count"] == found
    assert ask(f"/users/$count?$filter={clause}", **EVENTUAL).body == str(found).encode()


def test_a_licence_has_all_plans_of_its_sku(make_world: MakeWorld, asking: MakeAsking) -> None:
    """Where the tenant file names none; part number and the tenant's subscription come with them."""
    ask = asking(make_world(users=[{"upn": ACCOUNT, "licenses": [{"sku_id": SALES}]}]))
    detail = ask.json("/me/licenseDetails")["value"][0]
    assert detail["skuPartNumber"] == "DYN365_ENTERPRISE_SALES"
    assert SALES_PLAN in {plan["servicePlanId"] for plan in detail["servicePlans"]}
    assert {plan["provisioningStatus"] for plan in detail["servicePlans"]} == {"Success"}
    subscription = ask.json("/subscribedSkus")["value"][0]
    assert (subscription["skuId"], subscription["consumedUnits"]) == (SALES, 1)


@pytest.mark.parametrize("url", ["/users/{upn}", "/users('{upn}')", "/users/{id}"])
def test_a_user_by_any_key(make_world: MakeWorld, asking: MakeAsking, url: str) -> None:
    """By UPN, in either form of an address, and by id."""
    world = make_world()
    user = world.directory.user(ACCOUNT)
    assert user is not None
    assert asking(world).json(url.format(upn=ACCOUNT, id=user.id))["id"] == user.id
    assert asking(world).refusal("/users/nobody@contoso.example") == (404, "Request_ResourceNotFound")


def test_guests_cannot_list_users(make_world: MakeWorld, asking: MakeAsking) -> None:
    """They may read themselves."""
    guest = "guest@contoso.example"
    ask = asking(make_world(users=[{"upn": guest, "type": "Guest"}]), guest)
    assert ask("/me").status == 200
    for url in ("/users", "/users/$count"):
        assert ask.refusal(url, **EVENTUAL) == (403, "Authorization_RequestDenied")


def test_what_an_application_was_granted(make_world: MakeWorld, asking: MakeAsking) -> None:
    """Grants are found by the object id of the client, one for each resource, for everybody or for one user."""
    scopes = ["User.Read", "Directory.Read.All", "https://globaldisco.crm.dynamics.com/user_impersonation"]
    consents = [
        {"app_id": APP, "scopes": scopes, "all_principals": True},
        {"app_id": APP, "scopes": ["User.Read.All"], "principal": ACCOUNT},
    ]
    ask = asking(make_world(consents=consents))
    client = ask.json(f"/servicePrincipals(appId='{APP}')?$select=id")["id"]
    grants = ask.json(f"/oauth2PermissionGrants?$filter=clientId eq '{client}'")["value"]
    names = {resource["id"]: resource["displayName"] for resource in ask.json("/servicePrincipals")["value"]}
    assert [(names[one["resourceId"]], one["consentType"], one["scope"]) for one in grants] == [
        ("Microsoft Graph", "AllPrincipals", "User.Read Directory.Read.All"),
        ("Dataverse", "AllPrincipals", "user_impersonation"),
        ("Microsoft Graph", "Principal", "User.Read.All"),
    ]
    assert ask.json(f"/oauth2PermissionGrants?$filter=clientId eq '{APP}'")["value"] == []
    assert len(ask.json("/me/oauth2PermissionGrants")["value"]) == 1
    assert ask.json(f"/servicePrincipals/{client}/oauth2PermissionGrants")["value"] == grants


def test_an_application_that_was_never_consented_to(make_world: MakeWorld, asking: MakeAsking) -> None:
    """By its key it is not found; the list is empty."""
    ask = asking(make_world())
    assert ask.refusal(f"/servicePrincipals(appId='{APP}')") == (404, "Request_ResourceNotFound")
    assert ask.json(f"/servicePrincipals?$filter=appId eq '{APP}'")["value"] == []


def test_scopes_limit_an_application_that_is_listed(make_world: MakeWorld, asking: MakeAsking) -> None:
    """With ``User.Read`` alone: oneself, the tenant cut down, and roles without their names."""
    world = make_world(
        consents=[{"app_id": APP, "scopes": ["User.Read"], "all_principals": True}],
        role_assignments=[{"role": "Global Administrator", "principal": ACCOUNT}],
    )
    ask = asking(world, scopes=("User.Read",), app_id=APP)
    assert ask.json("/me?$select=userType")["userType"] == "Member"
    tenant = ask.json("/organization")["value"][0]
    assert (tenant["displayName"], tenant["tenantType"]) == ("Contoso", None)
    role = ask.json("/me/memberOf")["value"][0]
    assert (role["@odata.type"], role["roleTemplateId"]) == ("#microsoft.graph.directoryRole", None)
    for url in ("/users", "/subscribedSkus", "/directoryRoles", "/roleManagement/directory/roleAssignments"):
        assert ask.refusal(url) == (403, "Authorization_RequestDenied")


def test_directory_read_all_does_not_reach_pim(make_world: MakeWorld, asking: MakeAsking) -> None:
    """Schedules need a scope of their own; assignments do not."""
    scopes = ("Directory.Read.All",)
    ask = asking(make_world(consents=[{"app_id": APP, "scopes": list(scopes)}]), scopes=scopes, app_id=APP)
    assert ask("/roleManagement/directory/roleAssignments").status == 200
    url = "/roleManagement/directory/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')"
    assert ask.refusal(url) == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(("method", "url"), [("POST", "/me"), ("DELETE", "/users"), ("GET", "/$batch")])
def test_methods_that_are_not_for_the_target(make_world: MakeWorld, asking: MakeAsking, method: str, url: str) -> None:
    """Refused as published."""
    assert asking(make_world()).refusal(url, method=method) == (405, "Request_BadRequest")


def test_every_answer_carries_its_ids(make_world: MakeWorld, asking: MakeAsking) -> None:
    """The client's own is given back, in good answers and in refusals, and there in the body too."""
    ask = asking(make_world())
    for url in ("/me", "/organization", "/nowhere"):
        assert ask(url, **{"client-request-id": "mine"}).headers["client-request-id"] == "mine"
    answer: Response = ask("/nowhere")
    inner = json.loads(answer.body)["error"]["innerError"]
    assert inner["request-id"] == answer.headers["request-id"]


def test_a_part_waits_for_another(make_world: MakeWorld, asking: MakeAsking) -> None:
    """What depends on a part that failed is not carried out; what depends on a good one is."""
    answers = asking(make_world()).batch(
        {"id": "a", "method": "GET", "url": "/nowhere"},
        {"id": "b", "method": "GET", "url": "/me", "dependsOn": ["a"]},
        {"id": "c", "method": "GET", "url": "/me"},
        {"id": "d", "method": "GET", "url": "/me", "dependsOn": ["C"]},
    )
    assert {name: one["status"] for name, one in answers.items()} == {"a": 400, "b": 424, "c": 200, "d": 200}


def test_a_part_that_depends_on_none_that_is_there(make_world: MakeWorld, asking: MakeAsking) -> None:
    """The envelope is refused."""
    parts = [{"id": "a", "method": "GET", "url": "/me", "dependsOn": ["b"]}]
    assert asking(make_world()).refusal("/$batch", method="POST", body={"requests": parts})[0] == 400


def test_a_fault_of_one_part(make_world: MakeWorld, asking: MakeAsking) -> None:
    """It has its own status and headers, and the rest is good."""
    world = make_world(
        options={"faults": [Fault("graph", "status", path="^/v1.0/me$", status=429, headers={"Retry-After": "3"})]}
    )
    answers = asking(world).batch(
        {"id": "a", "method": "GET", "url": "/me"}, {"id": "b", "method": "GET", "url": "/organization"}
    )
    assert (answers["a"]["status"], answers["a"]["headers"]["Retry-After"]) == (429, "3")
    assert answers["b"]["status"] == 200


def test_a_part_whose_connection_breaks_takes_the_batch_along(make_world: MakeWorld, asking: MakeAsking) -> None:
    """There is one connection for all: no part may look as if it had been answered."""
    world = make_world(options={"faults": [Fault("graph", "reset", path="^/v1.0/me$")]})
    parts = [{"id": "a", "method": "GET", "url": "/me"}, {"id": "b", "method": "GET", "url": "/organization"}]
    answer = asking(world)("/$batch", method="POST", body={"requests": parts})
    assert answer.headers["x-sandbox-fault"] == "reset"
