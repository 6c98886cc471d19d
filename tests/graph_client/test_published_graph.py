"""Graph's published payloads, read by the client that would meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.facts import Unread
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics.auth.bearer import BearerSender, TokenSource
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.errors import ProtocolError, ThrottledError
from keepit_dynamics.graph.client import DirectoryFacts, GraphClient
from keepit_dynamics.graph.models import (
    DirectoryRole,
    DirectoryUser,
    Organization,
    RoleAssignment,
    RoleScheduleInstance,
)

Published = Callable[[str], bytes]
Answering = Callable[[Callable[[httpx.Request], httpx.Response]], BlockingDriver]
Read = Callable[..., DirectoryFacts]

PARTS = {
    "user": "graph/me-get.json",
    "organization": "graph/organization-list.json",
    "assignments": "graph/roleassignments-list-by-principal.json",
    "memberships": "graph/getmemberobjects.json",
    "roles": "graph/directoryroles-list.json",
    "active": "graph/roleassignmentscheduleinstances-filterbycurrentuser.json",
    "eligible": "graph/roleeligibilityscheduleinstances-filterbycurrentuser.json",
    "licenses": "graph/licensedetails-list.json",
    "subscribed": "graph/subscribedskus-list.json",
}


def client(tokens: TokenSource) -> GraphClient:
    """A client that sends everything once."""
    return GraphClient(BearerSender(Endpoints.for_cloud(), tokens, RetryPolicy(attempts=1)))


@pytest.fixture
def read(published: Published, answering: Answering, tokens: TokenSource) -> Read:
    """Reads a directory whose parts are published bodies; some may be replaced by (status, file)."""

    def run(**replaced: tuple[int, str]) -> DirectoryFacts:
        def part(one: dict[str, Any]) -> dict[str, Any]:
            status, name = replaced.get(one["id"], (200, PARTS[one["id"]]))
            return {"id": one["id"], "status": status, "headers": {}, "body": json.loads(published(name))}

        def answer(request: httpx.Request) -> httpx.Response:
            asked = json.loads(request.content)["requests"]
            return httpx.Response(200, json={"responses": [part(one) for one in reversed(asked)]})

        return answering(answer).run(client(tokens).directory())

    return run


def test_the_account_and_its_tenant(read: Read) -> None:
    """The default property set names the account; what it leaves out is not known."""
    facts = read()
    assert facts.user == DirectoryUser(
        id="87d349ed-44d7-43e1-9a83-5f2406dee5bd",
        user_principal_name="AdeleV@contoso.com",
        display_name="Adele Vance",
    )
    assert facts.organization == Organization(display_name="Contoso")


def test_role_assignments_and_memberships(read: Read) -> None:
    """Assignments keep principal, role and scope; memberships are ids."""
    facts = read()
    principal = "f1847572-48aa-47aa-96a3-2ec61904f41f"
    assert facts.assignments == (
        RoleAssignment(principal, "62e90394-69f5-4237-9190-012177145e10", "/"),
        RoleAssignment(principal, "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "/"),
    )
    assert facts.memberships == (
        "fee2c45b-915a-4a64-b130-f4eb9e75525e",
        "4fe90ae7-065a-478b-9400-e0a0e1cbd540",
        "c9ee2d50-9e8a-4352-b97c-4c2c99557c22",
        "e0c3beaf-eeb4-43d8-abc5-94f037a65697",
    )
    assert facts.caller_memberships == facts.memberships


def test_directory_roles(read: Read) -> None:
    """The tenant's own role objects keep their templates."""
    assert read().roles == (
        DirectoryRole("9ed3a0c4-53e1-498c-ab4d-2473476fde14", "62e90394-69f5-4237-9190-012177145e10"),
        DirectoryRole("f8e85ed8-f66f-4058-b170-3efae8b9c6e5", "9f06204d-73c1-4d4c-880a-6edb90606fd8"),
        DirectoryRole("fe8f10bf-c9c2-47eb-95cb-c26cc85f1830", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
    )


def test_role_schedules(read: Read) -> None:
    """Active and eligible instances keep their kind, start and end."""
    facts = read()
    assert facts.active == (
        RoleScheduleInstance(
            "3fbd929d-8c56-4462-851e-0eb9a7b3a2a5",
            "62e90394-69f5-4237-9190-012177145e10",
            "/",
            assignment_type="Assigned",
            member_type="Direct",
        ),
    )
    assert facts.eligible == (
        RoleScheduleInstance(
            "071cc716-8147-4397-a5ba-b2105951cc0b",
            "8424c6f0-a189-499e-bbd0-26c1753c96d4",
            "/",
            member_type="Direct",
            start=datetime(2022, 4, 12, 14, 44, 50, 287000, UTC),
            end=datetime(2024, 4, 10, tzinfo=UTC),
        ),
    )


def test_licences_and_subscriptions(read: Read) -> None:
    """Licences keep the state of each plan; a suspended subscription with units in use is seen as such."""
    facts = read()
    assert isinstance(facts.licenses, tuple)
    assert isinstance(facts.subscribed, tuple)
    first = facts.licenses[0]
    assert (first.sku_id, first.sku_part_number) == ("c7df2760-2c81-4ef7-b578-5b5392b571df", "ENTERPRISEPREMIUM")
    assert first.service_plans is not None
    assert first.service_plans[0].provisioning_status == "PendingProvisioning"
    assert [one.sku_part_number for one in facts.licenses] == ["ENTERPRISEPREMIUM", "SCHOOL_DATA_SYNC_P2"]
    crm = facts.subscribed[1]
    assert (crm.sku_part_number, crm.capability_status, crm.consumed_units) == ("CRMSTANDARD", "Suspended", 14)
    assert crm.prepaid_units is not None
    assert (crm.prepaid_units.enabled, crm.prepaid_units.suspended) == (0, 25)


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [
        (403, "graph/error-403-authorization-requestdenied.json", "Authorization_RequestDenied"),
        (400, "graph/error-400-aadpremiumlicenserequired.json", "AadPremiumLicenseRequired"),
        (401, "graph/error-401-invalidauthenticationtoken.json", "InvalidAuthenticationToken"),
        (405, "graph/error-405-request-badrequest.json", "Request_BadRequest"),
        (400, "graph/error-generic.json", "badRequest"),
        (400, "graph/error-400-unsupported-filter-clause.json", "Request_UnsupportedQuery"),
    ],
)
def test_a_refused_part_is_unread_with_its_code(read: Read, status: int, name: str, code: str) -> None:
    """A refusal of one read leaves that fact unread, with status and code, and no other."""
    facts = read(active=(status, name))
    assert isinstance(facts.active, Unread)
    assert (facts.active.status, facts.active.code) == (status, code)
    assert not isinstance(facts.eligible, Unread)


