"""An account's access to one environment: what is asked, and what each answer is taken for."""

from __future__ import annotations

import email
import json
from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.parse import unquote

import attrs
import httpx
import pytest

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.facts import Unread
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.access import (
    SYSTEM_ADMINISTRATOR,
    EnvironmentAccess,
    Refusal,
    SecurityRole,
    SystemUser,
    Team,
    TeamRole,
    WhoAmI,
)
from keepit_dynamics.dataverse.client import DataverseClient
from keepit_dynamics.dataverse.errors import RefusalReason
from keepit_dynamics.errors import (
    ConfigurationError,
    DestinationError,
    KeepitDynamicsError,
    PermissionDeniedError,
    ProtocolError,
    ServiceError,
    ThrottledError,
)

PUBLIC = Endpoints.for_cloud()
HOST = "https://contoso.api.crm4.dynamics.com"
ACCOUNT = "11111111-2222-3333-4444-555555555555"
USER_ID = "aaaaaaaa-0000-0000-0000-000000000001"
UNIT = "bbbbbbbb-0000-0000-0000-000000000001"
BASIC_USER = "236750cd-45ae-4939-ab12-b24b920ced93"
TEAM_COLUMNS = "teamid,name,teamtype,azureactivedirectoryobjectid"
ROLE_COLUMNS = "roleid,name,_roletemplateid_value,_businessunitid_value"
Answer = tuple[int, Any]
EMPTY: Answer = (200, {"value": []})


def role(number: int, template: str | None = None, **more: Any) -> dict[str, Any]:
    """A role's row."""
    return {
        "roleid": f"cccccccc-0000-0000-0000-{number:012}",
        "name": f"Role {number}",
        "_roletemplateid_value": template,
        "_businessunitid_value": UNIT,
        **more,
    }


def team(number: int, kind: int = 0, group: str | None = None) -> dict[str, Any]:
    """A team's row."""
    identity = f"dddddddd-0000-0000-0000-{number:012}"
    return {"teamid": identity, "name": f"Team {number}", "teamtype": kind, "azureactivedirectoryobjectid": group}


def user(roles: Any = (), teams: Any = (), **columns: Any) -> Answer:
    """The answer with one user's row; a column given as ``...`` is left out."""
    row = {
        "@odata.etag": 'W/"1"',
        "systemuserid": USER_ID,
        "ownerid": USER_ID,
        "azureactivedirectoryobjectid": ACCOUNT,
        "domainname": "backup@contoso.example",
        "fullname": "Backup",
        "isdisabled": False,
        "disabledreason": None,
        "accessmode": 0,
        "islicensed": True,
        "azurestate": 0,
        "deletedstate": 0,
        "setupuser": False,
        "applicationid": None,
        "_businessunitid_value": UNIT,
        "systemuserroles_association": roles,
        "teammembership_association": teams,
        **columns,
    }
    return 200, {"value": [{name: value for name, value in row.items() if value is not ...}]}


def grants(*rows: dict[str, Any]) -> Answer:
    """The answer with roles that reach a user through teams."""
    return 200, {"value": list(rows)}


def fault(status: int, code: str = "0x80040216", message: str = "Something.") -> Answer:
    """An error answer."""
    return status, {"error": {"code": code, "message": message}}


@attrs.frozen
class Tokens:
    """Gives a token that tells its scope."""

    asked: list[str] = attrs.field(factory=list)

    def token(self, scope: str, *, claims: str | None = None, renew: bool = False) -> Flow[str]:
        """The token for a scope."""
        self.asked.append(scope)
        yield from ()
        return f"token-for-{scope}"


