"""The second law: one connector, complete, whatever fails in between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import httpx
import pytest

from keepit_dynamics import (
    ConfigurationError,
    ConflictError,
    ConnectorBuilder,
    Created,
    HalfMadeError,
    KeepitDynamicsError,
    LostAnswerError,
    NotReadyError,
    RetryPolicy,
)
from keepit_dynamics.sandbox import TenantFile, load_scenario
from keepit_dynamics.sandbox.tenant_file import ConnectionSpec, ConnectorSpec, TokenSpec

NAME = "Dynamics 365"


def tenant(**keepit: Any) -> TenantFile:
    """The ready tenant, with a support user, and what is given of its Keepit side."""
    ready = load_scenario("ready")
    support = TokenSpec("jane@contoso.example", "pw", "jane@contoso.example", "FullSupport", primary=True)
    auditor = TokenSpec("audit@contoso.example", "pw", "audit@contoso.example", "Audit", primary=True)
    admin = TokenSpec("backup-admin@contoso.example", "pw", "backup-admin@contoso.example", "MasterAdmin", primary=True)
    readiness = attrs.evolve(ready.keepit.tokens[0], primary=False)
    given = {"tokens": (readiness, admin, support, auditor), **keepit}
    return attrs.evolve(ready, keepit=attrs.evolve(ready.keepit, **given))


def wanted(builder: ConnectorBuilder) -> ConnectorBuilder:
    """The connector of these tests."""
    return builder.named(NAME).retention("P3Y").access("jane@contoso.example")


def devices(there: Any) -> list[Any]:
    """The connectors of that name, as the world has them."""
    return [one for one in there.world.keepit.world.connectors if one.name == NAME]


def complete(there: Any) -> None:
    """There is exactly one connector of the name, and nothing of it is missing: as the world has it."""
    (device,) = devices(there)
    assert (device.enabled, device.retention, device.orglink) == (True, "P3Y", "contoso-dynamics")
    assert device.members == ["jane@contoso.example"]
    assert "disable_auto_backup" not in device.attributes
    assert [job.type for job in device.jobs] == ["backup"]
    assert wanted(there.builder()).plan().empty


class Spoilt(httpx.BaseTransport):
    """Passes everything on, but spoils the n-th request to Keepit: before or after the service acts."""

    def __init__(self, inner: httpx.BaseTransport, number: int, kind: str) -> None:
        self.inner = inner
        self.left = number
        self.kind = kind
        self.spoilt: str | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        if not request.url.path.startswith("/keepit/"):
            return self.inner.handle_request(request)
        self.left -= 1
        if self.left != 0:
            return self.inner.handle_request(request)
        self.spoilt = f"{request.method} {request.url.path}"
        if self.kind == "lost before":
            raise httpx.ConnectError("connection refused", request=request)
        if self.kind in {"401", "403", "409", "429", "500", "503"}:
            return httpx.Response(int(self.kind), request=request)
        response = self.inner.handle_request(request)
        if self.kind == "lost after":
            raise httpx.ReadError("connection reset", request=request)
        if self.kind == "crash after":
            raise KeyboardInterrupt
        return httpx.Response(response.status_code, content=b"<html>not the promised format", request=request)


KINDS = ("lost before", "lost after", "garbage after", "crash after", "401", "403", "409", "429", "500", "503")


MORE_THAN_A_CREATE_SENDS = 40


class Interloper(httpx.BaseTransport):
    """Passes everything on, but lets somebody else act just before the n-th request to Keepit."""

    def __init__(self, inner: httpx.BaseTransport, number: int, act: Callable[[], Created]) -> None:
        self.inner = inner
        self.left = number
        self.act = act
        self.interrupted: str | None = None
        self.made: Any = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let the other one act, then answer."""
        if request.url.path.startswith("/keepit/"):
            self.left -= 1
            if self.left == 0:
                self.interrupted = f"{request.method} {request.url.path.rstrip('/').rpartition('/')[2]}"
                self.made = self.act()
        return self.inner.handle_request(request)


def test_a_new_connector_is_complete(far: Callable[..., Any]) -> None:
    """Created, with its name, retention and access, its schedule released and its first backup queued."""
    there = far(tenant())
    created = wanted(there.builder()).create()
    assert created.connector.name == NAME
    assert created.connector.retention == "P3Y"
    assert created.first_backup is not None
    assert created.first_backup.at is not None
    assert [step.action.value for step in created.plan.steps] == [
        "create",
        "enable",
        "grant",
        "release schedule",
        "start first backup",
    ]
    assert created.journal is not None
    assert all(entry.outcome == "done" for entry in created.journal.entries)
    complete(there)


def test_creating_what_is_already_so_changes_nothing(far: Callable[..., Any]) -> None:
    """The second create writes nothing."""
    there = far(tenant())
    first = wanted(there.builder()).create()
    there.world.journal.clear()
    second = wanted(there.builder()).create()
    assert second.plan.empty
    assert second.connector.id == first.connector.id
    assert [one.method for one in there.world.journal.requests("keepit") if one.method != "GET"] == []


