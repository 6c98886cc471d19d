"""Discovery and the environment admin list: what is asked, how pages are followed, what is kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.client import DataverseClient
from keepit_dynamics.errors import (
    ConfigurationError,
    DestinationError,
    PermissionDeniedError,
    ProtocolError,
    ServiceError,
)

PUBLIC = Endpoints.for_cloud()
DISCOVERY = "https://globaldisco.crm.dynamics.com/api/discovery/v2.0/Instances"
ADMIN = (
    "https://api.bap.microsoft.com/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
    "?api-version=2023-06-01"
)
Handler = Callable[[httpx.Request], httpx.Response]


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
class Service:
    """Answers every address with the document that stands for it; keeps what was asked."""

    pages: dict[str, Any]
    asked: list[httpx.Request] = attrs.field(factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        page = self.pages.get(str(request.url))
        return page if isinstance(page, httpx.Response) else httpx.Response(200, json=page)

    @property
    def addresses(self) -> list[str]:
        """What was asked, in order."""
        return [str(request.url) for request in self.asked]


def run(flow_of: Callable[[DataverseClient], Flow[Any]], handler: Handler, endpoints: Endpoints = PUBLIC) -> Any:
    """Run one flow of a client against a function."""
    client = DataverseClient(BearerSender(endpoints, Tokens(), RetryPolicy(attempts=1)), endpoints)
    network = Network(NetworkSettings(transport=httpx.MockTransport(handler)))
    try:
        return BlockingDriver(network).run(flow_of(client))
    finally:
        network.close()


def discovered(number: int) -> dict[str, Any]:
    """A discovery entry."""
    return {"Id": f"{number:08}-0000-0000-0000-000000000000", "ApiUrl": f"https://o{number}.api.crm.dynamics.com"}


def administered(number: int, **linked: Any) -> dict[str, Any]:
    """An entry of the admin list."""
    return {"name": f"environment-{number}", "properties": {"linkedEnvironmentMetadata": linked or None}}


def paged(first: str, pages: list[list[Any]], link_name: str = "@odata.nextLink") -> dict[str, Any]:
    """Documents by address: each page names the next."""
    addresses = [first, *(f"{first.partition('?')[0]}?page={number}" for number in range(1, len(pages)))]
    documents = {address: {"value": rows} for address, rows in zip(addresses, pages, strict=True)}
    for address, following in itertools.pairwise(addresses):
        documents[address][link_name] = following  # type: ignore[assignment]  # a document holds more than its rows
    return documents


def test_discovery_is_asked_with_a_token_of_its_own() -> None:
    """One read of all columns, with a token for the discovery service."""
    service = Service({DISCOVERY: {"value": []}})
    assert run(DataverseClient.discover, service) == ()
    (request,) = service.asked
    assert (request.method, str(request.url)) == ("GET", DISCOVERY)
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Authorization"] == "Bearer token-for-https://globaldisco.crm.dynamics.com/.default"


def test_the_admin_list_is_asked_with_the_admin_audience() -> None:
    """One read with its version, and a token for the audience that differs from the address."""
    service = Service({ADMIN: {"value": []}})
    assert run(DataverseClient.administered, service) == ()
    (request,) = service.asked
    assert (request.method, str(request.url)) == ("GET", ADMIN)
    assert request.headers["Authorization"] == "Bearer token-for-https://service.powerapps.com/.default"


def test_without_an_admin_address_nothing_is_asked() -> None:
    """Endpoints without the admin API say so."""
    service = Service({})
    with pytest.raises(ConfigurationError, match="admin"):
        run(DataverseClient.administered, service, attrs.evolve(PUBLIC, admin=None))
    assert service.asked == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.sampled_from(["@odata.nextLink", "nextLink"]))
def test_any_split_into_pages_gives_the_same_environments(sizes: list[int], link_name: str) -> None:
    """However the entries are split, empty pages included, they come in order and each once."""
    numbers = iter(range(sum(sizes)))
    pages = [[next(numbers) for _ in range(size)] for size in sizes]
    service = Service(paged(DISCOVERY, [[discovered(n) for n in page] for page in pages], link_name))
    found = run(DataverseClient.discover, service)
    assert [one.organization_id for one in found] == [discovered(n)["Id"] for n in range(sum(sizes))]
    assert len(service.asked) == len(sizes)
    service = Service(paged(ADMIN, [[administered(n) for n in page] for page in pages], link_name))
    found = run(DataverseClient.administered, service)
    assert [one.environment_id for one in found] == [f"environment-{n}" for n in range(sum(sizes))]
    assert len(service.asked) == len(sizes)


def test_a_link_is_followed_unchanged() -> None:
    """A link carries an encoded token that another encoding would break."""
    link = f"{DISCOVERY}?$skiptoken=%3Ccookie%20page=%22%253c%22/%3E"
    service = Service({DISCOVERY: {"value": [], "@odata.nextLink": link}, link: {"value": [discovered(1)]}})
    assert len(run(DataverseClient.discover, service)) == 1
    assert service.addresses == [DISCOVERY, link]


@pytest.mark.parametrize("loop", [[0], [1], [1, 0], [1, 2, 1]])
def test_a_link_that_comes_again_is_an_error(loop: list[int]) -> None:
    """Pages that lead back never end, so they are refused."""
    place = [DISCOVERY, f"{DISCOVERY}?page=1", f"{DISCOVERY}?page=2"]
    steps = [0, *loop]
    documents = {
        place[at]: {"value": [discovered(at)], "@odata.nextLink": place[to]}
        for at, to in zip(steps, loop, strict=False)
    }
    for last in set(loop) - set(steps[:-1]):
        documents[place[last]] = {"value": [], "@odata.nextLink": place[last]}
    with pytest.raises(ProtocolError, match="twice"):
        run(DataverseClient.discover, Service(documents))


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/discovery/v2.0/Instances",
        "https://globaldisco.crm.dynamics.com.evil.example/",
        "https://globaldisco.crm.dynamics.com@evil.example/",
        "http://globaldisco.crm.dynamics.com/api",
        "https://contoso.crm.dynamics.com/api",
        "https://graph.microsoft.com/v1.0/me",
        "/api/discovery/v2.0/Instances?page=2",
    ],
)
def test_a_link_to_another_host_is_not_followed(link: str) -> None:
    """Neither a request nor a token goes where an answer points, not even to another known service."""
    service = Service({DISCOVERY: {"value": [discovered(1)], "@odata.nextLink": link}})
    with pytest.raises(DestinationError):
        run(DataverseClient.discover, service)
    assert service.addresses == [DISCOVERY]


@pytest.mark.parametrize("document", [[], {}, {"value": None}, {"value": {}}, "text", None])
def test_what_is_no_list_is_an_error(document: Any) -> None:
    """An answer without a list of entries is never an empty list."""
    for flow, address in ((DataverseClient.discover, DISCOVERY), (DataverseClient.administered, ADMIN)):
        with pytest.raises(ProtocolError, match=r"not a list|not JSON"):
            run(flow, Service({address: httpx.Response(200, json=document)}))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Id", None),
        ("Id", 7),
        ("ApiUrl", 7),
        ("State", "0"),
        ("State", True),
        ("IsUserSysAdmin", 1),
        ("TrialExpirationDate", "soon"),
    ],
)
def test_a_discovery_misfit_names_its_place(column: str, value: Any) -> None:
    """A column of another kind is told with the entry it stands in."""
    service = Service({DISCOVERY: {"value": [discovered(1), discovered(2) | {column: value}]}})
    with pytest.raises(ProtocolError) as caught:
        run(DataverseClient.discover, service)
    (problem,) = caught.value.problems
    assert "@ $.value[1]" in problem


@pytest.mark.parametrize(
    "entry",
    [
        {"properties": {}},
        {"name": "e"},
        {"name": "e", "properties": {"isDefault": "no"}},
        {"name": "e", "properties": {"linkedEnvironmentMetadata": []}},
        administered(1, baseLanguage="1033"),
        {"name": "e", "properties": {"states": {"runtime": {"id": 1}}}},
    ],
)
def test_an_admin_misfit_names_its_place(entry: Any) -> None:
    """A member of another kind, or a missing name, is told with its place."""
    with pytest.raises(ProtocolError) as caught:
        run(DataverseClient.administered, Service({ADMIN: {"value": [entry]}}))
    (problem,) = caught.value.problems
    assert "@ $.value[0]" in problem


def test_an_entry_needs_only_its_id() -> None:
    """Every other column may be null or missing, and columns or numbers yet unknown do no harm."""
    bare = {"Id": "A0000000-0000-0000-0000-00000000000A", "State": 99, "OrganizationType": 99, "Novel": {}, "Url": None}
    (found,) = run(DataverseClient.discover, Service({DISCOVERY: {"value": [bare]}}))
    assert found.organization_id == "a0000000-0000-0000-0000-00000000000a"
    assert (found.state, found.organization_type, found.url, found.is_user_sys_admin) == (99, 99, None, None)
    assert found.address is None


@pytest.mark.parametrize(
    ("api_url", "url", "address"),
    [
        ("https://o.api.crm.dynamics.com", "https://o.crm.dynamics.com/", "https://o.api.crm.dynamics.com"),
        (None, "https://o.crm.dynamics.com/", "https://o.crm.dynamics.com/"),
        ("not an address", "https://o.crm.dynamics.com/", "https://o.crm.dynamics.com/"),
        ("https://[broken", "http://o.crm.dynamics.com", None),
        ("", None, None),
    ],
)
def test_an_entry_with_a_bad_address_is_kept(api_url: str | None, url: str | None, address: str | None) -> None:
    """An environment that cannot be asked is still one; its addresses stay as they came."""
    entry = discovered(1) | {"ApiUrl": api_url, "Url": url}
    (found,) = run(DataverseClient.discover, Service({DISCOVERY: {"value": [entry]}}))
    assert (found.api_url, found.url, found.address) == (api_url, url, address)


@pytest.mark.parametrize(
    ("wire", "time"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("1899-12-31T00:00:00Z", None),
        (None, None),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_only_a_real_date_ends_a_trial(wire: str | None, time: datetime | None) -> None:
    """The smallest date stands for none."""
    service = Service({DISCOVERY: {"value": [discovered(1) | {"TrialExpirationDate": wire}]}})
    (found,) = run(DataverseClient.discover, service)
    assert found.trial_expires == time


@pytest.mark.parametrize(
    ("linked", "has_dataverse"),
    [
        ({}, False),
        ({"resourceId": "r"}, False),
        ({"instanceUrl": None}, False),
        ({"instanceUrl": "https://o.crm.dynamics.com/"}, True),
    ],
)
def test_an_instance_address_means_dataverse(linked: dict[str, Any], has_dataverse: bool) -> None:
    """The database type does not tell; the linked instance does."""
    entry = administered(1, **linked)
    entry["properties"]["databaseType"] = "CommonDataService"
    (found,) = run(DataverseClient.administered, Service({ADMIN: {"value": [entry]}}))
    assert found.has_dataverse is has_dataverse


@pytest.mark.parametrize(
    ("wire", "group"),
    [
        ({}, None),
        ({"securityGroupId": None}, None),
        ({"securityGroupId": ""}, None),
        ({"securityGroupId": "00000000-0000-0000-0000-000000000000"}, None),
        ({"securityGroupId": "AAAAAAAA-0000-0000-0000-000000000001"}, "aaaaaaaa-0000-0000-0000-000000000001"),
    ],
)
def test_all_zeros_are_no_group(wire: dict[str, Any], group: str | None) -> None:
    """An environment without a group is open, however that is written."""
    service = Service({ADMIN: {"value": [administered(1, instanceUrl="https://o.crm.dynamics.com/", **wire)]}})
    (found,) = run(DataverseClient.administered, service)
    assert found.security_group_id == group


@pytest.mark.parametrize("runtime", ["Enabled", "Disabled", "AdminMode", "Novel", None])
def test_states_are_kept_as_words(runtime: str | None) -> None:
    """The words of the service survive; absent is None."""
    entry = administered(1)
    entry["properties"]["states"] = {"runtime": {"id": runtime}, "management": None}
    (found,) = run(DataverseClient.administered, Service({ADMIN: {"value": [entry]}}))
    assert (found.runtime_state, found.management_state) == (runtime, None)


def test_a_refusal_names_its_service() -> None:
    """A 403 of the admin API is a permission error of that service."""
    body = {"error": {"code": "Forbidden", "message": "The principal does not have permission to access the path."}}
    with pytest.raises(PermissionDeniedError) as caught:
        run(DataverseClient.administered, Service({ADMIN: httpx.Response(403, json=body)}))
    assert (caught.value.service, caught.value.code) == ("admin", "Forbidden")


def test_a_page_that_fails_spoils_the_list() -> None:
    """Half a list is none."""
    first, second = DISCOVERY, f"{DISCOVERY}?page=1"
    documents = paged(DISCOVERY, [[discovered(1)], []])
    documents[second] = httpx.Response(503, text="<html>busy</html>")
    service = Service(documents)
    with pytest.raises(ServiceError) as caught:
        run(DataverseClient.discover, service)
    assert caught.value.status == 503
    assert service.addresses == [first, second]