@attrs.frozen
class Environment:
    """One environment's Web API. A resource's answers come in order, the last one again and again.

    ``whole`` answers the batch request itself, without its parts.
    """

    users: list[Answer]
    team_roles: list[Answer] = attrs.field(factory=lambda: [EMPTY])
    directory_roles: list[Answer] = attrs.field(factory=lambda: [EMPTY])
    whole: httpx.Response | None = None
    stops_at_failure: bool = False
    requests: list[httpx.Request] = attrs.field(factory=list)
    reads: list[str] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "POST" and request.url.path.endswith("/$batch"):
            return self.whole or self._batch(request)
        status, body = self._read(request.url.raw_path.decode())
        return httpx.Response(status, json=body, headers={"Retry-After": "0"})

    def _batch(self, request: httpx.Request) -> httpx.Response:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + request.content).get_payload()
        assert isinstance(parts, list)
        lines, first_failure = [], None
        for part in parts:
            assert isinstance(part, Message)
            status, body = self._read(str(part.get_payload()).split(" ")[1])
            lines += ["--batchresponse_9", "Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
            lines += [f"HTTP/1.1 {status} Words", "REQ_ID: 5", "Retry-After: 0", "", json.dumps(body)]
            if status >= 400 and self.stops_at_failure:
                first_failure = status
                break
        content = "\r\n".join([*lines, "--batchresponse_9--", ""])
        headers = {"Content-Type": "multipart/mixed; boundary=batchresponse_9"}
        return httpx.Response(first_failure or 200, text=content, headers=headers)

    def _read(self, target: str) -> Answer:
        resource = unquote(target).partition("/api/data/v9.2/")[2]
        self.reads.append(resource)
        answers = {"systemusers": self.users, "roles": self.team_roles}.get(resource.partition("?")[0])
        answers = self.directory_roles if answers is None else answers
        return answers.pop(0) if len(answers) > 1 else answers[0]


def run(flow_of: Callable[[DataverseClient], Flow[Any]], handler: Any, endpoints: Endpoints = PUBLIC) -> Any:
    """Run one flow of a client against a function."""
    client = DataverseClient(BearerSender(endpoints, Tokens(), RetryPolicy(attempts=2)), endpoints)
    network = Network(NetworkSettings(transport=httpx.MockTransport(handler)))
    try:
        return BlockingDriver(network).run(flow_of(client))
    finally:
        network.close()


def access(environment: Environment) -> EnvironmentAccess:
    """Read the account's access to the environment."""
    result = run(lambda client: client.access(HOST, ACCOUNT), environment)
    assert isinstance(result, EnvironmentAccess)
    return result


def test_an_administrator_is_read_in_one_request() -> None:
    """User, mode and direct roles come from one batch, and nothing more is asked."""
    environment = Environment([user(roles=[role(1), role(2, SYSTEM_ADMINISTRATOR)], teams=[team(1)])])
    assert access(environment) == EnvironmentAccess(
        user=SystemUser(
            id=USER_ID,
            object_id=ACCOUNT,
            domain_name="backup@contoso.example",
            full_name="Backup",
            disabled=False,
            disabled_reason=None,
            access_mode=0,
            licensed=True,
            azure_state=0,
            setup_user=False,
            application_id=None,
            business_unit_id=UNIT,
            deleted_state=0,
        ),
        roles=(
            SecurityRole("cccccccc-0000-0000-0000-000000000001", "Role 1", None, UNIT),
            SecurityRole("cccccccc-0000-0000-0000-000000000002", "Role 2", SYSTEM_ADMINISTRATOR, UNIT),
        ),
        team_roles=(),
        directory_roles=None,
        refusal=None,
    )
    assert len(environment.requests) == 1


def test_the_batch_is_sent_as_the_service_wants_it() -> None:
    """Address, token, preference and headers of the request, and the two reads in it, to the letter."""
    environment = Environment([user(roles=[role(1, SYSTEM_ADMINISTRATOR)])])
    run(lambda client: client.access(f"{HOST}/", ACCOUNT.upper()), environment)
    (request,) = environment.requests
    assert str(request.url) == f"{HOST}/api/data/v9.2/$batch"
    assert request.headers["Authorization"] == f"Bearer token-for-{HOST}/.default"
    assert request.headers["Content-Type"].startswith('multipart/mixed; boundary="batch_')
    wanted = {
        "Accept": "application/json",
        "OData-Version": "4.0",
        "OData-MaxVersion": "4.0",
        "If-None-Match": "null",
        "Prefer": "odata.continue-on-error",
    }
    assert {name: request.headers[name] for name in wanted} == wanted
    users, roles = environment.reads
    assert users == (
        "systemusers?$select=systemuserid,azureactivedirectoryobjectid,domainname,fullname,isdisabled,disabledreason,"
        "accessmode,islicensed,azurestate,deletedstate,setupuser,applicationid,_businessunitid_value"
        f"&$filter=azureactivedirectoryobjectid eq {ACCOUNT}"
        f"&$expand=systemuserroles_association($select={ROLE_COLUMNS}),"
        f"teammembership_association($select={TEAM_COLUMNS})"
    )
    assert roles == (
        f"roles?$select={ROLE_COLUMNS},_parentrootroleid_value"
        f"&$filter=_roletemplateid_value eq {SYSTEM_ADMINISTRATOR} and teamroles_association/any("
        f"t:t/teammembership_association/any(m:m/azureactivedirectoryobjectid eq {ACCOUNT}))"
        f"&$expand=teamroles_association($select={TEAM_COLUMNS})"
    )
    assert b"\r\nGET /api/data/v9.2/systemusers?$select=" in request.content
    assert b"%20eq%20" in request.content
    assert request.content.count(b"\r\nIf-None-Match: null\r\n") == 2


def test_a_role_through_teams_names_the_teams_that_grant_it() -> None:
    """Of the teams that hold the role, those that the user is in."""
    group = "99999999-0000-0000-0000-000000000001"
    environment = Environment(
        [user(teams=[team(1), team(2, 2, group)])],
        [grants(role(7, SYSTEM_ADMINISTRATOR, teamroles_association=[team(2, 2, group), team(3)]))],
    )
    found = access(environment)
    assert found.team_roles == (
        TeamRole(
            SecurityRole("cccccccc-0000-0000-0000-000000000007", "Role 7", SYSTEM_ADMINISTRATOR, UNIT),
            (Team("dddddddd-0000-0000-0000-000000000002", "Team 2", 2, group),),
        ),
    )
    assert (found.roles, found.directory_roles) == ((), None)
    assert len(environment.requests) == 1


def test_a_team_written_in_between_still_grants_its_role() -> None:
    """Memberships appear on contact: the role is held although the user's row did not show the team yet."""
    environment = Environment([user()], [grants(role(7, SYSTEM_ADMINISTRATOR, teamroles_association=[team(2)]))])
    (grant,) = present(access(environment).team_roles)
    assert grant.role.is_system_administrator
    assert grant.teams == ()


@pytest.mark.parametrize("held", [[], [role(1)], [role(1, BASIC_USER)]])
def test_the_directory_is_asked_before_the_role_is_missing(held: list[dict[str, Any]]) -> None:
    """Without the role in either read, one further request asks for what group teams would grant."""
    wire = {"roleid": role(9)["roleid"], "name": "Rolle", "_roletemplateid_value": SYSTEM_ADMINISTRATOR.upper()}
    environment = Environment([user(roles=held)], directory_roles=[(200, {"value": [wire | {"t_x002e_name": "x"}]})])
    (found,) = present(access(environment).directory_roles)
    assert found == SecurityRole(role(9)["roleid"], "Rolle", SYSTEM_ADMINISTRATOR, None)
    assert len(environment.requests) == 2
    assert environment.reads[2] == (
        f"RetrieveAadUserRoles(DirectoryObjectId={ACCOUNT})"
        "?$select=roleid,name,_roletemplateid_value,_parentrootroleid_value"
    )
    second = environment.requests[1]
    assert (second.method, second.headers["If-None-Match"]) == ("GET", "null")


def test_a_role_is_known_by_its_template_alone() -> None:
    """A custom role with the built-in name is not System Administrator."""
    environment = Environment([user(roles=[role(1) | {"name": "System Administrator"}])])
    assert access(environment).directory_roles == ()


def test_no_row_is_no_user() -> None:
    """Absence is a fact, and the directory is not asked about it."""
    environment = Environment([EMPTY])
    assert access(environment) == EnvironmentAccess(None, (), (), None)
    assert len(environment.requests) == 1


def test_a_server_that_compares_no_object_ids_in_lambdas_is_asked_by_row() -> None:
    """Where the second read is rejected, it is repeated with the id of the user's row."""
    environment = Environment(
        [user(teams=[team(2)])],
        [fault(400, "0x80060888"), grants(role(7, SYSTEM_ADMINISTRATOR, teamroles_association=[team(2)]))],
    )
    (grant,) = present(access(environment).team_roles)
    assert [one.name for one in grant.teams] == ["Team 2"]
    assert f"any(m:m/systemuserid eq {USER_ID})" in environment.reads[2]
    assert [request.method for request in environment.requests] == ["POST", "GET"]


def test_a_rejected_read_without_row_stays_unread() -> None:
    """There is no row id to ask with."""
    environment = Environment([EMPTY], [fault(400, "0x80060888")])
    found = access(environment)
    assert found.user is None
    assert isinstance(found.team_roles, Unread)
    assert (found.team_roles.status, found.team_roles.code) == (400, "0x80060888")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_team_read_leaves_the_rest(status: int) -> None:
    """What teams grant is unread; user and direct roles stand, and the directory is asked."""
    environment = Environment([user(roles=[role(1)])], [fault(status, "0x80040220")])
    found = access(environment)
    assert isinstance(found.user, SystemUser)
    assert isinstance(found.team_roles, Unread)
    assert found.team_roles.status == status
    assert found.directory_roles == ()
    assert found.refusal is None


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_directory_read_is_unread(status: int) -> None:
    """It is neither an empty list nor a failure of the whole."""
    found = access(Environment([user()], directory_roles=[fault(status)]))
    assert isinstance(found.directory_roles, Unread)
    assert found.directory_roles.status == status


REFUSALS = [
    (403, "0x80072560", "The user is not a member of the organization.", RefusalReason.NOT_A_MEMBER),
    (403, "0x80040225", "The specified user(Id = {0}) is disabled. {1}", RefusalReason.USER_DISABLED),
    (400, "0x80040225", "", RefusalReason.USER_DISABLED),
    (400, "0x80041103", "The user with SystemUserId=1 in Context=2 is disabled.", RefusalReason.USER_DISABLED),
    (403, "", "The user is disabled.", RefusalReason.USER_DISABLED),
    (403, "0x80042F09", "", RefusalReason.NO_PRIVILEGE),
    (403, "0x80040220", "", RefusalReason.NO_PRIVILEGE),
    (403, "0x80040231", "", RefusalReason.NO_PRIVILEGE),
    (403, "0x80048405", "", RefusalReason.NO_PRIVILEGE),
    (401, "0x80042f09", "", RefusalReason.NO_PRIVILEGE),
    (403, "0x0", "The user with id 1 has not been assigned any roles. They need one.", RefusalReason.NO_PRIVILEGE),
    (403, "0x8004A104", "", RefusalReason.ENVIRONMENT_DISABLED),
    (403, "0x8004a113", "", RefusalReason.ADMINISTRATION_MODE),
]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize(("status", "code", "message", "reason"), REFUSALS)
def test_an_environment_that_refuses_the_account_says_why(
    status: int, code: str, message: str, reason: RefusalReason, whole: bool, stops: bool
) -> None:
    """A refusal of the first read, of the batch, or one that ends it: the same, with the service's own words."""
    wire = fault(status, code, message)
    environment = Environment(
        [wire], [wire], whole=httpx.Response(wire[0], json=wire[1]) if whole else None, stops_at_failure=stops
    )
    found = access(environment)
    assert found.refusal == Refusal(status, code.lower() or None, message)
    assert found.refusal.reason is reason
    for fact in (found.user, found.roles, found.team_roles):
        assert isinstance(fact, Unread)
        assert fact.status == status
    assert found.directory_roles is None
    assert {request.method for request in environment.requests} == {"POST"}


@pytest.mark.parametrize("code", ["0x8004A104", "0x8004a104", "0X8004A104"])
def test_the_case_of_a_code_does_not_count(code: str) -> None:
    """Codes are written in either case."""
    assert Refusal(403, code, "").reason is RefusalReason.ENVIRONMENT_DISABLED


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fault(403, "0x80095FFD", "IP address blocked."), PermissionDeniedError),
        (fault(403, "0x8004A121", "Restricted endpoint."), PermissionDeniedError),
        (fault(403, "", "The plug-in is disabled."), PermissionDeniedError),
        (fault(401, "", "Authorization has been denied for this request."), PermissionDeniedError),
        (fault(404), ServiceError),
        (fault(400, "0x80048d19", "Stream was not readable."), ServiceError),
        (fault(503, "0x8004A104", "Not now."), ServiceError),
        (fault(501), ServiceError),
        (fault(429, "0x80072560", "The user is disabled."), ThrottledError),
        (fault(429, "0x80072321", "Combined execution time exceeded limit."), ThrottledError),
    ],
)
def test_any_other_failure_is_no_refusal(answer: Answer, kind: type[KeepitDynamicsError], whole: bool) -> None:
    """What is not explained says nothing about the account, so it is raised."""
    response = httpx.Response(answer[0], json=answer[1], headers={"Retry-After": "0"})
    environment = Environment([answer], whole=response if whole else None)
    with pytest.raises(kind):
        access(environment)


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "", "Go away"])
def test_a_page_instead_of_an_answer_is_told(body: str) -> None:
    """An HTML 403 is no refusal, and an HTML 200 no answer."""
    with pytest.raises(PermissionDeniedError, match="403"):
        access(Environment([], whole=httpx.Response(403, text=body)))
    with pytest.raises(ProtocolError, match="not a batch answer"):
        access(Environment([], whole=httpx.Response(200, text=body)))


