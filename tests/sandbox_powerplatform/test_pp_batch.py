"""Batches of the Web API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from keepit_dynamics.sandbox.wire import Response

CONTENT_TYPE = 'multipart/mixed; boundary="batch_1"'
CONTINUE = "odata.continue-on-error"


def _part(line: str, *, headers: str = "Accept: application/json", body: str = "") -> str:
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    return f"{head}\r\n{line} HTTP/1.1\r\n{headers}\r\n\r\n{body}"


def _framed(parts: list[str], boundary: str = "batch_1") -> str:
    return "".join(f"--{boundary}\r\n{one}\r\n" for one in parts) + f"--{boundary}--\r\n"


def _send(tenant: Any, who: str, body: str, **headers: str) -> Response:
    given = {"Content_Type": CONTENT_TYPE} | headers
    response: Response = tenant.ask(who, "env/sales/api/data/v9.2/$batch", "POST", body.encode(), **given)
    return response


def _answers(response: Response) -> list[tuple[int, Any]]:
    boundary = response.headers["Content-Type"].partition("boundary=")[2].encode()
    found = []
    for piece in response.body.split(b"--" + boundary)[1:-1]:
        message = piece.partition(b"\r\n\r\n")[2]
        head, _, body = message.partition(b"\r\n\r\n")
        found.append((int(head.split(b" ")[1]), json.loads(body) if body.strip() else None))
    return found


GOOD, BAD = _part("GET /api/data/v9.2/WhoAmI"), _part("GET /api/data/v9.2/Nothing")


def test_parts_are_answered_in_order(tenant: Any) -> None:
    """Addresses of parts may be relative, start at the origin, or be whole."""
    parts = [
        GOOD,
        _part("GET /env/sales/api/data/v9.2/teams?$select=name"),
        _part("GET https://localhost:9443/env/sales/api/data/v9.2/roles?$top=1"),
    ]
    response = _send(tenant, "ann", _framed(parts))
    assert response.status == 200
    first, second, third = _answers(response)
    assert first[1]["UserId"]
    assert [team["name"] for team in second[1]["value"]] == ["Owners", "Operators"]
    assert len(third[1]["value"]) == 1


def test_the_first_failure_ends_a_batch(tenant: Any) -> None:
    """Without continue-on-error the outer status is the failure's and the rest is not answered."""
    response = _send(tenant, "ann", _framed([GOOD, BAD, GOOD]))
    assert response.status == 404
    assert [status for status, _ in _answers(response)] == [200, 404]


def test_a_batch_goes_on_when_asked(tenant: Any) -> None:
    """With continue-on-error every part is answered and the outer status is 200."""
    response = _send(tenant, "ann", _framed([BAD, GOOD, BAD]), Prefer=CONTINUE)
    assert response.status == 200
    assert [status for status, _ in _answers(response)] == [404, 200, 404]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace("\r\n", "\n"),
        lambda body: body.removesuffix("\r\n"),
        lambda body: body.replace("binary\r\n", "binary\n"),
        lambda body: body.replace("Accept: application/json\r\n\r\n", "Accept: application/json\r\n"),
        lambda body: body.replace("application/http", "text/plain"),
        lambda body: body.replace("Content-Transfer-Encoding: binary\r\n", ""),
        lambda body: body.replace("HTTP/1.1", "HTTP/2"),
        lambda body: body.replace("/api", "https://elsewhere.example/api"),
        lambda _: "",
    ],
)
def test_unreadable_batches_are_refused(tenant: Any, spoil: Callable[[str], str]) -> None:
    """Line ends without CR, missing empty lines, other kinds of parts and other hosts answer 400."""
    response = _send(tenant, "ann", spoil(_framed([GOOD])))
    assert (response.status, json.loads(response.body)["error"]["code"]) == (400, "0x80048d19")


def test_batches_do_not_nest(tenant: Any) -> None:
    """A batch in a batch answers 400, and so does one without a boundary or with too many parts."""
    assert _send(tenant, "ann", _framed([_part("POST /api/data/v9.2/$batch")])).status == 400
    assert _send(tenant, "ann", _framed([GOOD]), Content_Type="application/json").status == 400
    assert _send(tenant, "ann", _framed([GOOD] * 1001)).status == 400