@pytest.mark.parametrize("names", ["refuse", "allow"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_request_may_fail_and_the_next_run_completes(kind: str, names: str, far: Callable[..., Any]) -> None:
    """At every request, for every kind of failure: never two, and running again ends complete.

    Also where the service would take the same name twice, so that nothing rests on its refusing.
    """
    for number in range(1, MORE_THAN_A_CREATE_SENDS):
        there = far(tenant(switches={"duplicate_name": names}))
        spoilt = Spoilt(there.transport, number, kind)
        outcome = run(eager(there.through(spoilt)))
        made = devices(there)
        assert len(made) <= 1, (number, spoilt.spoilt)
        if made and isinstance(outcome, KeepitDynamicsError):
            assert isinstance(outcome, HalfMadeError | LostAnswerError), (number, spoilt.spoilt, outcome)
        if isinstance(outcome, HalfMadeError):
            assert outcome.journal.connector_id == made[0].id
            assert made[0].id in str(outcome)
        run(eager(there))
        complete(there)
        if spoilt.spoilt is None:
            return
    pytest.fail("The creation sends more requests than were tried.")


@pytest.mark.parametrize("names", ["refuse", "allow"])
def test_somebody_else_creates_the_same_in_between(names: str, far: Callable[..., Any]) -> None:
    """Two processes with the same spec end with one connector, and both report it.

    Where the service takes a name twice, the moment between our look and our create stays open: no client can close it.
    """
    for number in range(1, MORE_THAN_A_CREATE_SENDS):
        there = far(tenant(switches={"duplicate_name": names}))
        other = Interloper(there.transport, number, partial(create_eagerly, there))
        created = eager(there.through(other)).create()
        if names == "allow" and other.interrupted == "POST devices":
            continue
        assert other.interrupted is None or other.made.connector.id == created.connector.id
        complete(there)
        if other.interrupted is None:
            return
    pytest.fail("The creation sends more requests than were tried.")


def create_eagerly(there: Any) -> Created:
    """Create, as another process would."""
    return eager(there).create()


def eager(there: Any) -> ConnectorBuilder:
    """A builder that repeats what may be repeated, at once."""
    return wanted(there.builder()).retry(RetryPolicy(attempts=2, base=0.0))


def run(builder: ConnectorBuilder) -> Created | BaseException:
    """Create, and hand back whatever came of it."""
    try:
        return builder.create()
    except (KeepitDynamicsError, KeyboardInterrupt) as error:
        return error


@pytest.mark.parametrize("shape", ["location", "body", "neither"])
@pytest.mark.parametrize("jobs", ["job", "jobs", "empty"])
def test_every_shape_of_answer(shape: str, jobs: str, far: Callable[..., Any]) -> None:
    """Whether the service tells the new ids or not, the outcome is the same."""
    there = far(tenant(switches={"create_answer": shape, "job_answer": jobs}))
    assert wanted(there.builder()).create().first_backup is not None
    complete(there)


def test_an_account_that_is_not_ready_gets_no_connector(far: Callable[..., Any]) -> None:
    """The error carries the report, nothing was written; told so in so many words, it is created all the same."""
    there = far("not-ready")
    builder = there.builder().named(NAME)
    with pytest.raises(NotReadyError) as caught:
        builder.create()
    assert not caught.value.report.ready
    assert {one.method for one in there.world.journal.requests("keepit")} == {"GET"}
    assert builder.create(even_if_not_ready=True).first_backup is not None


def test_a_name_that_is_taken_by_something_else(far: Callable[..., Any]) -> None:
    """A connector of another kind with the name is shown, and nothing is written."""
    other = ConnectorSpec(name=NAME.upper(), type="o365-admin", connection="contoso-dynamics")
    there = far(tenant(connectors=(*load_scenario("ready").keepit.connectors, other)))
    with pytest.raises(ConflictError, match="o365-admin"):
        wanted(there.builder()).create()
    assert {one.method for one in there.world.journal.requests("keepit")} == {"GET"}


def test_another_retention_is_a_conflict(far: Callable[..., Any]) -> None:
    """An existing connector that keeps for another time is not touched."""
    there = far(tenant())
    with pytest.raises(ConflictError, match="P1Y"):
        there.builder().named("Dynamics 365 pilot").retention("P3Y").create()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda builder: builder.access("nobody@contoso.example"), "nobody@contoso.example"),
        (lambda builder: builder.access("audit@contoso.example"), "Audit"),
        (lambda builder: builder.access("backup-admin@contoso.example"), "every connector"),
        (lambda builder: builder.connection("another"), "another"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    change: Callable[[ConnectorBuilder], ConnectorBuilder], said: str, far: Callable[..., Any]
) -> None:
    """Unknown users, roles whose access cannot be given, an unknown connection: one clear error, nothing written."""
    there = far(tenant())
    with pytest.raises(ConfigurationError, match=said):
        change(wanted(there.builder())).create()
    assert {one.method for one in there.world.journal.requests("keepit")} == {"GET"}


def test_no_connection_yet(far: Callable[..., Any]) -> None:
    """Without a connection the person is told what to do by hand."""
    with pytest.raises(ConfigurationError, match="web application"):
        wanted(far(tenant(connectors=())).builder()).plan()


def test_several_connections(far: Callable[..., Any]) -> None:
    """With several connections none is chosen silently."""
    connectors = tuple(ConnectorSpec(name=f"old {letter}", connection=f"connection-{letter}") for letter in "ab")
    connections = tuple(ConnectionSpec(f"connection-{letter}", "contoso.example") for letter in "ab")
    there = far(tenant(connectors=connectors, connections=connections))
    with pytest.raises(ConfigurationError, match="connection-a, connection-b"):
        wanted(there.builder()).plan()
    plan = wanted(there.builder()).connection("connection-b").plan()
    assert plan.connection == "connection-b"


def test_verify_tells_drift(far: Callable[..., Any]) -> None:
    """What somebody changed afterwards is seen, aspect by aspect."""
    there = far(tenant())
    wanted(there.builder()).create()
    assert wanted(there.builder()).verify().true
    there.world.directory.remove_role("Global Administrator", "backup@contoso.example")
    verified = wanted(there.builder()).verify()
    assert verified.drifted
    assert verified.report.of("global-administrator").status.value == "FAIL"