@pytest.mark.parametrize("status", [429, 503])
def test_a_part_that_fails_for_the_moment_is_asked_again(status: int) -> None:
    """A busy moment of one read costs a further request, not the verdict."""
    environment = Environment(
        [fault(status), user(teams=[team(2)])],
        [fault(status), grants(role(7, SYSTEM_ADMINISTRATOR, teamroles_association=[team(2)]))],
    )
    found = access(environment)
    assert isinstance(found.user, SystemUser)
    assert len(present(found.team_roles)) == 1
    assert [request.method for request in environment.requests] == ["POST", "GET", "GET"]


def test_a_busy_moment_of_the_whole_batch_passes() -> None:
    """A batch of reads is sent again as it is."""
    environment = Environment([user(roles=[role(1, SYSTEM_ADMINISTRATOR)])])
    bodies: list[bytes] = []

    def busy_once(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return environment(request) if len(bodies) > 1 else httpx.Response(503, headers={"Retry-After": "0"})

    found = run(lambda client: client.access(HOST, ACCOUNT), busy_once)
    assert isinstance(found.user, SystemUser)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


def test_a_batch_that_ends_with_a_busy_first_read_is_raised() -> None:
    """Where the service stopped at a failure, the second read is missing, so the first is not asked again."""
    busy = "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n{}\r\n--b--\r\n"
    whole = httpx.Response(200, text=busy, headers={"Content-Type": "multipart/mixed; boundary=b"})
    environment = Environment([user()], whole=whole)
    with pytest.raises(ServiceError):
        access(environment)
    assert len(environment.requests) == 1


@pytest.mark.parametrize("status", [500, 501, 503])
@pytest.mark.parametrize("failing", ["users", "team_roles", "directory_roles"])
def test_a_failure_that_stays_is_raised(failing: str, status: int) -> None:
    """Nobody concludes anything from a service that is down, whichever read it hits."""
    good, bad = {"users": user(), "team_roles": EMPTY, "directory_roles": EMPTY}, fault(status)
    users, team_roles, directory_roles = ([bad if name == failing else answer] for name, answer in good.items())
    with pytest.raises(ServiceError) as caught:
        access(Environment(users, team_roles, directory_roles))
    assert caught.value.status == status


def test_five_thousand_rows_are_not_all() -> None:
    """A full collection may go on, so it is unread; one row less is complete."""
    many = [role(number) for number in range(5000)]
    assert isinstance(access(Environment([user(roles=many)])).roles, Unread)
    assert len(present(access(Environment([user(roles=many[1:])])).roles)) == 4999


@pytest.mark.parametrize("full", ["user", "role"])
def test_teams_that_are_not_all_leave_the_grant_unread(full: str) -> None:
    """Which team grants the role cannot be said from part of the teams."""
    some, all_teams = [team(1)], [team(number) for number in range(5000)]
    environment = Environment(
        [user(teams=all_teams if full == "user" else some)],
        [grants(role(7, SYSTEM_ADMINISTRATOR, teamroles_association=all_teams if full == "role" else some))],
    )
    assert isinstance(access(environment).team_roles, Unread)


@pytest.mark.parametrize("absent", [None, ...])
def test_a_collection_that_was_left_out_is_unread(absent: Any) -> None:
    """No collection is not an empty one."""
    found = access(Environment([user(roles=absent, teams=absent)]))
    assert isinstance(found.roles, Unread)
    assert found.team_roles == ()


@pytest.mark.parametrize("masked", [None, ...])
def test_a_masked_column_is_unknown(masked: Any) -> None:
    """A column that is kept from the reader is neither true nor false nor zero."""
    found = access(Environment([user(isdisabled=masked, accessmode=masked, azureactivedirectoryobjectid=masked)])).user
    assert isinstance(found, SystemUser)
    assert (found.disabled, found.access_mode, found.object_id) == (None, None, None)


def test_a_link_beside_a_collection_is_not_more() -> None:
    """Complete collections carry a link as well; it is not followed."""
    link = {"systemuserroles_association@odata.nextLink": f"{HOST}/api/data/v9.2/systemusers(1)/more"}
    environment = Environment([user(roles=[role(1, SYSTEM_ADMINISTRATOR)], **link)])
    assert len(present(access(environment).roles)) == 1
    assert len(environment.requests) == 1


def test_a_list_of_roles_with_a_further_page_is_unread() -> None:
    """A first page of roles is not all of them."""
    page = (200, {"value": [], "@odata.nextLink": f"{HOST}/api/data/v9.2/roles?$skiptoken=1"})
    found = access(Environment([user()], [page], [page]))
    assert isinstance(found.team_roles, Unread)
    assert isinstance(found.directory_roles, Unread)


@pytest.mark.parametrize("rows", ["other", "two"])
def test_somebody_elses_row_is_never_the_accounts(rows: str) -> None:
    """A service that does not filter gives no verdict."""
    status, body = (
        user(azureactivedirectoryobjectid="22222222-0000-0000-0000-000000000002") if rows == "other" else user()
    )
    body = body if rows == "other" else {"value": body["value"] * 2}
    with pytest.raises(ProtocolError, match="other users"):
        access(Environment([(status, body)]))


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ({"accessmode": "0"}, "accessmode"),
        ({"isdisabled": 0}, "isdisabled"),
        ({"systemuserid": ...}, "value[0]"),
        ({"systemuserroles_association": [{"name": "No id"}]}, "systemuserroles_association[0]"),
        ({"teammembership_association": "none"}, "value[0]"),
    ],
)
def test_a_misfit_names_its_place(columns: dict[str, Any], place: str) -> None:
    """A column of another kind is an error that tells where."""
    with pytest.raises(ProtocolError) as caught:
        access(Environment([user(**columns)]))
    assert any(place in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    "address",
    [
        "http://contoso.api.crm4.dynamics.com",
        "https://contoso.api.crm4.dynamics.com.evil.example",
        "https://contoso.operations.dynamics.com",
        "https://globaldisco.crm.dynamics.com",
        "https://graph.microsoft.com",
        "https://api.bap.microsoft.com",
        "https://user@contoso.crm4.dynamics.com",
        "not an address",
        "",
    ],
)
def test_nothing_goes_to_an_address_that_is_no_environment(address: str) -> None:
    """Neither a token is asked for nor a request sent, and the error comes when the flow runs."""
    tokens, environment = Tokens(), Environment([user()])
    client = DataverseClient(BearerSender(PUBLIC, tokens, RetryPolicy(attempts=1)), PUBLIC)
    driver = BlockingDriver(Network(NetworkSettings(transport=httpx.MockTransport(environment))))
    for flow in (client.access(address, ACCOUNT), client.who_am_i(address)):
        with pytest.raises(DestinationError):
            driver.run(flow)
    assert (tokens.asked, environment.requests) == ([], [])


