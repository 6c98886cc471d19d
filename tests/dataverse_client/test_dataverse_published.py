"""The payloads that the vendor and public fixtures publish, read as they are.

They lie beside the repository, or where KEEPIT_DYNAMICS_SHARED points.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.facts import Unread
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.access import EnvironmentAccess, SecurityRole, SystemUser, WhoAmI
from keepit_dynamics.dataverse.batch import parse
from keepit_dynamics.dataverse.client import DataverseClient
from keepit_dynamics.dataverse.environments import AdministeredEnvironment, DiscoveredEnvironment
from keepit_dynamics.dataverse.errors import Fault, answer_error, fault_of
from keepit_dynamics.errors import InteractionRequiredError, PermissionDeniedError, ProtocolError

PUBLIC = Endpoints.for_cloud()
HOST = "https://contoso.api.crm4.dynamics.com"
ACCOUNT = "00000000-0000-0000-0000-000000000002"
BESIDE = Path(__file__).resolve().parents[3] / "shared"
PUBLISHED = Path(os.environ.get("KEEPIT_DYNAMICS_SHARED", BESIDE)) / "published" / "dataverse"

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"No published payloads in {PUBLISHED}; KEEPIT_DYNAMICS_SHARED names their folder."
)


def text(name: str) -> str:
    """A published payload as it lies there."""
    return (PUBLISHED / name).read_text(encoding="utf-8")


def document(name: str) -> Any:
    """A published JSON payload."""
    return json.loads(text(name))


@attrs.frozen
class Tokens:
    """Gives a token."""

    def token(self, scope: str, *, claims: str | None = None, renew: bool = False) -> Flow[str]:
        """The token."""
        yield from ()
        return "token"


def run(flow_of: Callable[[DataverseClient], Flow[Any]], handler: Callable[[httpx.Request], httpx.Response]) -> Any:
    """Run one flow of a client against a function."""
    client = DataverseClient(BearerSender(PUBLIC, Tokens(), RetryPolicy(attempts=1)), PUBLIC)
    network = Network(NetworkSettings(transport=httpx.MockTransport(handler)))
    try:
        return BlockingDriver(network).run(flow_of(client))
    finally:
        network.close()


def discover(payload: Any) -> tuple[DiscoveredEnvironment, ...]:
    """What discovery's answer tells."""
    found: tuple[DiscoveredEnvironment, ...] = run(
        DataverseClient.discover, lambda _: httpx.Response(200, json=payload)
    )
    return found


def administered(payload: Any) -> tuple[AdministeredEnvironment, ...]:
    """What the admin API's answer tells."""
    found: tuple[AdministeredEnvironment, ...] = run(
        DataverseClient.administered, lambda _: httpx.Response(200, json=payload)
    )
    return found


def access(users: Any, team_roles: Any, directory_roles: Any) -> EnvironmentAccess:
    """What three answers of an environment tell, the first two in a batch."""
    lines: list[str] = []
    for part in (users, team_roles):
        lines += ["--batchresponse_1", "Content-Type: application/http", "", "HTTP/1.1 200 OK", "", json.dumps(part)]
    batch = "\r\n".join([*lines, "--batchresponse_1--", ""])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, text=batch, headers={"Content-Type": "multipart/mixed"})
        return httpx.Response(200, json=directory_roles)

    found: EnvironmentAccess = run(lambda client: client.access(HOST, ACCOUNT), answer)
    return found


def test_the_documented_discovery_answer() -> None:
    """Placeholders instead of ids, and columns of an older version only: everything there is read, the rest is None."""
    assert discover(document("gds-instances.get.response.json")) == (
        DiscoveredEnvironment(
            organization_id="<GUID>",
            environment_id=None,
            tenant_id=None,
            unique_name="myorg",
            url_name="orgurlname",
            friendly_name="My Org",
            url="https://orgurlname.crm.dynamics.com",
            api_url="https://orgurlname.api.crm.dynamics.com",
            state=0,
            status_message=None,
            organization_type=None,
            is_user_sys_admin=None,
            version="<Version>",
            region=None,
            purpose=None,
            trial_expires=None,
        ),
    )


def test_a_discovery_answer_to_a_selection_lacks_ids() -> None:
    """All columns are asked for, so an answer without ids is none to that question."""
    with pytest.raises(ProtocolError) as caught:
        discover(document("gds-instances-select.get.response.json"))
    (problem,) = caught.value.problems
    assert problem == "required member missing @ $.value[0].Id"


