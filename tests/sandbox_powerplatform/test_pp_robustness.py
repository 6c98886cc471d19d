"""Whatever a client sends, it gets an answer."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepit_dynamics.sandbox.wire import Request

WORDS = """
( ) / , ; : = ' @p1 $ref $count any all eq ne and or not null true 0 -1 1.5 'x' 'it''s' { } " <
systemusers roles teams systemuserid name _roletemplateid_value isdisabled iscustomizable Value
systemuserroles_association teammembership_association businessunitid EntityDefinitions LogicalName
WhoAmI RetrieveAadUserRoles DirectoryObjectId RetrieveTotalRecordCount EntityNames contains $select
$expand $top $skiptoken 627090ff-40a3-4053-8790-584edc5be201 1900-01-01T00:00:00Z 99999999999999999999
"""
TEXTS = st.lists(st.sampled_from([*WORDS.split(), " "]), max_size=12).map("".join) | st.text(max_size=30)
OPTIONS = st.dictionaries(
    st.sampled_from(["$select", "$filter", "$expand", "$orderby", "$top", "$count", "$skiptoken", "@p1", "$id", "x"]),
    TEXTS,
    max_size=4,
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "prefer": TEXTS | st.just("odata.maxpagesize=99999999999999999999"),
        "if-match": TEXTS,
        "content-type": st.just("multipart/mixed; boundary=b") | TEXTS,
    },
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=METHODS,
    path=st.lists(st.sampled_from(["systemusers", "roles", "EntityDefinitions", "$batch"]) | TEXTS, max_size=3),
    options=OPTIONS,
    headers=HEADERS,
    body=st.binary(max_size=60) | TEXTS.map(str.encode),
)
def test_the_web_api_never_raises(
    tenant: Any, method: str, path: list[str], options: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    """Any path, query, header and body gets a status below 500, or says that it is not emulated."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
    target = "/api/data/v9.2/" + "/".join(quote(part, safe="()=,'$@:") for part in path)
    request = Request(method, target, query, headers | tenant.bearer("ann", "env/sales"), body)
    assert tenant.platform.environment("sales").handle(request).status in {*range(200, 500), 501}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=METHODS, path=st.text(max_size=20) | TEXTS, options=OPTIONS, body=st.binary(max_size=40))
def test_discovery_and_admin_never_raise(
    tenant: Any, method: str, path: str, options: dict[str, str], body: bytes
) -> None:
    """Any path, query and body gets a status below 500."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
    discovery = f"/api/discovery/v2.0/Instances({quote(path, safe='')})"
    admin = f"/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments/{quote(path, safe='')}/addUser"
    for service, target, name in (
        (tenant.platform.discovery, discovery, "discovery"),
        (tenant.platform.admin, admin, "admin"),
        (tenant.platform.admin, f"/usermanagement/environments/{quote(path, safe='')}", "admin"),
    ):
        request = Request(method, target, f"{query}&api-version=2023-06-01", tenant.bearer("ann", name), body)
        assert service.handle(request).status < 500


def test_many_threads_may_ask_at_once(tenant: Any) -> None:
    """Reads beside writes neither fail nor lose a write."""
    failures: list[object] = []

    def add(number: int) -> None:
        try:
            tenant.platform.grant_role("Sales", "bob@contoso.example", f"Role {number}")
            tenant.data("ann", "sales/systemusers?$expand=systemuserroles_association($select=name)")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    names = {role["name"] for role in tenant.data("bob", "sales/roles")["value"]}
    assert {f"Role {number}" for number in range(20)} <= names