def test_who_may_not_enter_is_refused_as_a_whole(tenant: Any) -> None:
    """Without a row the batch is refused; without a role each part is."""
    response = _send(tenant, "eve", _framed([GOOD]), Prefer=CONTINUE)
    assert (response.status, json.loads(response.body)["error"]["code"]) == (403, "0x80072560")
    ((status, body),) = _answers(_send(tenant, "cleo", _framed([GOOD]), Prefer=CONTINUE))
    assert (status, body["error"]["code"]) == (403, "0x80042f09")


def test_a_batch_is_one_contact(tenant: Any) -> None:
    """Memberships of group teams are written after the batch, not between its parts."""
    one = _part("GET /api/data/v9.2/systemusers?$select=fullname&$expand=teammembership_association($select=name)")
    assert _memberships(_send(tenant, "fay", _framed([one, one]))) == 0
    assert _memberships(_send(tenant, "fay", _framed([one]))) == 1


def _memberships(response: Response) -> int:
    rows = [row for _, body in _answers(response) for row in body["value"]]
    return sum(len(row["teammembership_association"]) for row in rows)


def test_each_part_can_be_intercepted(tenant: Any) -> None:
    """What stands between the parts and the service sees each part and may answer in its place."""
    seen: list[tuple[str, str, str]] = []

    def intercept(service: str, method: str, target: str, act: Callable[[], Response]) -> Response:
        seen.append((service, method, target))
        return Response(429, {"Retry-After": "2", "x-sandbox-fault": "slow"}) if "teams" in target else act()

    tenant.platform.intercept = intercept
    response = _send(tenant, "ann", _framed([GOOD, _part("GET /api/data/v9.2/teams?$top=1")]), Prefer=CONTINUE)
    assert [status for status, _ in _answers(response)] == [200, 429]
    assert seen == [
        ("dataverse", "GET", "/api/data/v9.2/WhoAmI"),
        ("dataverse", "GET", "/api/data/v9.2/teams?$top=1"),
    ]
    assert response.headers["x-sandbox-fault"] == "slow"


def _change_set(parts: list[str]) -> str:
    inner = _framed([f"Content-ID: {number}\r\n{one}" for number, one in enumerate(parts, 1)], "changeset_1")
    return f"Content-Type: multipart/mixed; boundary=changeset_1\r\n\r\n{inner}"


def _set_mode(key: str, mode: int) -> str:
    headers = "Content-Type: application/json\r\nIf-Match: *"
    return _part(f"PATCH /api/data/v9.2/systemusers({key})", headers=headers, body=json.dumps({"accessmode": mode}))


def _modes(tenant: Any) -> dict[str, int]:
    rows = tenant.data("ann", "sales/systemusers?$select=domainname,accessmode")["value"]
    return {row["domainname"].partition("@")[0]: row["accessmode"] for row in rows}


def _keys(tenant: Any) -> dict[str, str]:
    rows = tenant.data("ann", "sales/systemusers?$select=domainname,systemuserid")["value"]
    return {row["domainname"].partition("@")[0]: row["systemuserid"] for row in rows}


def test_a_change_set_lasts_as_a_whole(tenant: Any) -> None:
    """All writes of a change set last, and are answered in a nested part with their content ids."""
    key = _keys(tenant)
    response = _send(tenant, "ann", _framed([_change_set([_set_mode(key["bob"], 2), _set_mode(key["gus"], 4)])]))
    assert response.status == 200
    assert b"changesetresponse_" in response.body
    assert response.body.count(b"204 No Content") == 2
    assert b"Content-ID: 2" in response.body
    assert (_modes(tenant)["bob"], _modes(tenant)["gus"]) == (2, 4)


def test_a_change_set_is_undone(tenant: Any) -> None:
    """One failure undoes the others; reads have no place in a change set."""
    key = _keys(tenant)
    response = _send(tenant, "ann", _framed([_change_set([_set_mode(key["bob"], 2), _set_mode(key["gus"], 9)])]))
    assert response.status == 400
    assert _modes(tenant)["bob"] == 0
    assert _send(tenant, "ann", _framed([_change_set([_set_mode(key["bob"], 2), GOOD])])).status == 400
    assert _modes(tenant)["bob"] == 0