@pytest.mark.parametrize("name", ["gds-instances.get.response.json", "bap-environments-admin.get.response.json"])
def test_half_a_payload_is_none(name: str) -> None:
    """A body that was cut is told as such, with the line and column where it ends."""
    half = text(name)[: len(text(name)) // 2]
    for flow in (DataverseClient.discover, DataverseClient.administered):
        with pytest.raises(ProtocolError, match=r"not JSON: .*line \d+ column \d+"):
            run(flow, lambda _: httpx.Response(200, text=half))


def test_the_published_admin_list() -> None:
    """One environment with Dataverse; one without, although its database type names one."""
    assert administered(document("bap-environments-admin.get.response.json")) == (
        AdministeredEnvironment(
            environment_id="00000000-0000-0000-0000-000000000001",
            display_name="Admin AdminOnMicrosoft's Environment",
            sku="Developer",
            created=datetime(2023, 2, 15, 8, 2, 36, 179912, tzinfo=UTC),
            organization_id="6450637c-f9a8-4988-8cf7-b03723d51ab7",
            url="https://00000000-0000-0000-0000-000000000001.crm4.dynamics.com/",
            api_url="https://00000000-0000-0000-0000-000000000001.api.crm4.dynamics.com",
            has_dataverse=True,
            runtime_state="Enabled",
            management_state="NotSpecified",
            provisioning_state="Succeeded",
            security_group_id=None,
            base_language=1033,
            is_default=False,
        ),
        AdministeredEnvironment(
            environment_id="00000000-0000-0000-0000-000000000002",
            display_name="displayname",
            sku="Sandbox",
            created=datetime(2023, 9, 27, 7, 8, 27, 605759, tzinfo=UTC),
            organization_id=None,
            url=None,
            api_url=None,
            has_dataverse=False,
            runtime_state="Enabled",
            management_state="Ready",
            provisioning_state="Succeeded",
            security_group_id=None,
            base_language=None,
            is_default=False,
        ),
    )


def test_the_documented_admin_list() -> None:
    """An older api-version, without tenant and security group."""
    assert administered(document("bap-environments-admin-doc.get.response.json")) == (
        AdministeredEnvironment(
            environment_id="5ca1c616-6060-46ba-abc1-18d312f1cb3a",
            display_name="My Power Platform Environment",
            sku="Sandbox",
            created=datetime(2020, 10, 22, 4, 38, 17, 855015, tzinfo=UTC),
            organization_id="3b48b422-0b37-4070-8054-601867eb8b23",
            url="https://org0fadb1dd.crm.dynamics.com/",
            api_url="https://org0fadb1dd.api.crm.dynamics.com",
            has_dataverse=True,
            runtime_state="Enabled",
            management_state="Ready",
            provisioning_state="Succeeded",
            security_group_id=None,
            base_language=1033,
            is_default=False,
        ),
    )


def test_the_published_list_for_users() -> None:
    """The tenant's default environment, whose id is no GUID."""
    assert administered(document("bap-environments-user.get.response.json")) == (
        AdministeredEnvironment(
            environment_id="Default-e1dd4023-a656-480a-8a0e-c1b1eec51e1d",
            display_name="contoso (default)",
            sku="Default",
            created=datetime(2020, 3, 12, 13, 39, 17, 987694, tzinfo=UTC),
            organization_id="5041ef46-5a1c-4a0f-a185-6bb49b5c6686",
            url="https://org6633049a.crm4.dynamics.com/",
            api_url="https://org6633049a.api.crm4.dynamics.com",
            has_dataverse=True,
            runtime_state="Enabled",
            management_state="NotSpecified",
            provisioning_state="Succeeded",
            security_group_id=None,
            base_language=1033,
            is_default=True,
        ),
    )


def test_the_published_environment_with_a_security_group() -> None:
    """The group whose members may enter, and an organization id that is no GUID."""
    payload = {"value": [document("bap-environment-security-group.get.response.json")]}
    assert administered(payload) == (
        AdministeredEnvironment(
            environment_id="00000000-0000-0000-0000-000000000001",
            display_name="Example1",
            sku="Sandbox",
            created=datetime(2023, 9, 27, 7, 8, 27, 605759, tzinfo=UTC),
            organization_id="orgid",
            url="https://00000000-0000-0000-0000-000000000001.crm4.dynamics.com/",
            api_url="https://00000000-0000-0000-0000-000000000001.api.crm4.dynamics.com",
            has_dataverse=True,
            runtime_state="Enabled",
            management_state="Ready",
            provisioning_state="Succeeded",
            security_group_id="11111111-1111-1111-1111-111111111111",
            base_language=1033,
            is_default=False,
        ),
    )


JOHN = SystemUser(
    id="00000000-0000-0000-0000-000000000002",
    object_id="00000000-0000-0000-0000-000000000002",
    domain_name="jdoe@contoso.onmicrosoft.com",
    full_name="# Joh Doe",
    disabled=False,
    disabled_reason=None,
    access_mode=0,
    licensed=True,
    azure_state=0,
    setup_user=False,
    application_id=None,
    business_unit_id="1360fdcb-b6e1-ee11-904c-002248dad9c1",
    deleted_state=0,
)
ENVIRONMENT_MAKER = SecurityRole(
    "d58407f2-48d5-e711-a82c-000d3a37c848", "Environment Maker", None, "1360fdcb-b6e1-ee11-904c-002248dad9c1"
)


def test_the_published_user_row() -> None:
    """All columns of a row with its roles; the teams, which were not expanded, are not taken for none."""
    roles = document("roles-list.get.response.json")
    users = document("systemusers-by-oid-expand-roles.get.response.json")
    assert access(users, {"value": []}, {"value": []}) == EnvironmentAccess(JOHN, (ENVIRONMENT_MAKER,), (), ())
    found = access(users, {"value": roles["value"][1:2]}, {"value": []})
    assert isinstance(found.team_roles, Unread)


def test_the_published_single_user_row() -> None:
    """The row asked for by its id is the same."""
    users = {"value": [document("systemuser-by-id-expand-roles.get.response.json")]}
    assert access(users, {"value": []}, {"value": []}) == EnvironmentAccess(JOHN, (ENVIRONMENT_MAKER,), (), ())


def test_the_published_roles() -> None:
    """Built-in roles have a template, whole rows of a real organization."""
    users = document("systemusers-by-oid-expand-roles.get.response.json")
    roles = access(users, {"value": []}, document("roles-list.get.response.json")).directory_roles
    assert isinstance(roles, tuple)
    unit = "1360fdcb-b6e1-ee11-904c-002248dad9c1"
    assert roles[:4] == (
        ENVIRONMENT_MAKER,
        SecurityRole(
            "1760fdcb-b6e1-ee11-904c-002248dad9c1",
            "System Administrator",
            "627090ff-40a3-4053-8790-584edc5be201",
            unit,
        ),
        SecurityRole(
            "a163fdcb-b6e1-ee11-904c-002248dad9c1", "Support User", "2d101bb3-5ced-4122-83f1-94d5efde4e3b", unit
        ),
        SecurityRole(
            "6764fdcb-b6e1-ee11-904c-002248dad9c1", "Basic User", "236750cd-45ae-4939-ab12-b24b920ced93", unit
        ),
    )
    assert [role.is_system_administrator for role in roles] == [False, True, False, False, False, False]


def test_the_published_directory_roles() -> None:
    """A row that a group team grants; its template was not selected there."""
    users = document("systemusers-by-oid-expand-roles.get.response.json")
    found = access(users, {"value": []}, document("retrieve-aad-user-roles.get.response.json"))
    assert found.directory_roles == (
        SecurityRole("ae0daa93-e566-eb11-bb2b-000d3ac4c3f6", "System Administrator", None, None),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "whoami-v92.get.response.json",
            WhoAmI(
                "2138bd90-ec19-ea11-a811-000d3a334e11",
                "f2c9290b-0806-4d48-bf9c-3814d4286755",
                "cca3985e-c618-ea11-a811-000d3a33f066",
            ),
        ),
        (
            "whoami.get.response.json",
            WhoAmI(
                "d96e9f55-f06d-e511-80d0-00155db07cb1",
                "4faf1f34-f06d-e511-80d0-00155db07cb1",
                "ded5a64f-f06d-e511-80d0-00155db07cb1",
            ),
        ),
    ],
)
def test_the_published_callers(name: str, expected: WhoAmI) -> None:
    """User, organization and business unit."""
    payload = document(name)
    assert run(lambda client: client.who_am_i(HOST), lambda _: httpx.Response(200, json=payload)) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "asked", "statuses"),
    [
        ("batch.post.response.txt", 4, [204, 204, 204, 200]),
        ("batch-continue-on-error.post.response.txt", 3, [400, 204, 204]),
        ("batch-first-failure.post.response.txt", 3, [400]),
    ],
)
def test_the_published_batch_answers(name: str, asked: int, statuses: list[int], end: str) -> None:
    """All parts in order, although the pages leave the boundary out of the head and show bare line feeds."""
    head, _, body = text(name).partition("\n\n")
    response = HttpResponse(int(head.split()[1]), {}, body.replace("\n", end).encode())
    answers = parse(response, asked=asked)
    assert [answer.status for answer in answers] == statuses
    for answer in answers:
        assert answer.headers["odata-version"] == "4.0"
        if answer.status == 400:
            fault = fault_of(answer)
            assert fault.code == "0x80044331"
            assert fault.message.startswith("A validation error occurred.  The length of the 'subject' attribute")
            assert fault.message.endswith("exceeded the maximum allowed length of '200'.")
        if answer.status == 204:
            assert answer.headers["location"].startswith("[Organization Uri]/api/data/v9.2/tasks(")
        if answer.status == 200:
            subjects = [row["subject"] for row in json.loads(answer.body)["value"]]
            assert subjects == ["Task 1 in batch", "Task 2 in batch", "Task 3 in batch"]


