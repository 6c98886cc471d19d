"""The sandbox refuses tenants that cannot be, and spoils requests as its faults file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keepit_dynamics.sandbox import Fault, TenantFileError, World, load_faults, load_scenario, parse_tenant_file
from keepit_dynamics.sandbox.journal import Record, round_trips
from keepit_dynamics.sandbox.wire import Request

USER = {"upn": "a@contoso.example"}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"users": [{**USER, "type": "Robot"}]}, "Robot"),
        ({"users": [USER, {"upn": "A@contoso.example"}]}, "several"),
        ({"groups": [{"name": "g", "members": ["nobody@contoso.example"]}]}, "nobody@contoso.example"),
        ({"groups": [{"name": "in"}, {"name": "g", "role_assignable": True, "members": ["in"]}]}, "cannot hold"),
        ({"role_assignments": [{"role": "Global Administrator", "principal": "nobody"}]}, "no such user or group"),
        ({"groups": [{"name": "g"}], "role_assignments": [{"role": "x", "principal": "g"}]}, "not role-assignable"),
        ({"skus": [{"sku_id": "1", "status": "Gone"}]}, "Gone"),
        ({"environments": [{"name": "e", "state": "asleep"}]}, "asleep"),
        ({"users": [USER], "environments": [{"name": "e", "users": [{**USER, "access_mode": 9}]}]}, "0 to 5"),
        ({"environments": [{"name": "e", "teams": [{"name": "t", "type": "access", "roles": ["r"]}]}]}, "no roles"),
        ({"keepit": {"switches": {"weather": "fine"}}}, "weather"),
        ({"keepit": {"switches": {"put_changes": "maybe"}}}, "maybe"),
        ({"version": 2}, "version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_tenant_that_cannot_be(part: dict[str, Any], said: str) -> None:
    """The message names the place and the word."""
    with pytest.raises(TenantFileError, match=said):
        World(parse_tenant_file({"version": 1, "tenant": {"name": "Contoso"}, **part}))


def test_the_same_file_gives_the_same_world() -> None:
    """Ids are derived from names, never drawn."""
    first, second = World(load_scenario("ready")), World(load_scenario("ready"))
    assert first.directory.tenant_id == second.directory.tenant_id
    assert [user.id for user in first.directory.users()] == [user.id for user in second.directory.users()]
    assert [one.id for one in first.keepit.world.connectors] == [one.id for one in second.keepit.world.connectors]


def test_faults_are_used_up_in_order(tmp_path: Path) -> None:
    """Each entry spoils as many requests as it says, then the service answers again."""
    file = tmp_path / "faults.json"
    entry = {"service": "keepit", "path": "^/users/$", "kind": "status", "status": 503, "times": 2}
    file.write_text(json.dumps([{**entry, "headers": {"Retry-After": "2"}}]))
    world = World(load_scenario("ready"), faults=load_faults(file))
    answers = [world.handle(Request("GET", "/keepit/users/")) for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 503, 401]
    assert answers[0].headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    "entry", [{"kind": "status"}, {"service": "moon", "kind": "status"}, {"service": "graph", "kind": "x"}, 7]
)
def test_a_faults_file_that_cannot_be_used(entry: object, tmp_path: Path) -> None:
    """The message names the entry."""
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([entry]))
    with pytest.raises(ValueError, match="Entry 0"):
        load_faults(file)


def test_after_means_that_the_service_has_acted() -> None:
    """The work is done, the answer is spoilt."""
    world = World(load_scenario("ready"), faults=(Fault(service="entra", kind="empty", when="after"),))
    body = b"client_id=c&scope=openid"
    path = f"/{world.directory.tenant_id}/oauth2/v2.0/devicecode"
    assert world.handle(Request("POST", path, body=body)).body == b""
    assert len(world.entra.grants._devices) == 1


def test_round_trips_are_the_longest_chain() -> None:
    """What overlaps counts once; what follows counts on."""

    def record(started: float, ended: float) -> Record:
        return Record("graph", "GET", "/", 200, started, ended)

    assert round_trips([]) == 0
    assert round_trips([record(0, 1), record(0.5, 1.5), record(1.2, 2), record(2, 3)]) == 3
