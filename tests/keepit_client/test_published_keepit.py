"""Keepit's published payloads, read by the client that would meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics.clouds import KeepitToken
from keepit_dynamics.errors import (
    KeepitCredentialsError,
    PermissionDeniedError,
    ProtocolError,
    ServiceError,
    ThrottledError,
)
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Health, Snapshot, StartedBackup

Published = Callable[[str], bytes]
Answering = Callable[[Callable[[httpx.Request], httpx.Response]], BlockingDriver]
ACCOUNT, CONNECTOR = "nq2v51-5mx23m-qb7sah", "aaaaaa-bbbbbb-cccccc"
CLIENT = KeepitClient("https://dk-co.keepit.com", KeepitToken("name", "secret"), RetryPolicy(attempts=1))


def respond(answering: Answering, body: bytes, status: int = 200, **headers: str) -> BlockingDriver:
    """A driver whose far side always gives this body."""
    return answering(lambda _: httpx.Response(status, headers=headers, content=body))


def test_who_am_i(published: Published, answering: Answering) -> None:
    """The account id is read."""
    driver = respond(answering, published("keepit/users-self.get.response.xml"))
    assert driver.run(CLIENT.account_id()) == ACCOUNT


def test_health_with_and_without_reason(published: Published, answering: Answering) -> None:
    """Both published forms are read."""
    plain = respond(answering, published("keepit/device-health.get.response.xml"))
    assert plain.run(CLIENT.health(ACCOUNT, CONNECTOR)) == Health("healthy")
    reason = respond(answering, published("keepit/device-health-reason.get.response.xml"))
    assert reason.run(CLIENT.health(ACCOUNT, CONNECTOR)) == Health("critical", "BADLOGIN")


def test_jobs(published: Published, answering: Answering) -> None:
    """An active job is read with both its times, although one is later than the other."""
    driver = respond(answering, published("keepit/jobs-filter-active.put.response.xml"))
    (job,) = driver.run(CLIENT.jobs(ACCOUNT, CONNECTOR))
    assert (job.id, job.type) == ("va14e0-sa8c7o-giq88n-hsfgdx", "backup")
    assert job.description == "[backup][bl][auto][o365-admin]{Microsoft 365 Backup(8)}"
    assert job.start == datetime(2024, 10, 15, 0, 54, 29, tzinfo=UTC)
    assert job.scheduled == datetime(2024, 10, 15, 12, 54, 51, tzinfo=UTC)
    assert (job.active, job.outcome, job.open) == (True, "active", True)


def test_the_newest_snapshot(published: Published, answering: Answering) -> None:
    """Time, kind and size in bytes are read."""
    driver = respond(answering, published("keepit/history-latest.get.response.xml"))
    taken = datetime(2024, 12, 5, 12, 54, 46, tzinfo=UTC)
    assert driver.run(CLIENT.latest_snapshot(ACCOUNT, CONNECTOR)) == Snapshot(taken, complete=True, size=1653770815)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("tokens-list.response.xml", CLIENT.tokens(ACCOUNT)),
        ("history-range.put.response.xml", CLIENT.latest_snapshot(ACCOUNT, CONNECTOR)),
    ],
)
def test_what_is_not_well_formed_names_the_place(
    published: Published, answering: Answering, name: str, call: Any
) -> None:
    """A cut or broken document is a protocol error that tells line and column."""
    with pytest.raises(ProtocolError, match=r"line \d+, column \d+"):
        respond(answering, published(f"keepit/{name}")).run(call)


def test_a_partial_resource_list_is_refused(published: Published, answering: Answering) -> None:
    """The excerpt that the vendor printed is no document, so no limit is read from it."""
    driver = respond(answering, published("keepit/resources.get.response.xml"))
    with pytest.raises(ProtocolError, match="not well-formed"):
        driver.run(CLIENT.resources(ACCOUNT))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", KeepitCredentialsError),
        (403, b"<error><code>NO</code></error>", PermissionDeniedError),
        (429, b"", ThrottledError),
        (500, b"<html>oops</html>", ServiceError),
        (200, b"<error><code>X_Y</code><description>no</description></error>", ServiceError),
        (200, b"<!doctype html><html><body>Sign in</body></html>", ProtocolError),
    ],
)
def test_each_refusal_has_its_class(answering: Answering, status: int, body: bytes, error: type[Exception]) -> None:
    """An error document counts whatever the status; a page is no document."""
    with pytest.raises(error):
        respond(answering, body, status).run(CLIENT.connectors(ACCOUNT))


@pytest.mark.parametrize(
    ("body", "location", "found"),
    [
        (b"", f"/users/{ACCOUNT}/devices/{CONNECTOR.upper()}", CONNECTOR),
        (f"<cloud><guid>{CONNECTOR}</guid></cloud>".encode(), "", CONNECTOR),
        (f"<devices><cloud><guid> {CONNECTOR} </guid></cloud></devices>".encode(), "", CONNECTOR),
        (b"", "", None),
    ],
)
def test_the_three_shapes_of_a_creation(answering: Answering, body: bytes, location: str, found: str | None) -> None:
    """The id comes from the body, else from Location, else it is not told."""
    driver = respond(answering, body, 201, **({"Location": location} if location else {}))
    made = CLIENT.create_connector(ACCOUNT, name="n", connection="c", retention=None, attributes={})
    assert driver.run(made) == found


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, b"", StartedBackup("started")),
        (201, b"<job><guid>a-b-c-d</guid></job>", StartedBackup("started", "a-b-c-d")),
        (201, b"<jobs><job><guid>a-b-c-d</guid></job></jobs>", StartedBackup("started", "a-b-c-d")),
        (409, b"<error><code>RUNNING_JOB</code></error>", StartedBackup("already running")),
        (
            400,
            b"<error><code>WAITING_JOB_TO_START</code><start-time>2026-05-04T08:00:00Z</start-time></error>",
            StartedBackup("already queued", start=datetime(2026, 5, 4, 8, tzinfo=UTC)),
        ),
    ],
)
def test_the_shapes_of_a_started_backup(
    answering: Answering, status: int, body: bytes, expected: StartedBackup
) -> None:
    """A job, a list of jobs, nothing, and the two codes for one that is there already are all results."""
    assert respond(answering, body, status).run(CLIENT.start_backup(ACCOUNT, CONNECTOR, "first")) == expected


def test_the_secret_goes_to_the_address_alone_and_shows_nowhere(answering: Answering) -> None:
    """A redirect is not followed, and neither repr nor error shows the secret."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://evil.example/users/"})

    with pytest.raises(ServiceError) as caught:
        answering(answer).run(CLIENT.account_id())
    assert seen == ["dk-co.keepit.com"]
    assert "secret" not in repr(CLIENT).replace("Secret", "").replace("secret=", "")
    assert "bmFtZTpzZWNyZXQ" not in f"{caught.value!r}{caught.value}{CLIENT!r}"