def test_the_published_part_keeps_its_request_id() -> None:
    """A failed part carries the id for support."""
    _, _, body = text("batch-continue-on-error.post.response.txt").partition("\n\n")
    failed, *_ = parse(HttpResponse(200, {}, body.encode()), asked=3)
    error = answer_error(failed, service="dataverse", url=HOST)
    assert getattr(error, "request_id", None) == "de4c5227-4a28-4ebd-8ced-3392ece1697b"


FAULTS = {
    "error-400-annotated.json": Fault("0x80040265", "Example Error Message."),
    "error-400-expand-options.json": Fault(
        "0x80060888",
        "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested "
        "one-to-many relationship.",
    ),
    "error-400-expand-ref.json": Fault(
        "0x80060888", "Expand with $ref is only supported on lookup type navigation property."
    ),
    "error-400-unknown-property.json": Fault(
        "0x0", "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.account'."
    ),
    "error-403-not-member.json": Fault("0x80072560", "The user is not a member of the organization."),
    "error-403-user-disabled.json": Fault(
        "0x80040225",
        "The specified user(Id = {0}) is disabled. Consider enabling this user. Additional Details: {1}",
    ),
    "error-404-record.json": Fault("0x80040217", "The requested resource was not found."),
    "error-404-segment.json": Fault("0x8006088a", "Resource not found for the segment 'Account'."),
    "error-404-wrong-method.json": Fault(
        None, "No HTTP resource was found that matches the request URI '[Organization URI]/api/data/v9.2/WhoAmI'."
    ),
    "error-429.json": Fault("0x80072321", "Too many requests. Please retry after some time."),
    "bap-error-404.json": Fault(
        "EnvironmentNotFound",
        "The environment '00000000-0000-0000-0000-000000000001' could not be found in the tenant.",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_published_errors(name: str) -> None:
    """Code and message of each, whichever service it comes from."""
    assert fault_of(HttpResponse(400, {}, text(name).encode())) == FAULTS[name]


def test_no_published_error_is_left_out() -> None:
    """Every error body of Dataverse and the admin list that is published is among those above."""
    there = {path.name for path in PUBLISHED.glob("*error-*.json")}
    others = {name for name in there if name.startswith("powerplatform-") or name.endswith(".headers.json")}
    assert there - others == set(FAULTS)


def test_the_published_challenges() -> None:
    """One wants a new token and names nothing else, the other names the claims a new sign-in has to satisfy."""
    plain, with_claims = (
        answer_error(HttpResponse(401, document(name)), service="admin", url=PUBLIC.discovery)
        for name in ("error-401-probe.headers.json", "error-401-claims.headers.json")
    )
    assert isinstance(plain, PermissionDeniedError)
    assert isinstance(with_claims, InteractionRequiredError)
    assert with_claims.claims == '{"access_token":{"ada_s":{"claims":{"name":null}}}}'