def test_an_account_without_a_guid_is_refused() -> None:
    """Only an object id gets into a filter."""
    environment = Environment([user()])
    with pytest.raises(ConfigurationError):
        run(lambda client: client.access(HOST, "backup@contoso.example"), environment)
    assert environment.requests == []


def test_an_address_with_a_path_keeps_it() -> None:
    """Elsewhere than in the public clouds an environment may live below a path; its token is for that path too."""
    local = attrs.evolve(PUBLIC, environment_hosts=("127.0.0.1",))
    environment = Environment([user(roles=[role(1, SYSTEM_ADMINISTRATOR)])])
    run(lambda client: client.access("https://127.0.0.1:8443/contoso/", ACCOUNT), environment, local)
    (request,) = environment.requests
    assert str(request.url) == "https://127.0.0.1:8443/contoso/api/data/v9.2/$batch"
    assert request.headers["Authorization"] == "Bearer token-for-https://127.0.0.1:8443/contoso/.default"
    assert b"\r\nGET /contoso/api/data/v9.2/systemusers?" in request.content


def test_who_am_i() -> None:
    """The caller's ids; a refusal is a permission error."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"UserId": USER_ID.upper(), "OrganizationId": "o", "BusinessUnitId": UNIT})

    assert run(lambda client: client.who_am_i(HOST), answer) == WhoAmI(USER_ID, "o", UNIT)
    assert seen == [f"{HOST}/api/data/v9.2/WhoAmI"]
    with pytest.raises(PermissionDeniedError):
        run(lambda client: client.who_am_i(HOST), lambda _: httpx.Response(403, json=fault(403, "0x80072560")[1]))


def present(fact: tuple[Any, ...] | Unread | None) -> tuple[Any, ...]:
    """The fact, which was read."""
    assert isinstance(fact, tuple)
    return fact
