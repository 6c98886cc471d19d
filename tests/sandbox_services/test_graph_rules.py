"""The sandbox's Graph refuses what Graph refuses, whatever our client asks (contracts/entra-and-graph.md 9, 12, 16)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import attrs
import pytest

from keepit_dynamics.sandbox import TenantFile, World, load_scenario
from keepit_dynamics.sandbox.tenant_file import DirectorySpec, GroupSpec, RoleAssignmentSpec, UserSpec
from keepit_dynamics.sandbox.wire import Request, Response

ACCOUNT = "backup@contoso.example"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
EVENTUAL = {"ConsistencyLevel": "eventual"}


class Caller:
    """Somebody with a token."""

    def __init__(self, tenant: TenantFile | None = None, upn: str = ACCOUNT) -> None:
        self.world = World(tenant or load_scenario("ready"))
        self.user = self.world.directory.user(upn)
        assert self.user is not None
        audience = f"{self.world.base_url}/graph"
        self.token = self.world.tokens.issue_access(self.user.id, audience, ("User.Read",), "app")

    def ask(self, url: str, *, method: str = "GET", body: Any = None, **headers: str) -> Response:
        """One request."""
        path, _, query = url.partition("?")
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        content = b"" if body is None else json.dumps(body).encode()
        query = quote(query, safe="&=$',()/:")
        return self.world.handle(Request(method, f"/graph/v1.0{path}", query, sent, content))

    def rows(self, url: str, **headers: str) -> list[Any]:
        """The rows of a collection."""
        rows: list[Any] = json.loads(self.ask(url, **headers).body)["value"]
        return rows


def code(response: Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status, json.loads(response.body)["error"]["code"]


def test_tokens_are_for_one_audience() -> None:
    """Missing, another service's and expired ones are refused with the same code."""
    caller = Caller()
    request = Request("GET", "/graph/v1.0/me")
    assert code(caller.world.handle(request)) == (401, "InvalidAuthenticationToken")
    assert caller.user is not None
    other = caller.world.tokens.issue_access(caller.user.id, f"{caller.world.base_url}/discovery", (), "app")
    refused = caller.world.handle(Request("GET", "/graph/v1.0/me", headers={"Authorization": f"Bearer {other}"}))
    assert code(refused) == (401, "InvalidAuthenticationToken")


def test_members_that_have_to_be_selected() -> None:
    """The default set is small; what matters here comes on $select only."""
    caller = Caller()
    plain = json.loads(caller.ask("/me").body)
    assert "userType" not in plain
    assert plain["userPrincipalName"] == ACCOUNT
    chosen = json.loads(caller.ask("/me?$select=userType,accountEnabled").body)
    assert (chosen["userType"], chosen["accountEnabled"]) == ("Member", True)


def test_the_count_is_lost_without_the_header() -> None:
    """Silently, as the service does it."""
    caller = Caller()
    assert "@odata.count" not in json.loads(caller.ask("/users?$count=true").body)
    assert json.loads(caller.ask("/users?$count=true", **EVENTUAL).body)["@odata.count"] == 5
    assert code(caller.ask("/users/$count")) == (400, "Request_BadRequest")
    assert caller.ask("/users/$count", **EVENTUAL).body == b"5"


def test_filters_and_their_limits() -> None:
    """Fifteen terms at most; what is advanced needs the header and the count."""
    caller = Caller()
    sales = "assignedLicenses/any(l:l/skuId eq 1e1a282c-9c54-43a2-9310-98ef728faace)"
    assert len(caller.rows(f"/users?$filter={sales}&$count=true", **EVENTUAL)) == 4
    fifteen = " or ".join([sales] * 15)
    assert caller.ask(f"/users?$filter={fifteen}", **EVENTUAL).status == 200
    sixteen = caller.ask(f"/users?$filter={fifteen} or {sales}", **EVENTUAL)
    assert code(sixteen) == (400, "Request_UnsupportedQuery")
    assert code(caller.ask("/users?$filter=userType ne 'Guest'")) == (400, "Request_UnsupportedQuery")
    assert code(caller.ask("/users?$filter=nonsense(")) == (400, "Request_BadRequest")
    assert code(caller.ask("/subscribedSkus?$filter=skuId eq 1")) == (400, "Request_UnsupportedQuery")