def test_a_whole_batch_that_is_throttled(published: Published, answering: Answering, tokens: TokenSource) -> None:
    """A 429 on the batch is an error that says how long to wait."""
    body = published("graph/error-429-toomanyrequests.json")
    driver = answering(lambda _: httpx.Response(429, headers={"Retry-After": "10"}, content=body))
    with pytest.raises(ThrottledError) as caught:
        driver.run(client(tokens).directory())
    assert caught.value.retry_after == 10
    assert caught.value.code == "TooManyRequests"
    assert caught.value.request_id == "94fb3b52-452a-4535-a601-69e0a90e3aa2"


@pytest.mark.parametrize(
    "name",
    ["roleassignments-list-expand-principal", "roleassignment-get-expand-roledefinition", "limited-info-members"],
)
def test_what_is_no_json_names_the_place(
    published: Published, answering: Answering, tokens: TokenSource, name: str
) -> None:
    """A body with a trailing comma is a protocol error that tells line and column."""
    body = published(f"graph/{name}.json")
    driver = answering(lambda _: httpx.Response(200, content=body))
    with pytest.raises(ProtocolError, match=r"line \d+ column \d+"):
        driver.run(client(tokens).directory())


def test_users_by_licence(published: Published, answering: Answering, tokens: TokenSource) -> None:
    """Users keep their licences; a list without the count that was asked for is refused."""
    users = json.loads(published("graph/users-list-by-license.json"))

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"responses": [{"id": "0", "status": 200, "headers": {}, "body": users}]})

    reading = client(tokens).licensed_users(["cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"])
    with pytest.raises(ProtocolError, match="count"):
        answering(answer).run(reading)
    users["@odata.count"] = 2
    found = answering(answer).run(client(tokens).licensed_users(["cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"]))
    assert found.count == 2
    assert found.users is not None
    assert [user.id for user in found.users] == [
        "cb4954e8-467f-4a6d-a8c8-28b9034fadbc",
        "81a133c2-bdf2-4e67-8755-7264366b04ee",
    ]
    assert found.users[0].assigned_licenses is not None
    assert found.users[0].assigned_licenses[0].sku_id == "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"


def test_the_published_batch_answer_lacks_our_parts(
    published: Published, answering: Answering, tokens: TokenSource
) -> None:
    """A batch answer to other questions is refused; nothing of it is taken for an answer to ours."""
    driver = answering(lambda _: httpx.Response(200, content=published("graph/batch-response.json")))
    with pytest.raises(ProtocolError, match="lacks the parts"):
        driver.run(client(tokens).directory())


def test_a_page_at_another_host_gets_no_token(published: Published, answering: Answering, tokens: TokenSource) -> None:
    """A link that leads elsewhere is not followed; the fact stays unread, and nothing was sent there."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        parts = [
            {"id": one["id"], "status": 200, "headers": {}, "body": json.loads(published(PARTS[one["id"]]))}
            for one in json.loads(request.content)["requests"]
        ]
        for part in parts:
            if part["id"] == "assignments":
                part["body"]["@odata.nextLink"] = "https://graph.microsoft.com.evil.example/v1.0/next"
        return httpx.Response(200, json={"responses": parts})

    facts = answering(answer).run(client(tokens).directory())
    assert isinstance(facts.assignments, Unread)
    assert set(asked) == {"graph.microsoft.com"}