def test_pages_carry_the_query_on() -> None:
    """A next link leads to the rest, and the count comes on the first page only."""
    users = tuple(UserSpec(f"user{number}@contoso.example") for number in range(7))
    tenant = load_scenario("ready")
    caller = Caller(attrs.evolve(tenant, users=(*tenant.users, *users)))
    first = json.loads(caller.ask("/users?$top=5&$select=id&$count=true", **EVENTUAL).body)
    assert first["@odata.count"] == 12
    seen = [row["id"] for row in first["value"]]
    link = first["@odata.nextLink"]
    while link:
        page = json.loads(caller.ask(link.partition("/v1.0")[2], **EVENTUAL).body)
        assert "@odata.count" not in page
        seen += [row["id"] for row in page["value"]]
        link = page.get("@odata.nextLink")
    assert len(set(seen)) == 12


@pytest.mark.parametrize(
    ("grants", "groups", "shown"),
    [
        ([{"kind": "active"}], (), (1, True, "Assigned", 0)),
        ([{"kind": "active", "activated": True}], (), (1, True, "Activated", 0)),
        ([{"kind": "eligible"}], (), (0, False, None, 1)),
        ([{"kind": "active", "scope": "/administrativeUnits/1"}], (), (1, False, "Assigned", 0)),
        ([{"kind": "active", "principal": "admins"}], ("admins",), (1, True, "Assigned", 0)),
        ([], (), (0, False, None, 0)),
    ],
    ids=["permanent", "activated", "eligible", "administrative unit", "through a group", "none"],
)  # fmt: skip
def test_how_each_situation_shows(
    grants: list[dict[str, Any]], groups: tuple[str, ...], shown: tuple[int, bool, str | None, int]
) -> None:
    """The rows of contracts/entra-and-graph.md 12.3."""
    held = tuple(RoleAssignmentSpec(**{"role": "Global Administrator", "principal": ACCOUNT, **one}) for one in grants)
    made = tuple(GroupSpec(name, role_assignable=True, members=(ACCOUNT,)) for name in groups)
    caller = Caller(attrs.evolve(load_scenario("ready"), role_assignments=held, groups=made))
    root = "/roleManagement/directory"
    found = caller.rows(f"{root}/roleAssignments?$filter=roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'")
    active = caller.rows(f"{root}/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')")
    eligible = caller.rows(f"{root}/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')")
    own = json.loads(caller.ask(f"/directoryRoles(roleTemplateId='{GLOBAL_ADMINISTRATOR}')").body)["id"]
    members = caller.ask("/me/getMemberObjects", method="POST", body={"securityEnabledOnly": False})
    has_role = own in json.loads(members.body)["value"]
    kind = active[0]["assignmentType"] if active else None
    assert (len(found), has_role, kind, len(eligible)) == shown
    if groups:
        assert active[0]["memberType"] == "Group"


def test_a_tenant_without_the_licence_for_pim() -> None:
    """Every such call says so."""
    tenant = load_scenario("ready")
    caller = Caller(attrs.evolve(tenant, tenant=attrs.evolve(tenant.tenant, pim=False)))
    url = "/roleManagement/directory/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')"
    assert code(caller.ask(url)) == (400, "AadPremiumLicenseRequired")


def test_reads_that_are_not_allowed() -> None:
    """Named by the last fixed word of the route; in a batch each part is judged for itself."""
    tenant = attrs.evolve(load_scenario("ready"), directory=DirectorySpec(allowed_reads=("user",)))
    caller = Caller(tenant)
    assert caller.ask("/me").status == 200
    assert code(caller.ask("/me/licenseDetails")) == (403, "Authorization_RequestDenied")
    parts = [{"id": "a", "method": "GET", "url": "/me"}, {"id": "b", "method": "GET", "url": "/subscribedSkus"}]
    answer = caller.ask("/$batch", method="POST", body={"requests": parts})
    assert {one["id"]: one["status"] for one in json.loads(answer.body)["responses"]} == {"a": 200, "b": 403}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"id": str(number), "method": "GET", "url": "/me"} for number in range(21)],
        [{"id": "A", "method": "GET", "url": "/me"}, {"id": "a", "method": "GET", "url": "/me"}],
        [{"method": "GET", "url": "/me"}],
    ],
    ids=["none", "too many", "ids alike", "no id"],
)
def test_an_envelope_that_is_wrong(parts: list[Any]) -> None:
    """The batch as a whole is refused."""
    assert Caller().ask("/$batch", method="POST", body={"requests": parts}).status == 400


def test_parts_that_are_wrong() -> None:
    """An absolute address, and a body without its type, are refused one by one."""
    parts = [
        {"id": "a", "method": "GET", "url": "https://graph.example/me"},
        {"id": "b", "method": "POST", "url": "/me/getMemberObjects", "body": {"securityEnabledOnly": False}},
    ]
    answer = Caller().ask("/$batch", method="POST", body={"requests": parts})
    assert [one["status"] for one in json.loads(answer.body)["responses"]] == [400, 400]
