"""The doors: in process and on TLS loopback, with what faults do to a connection, delays and the journal."""

from __future__ import annotations

import json
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from keepit_dynamics.sandbox import (
    Fault,
    SandboxServer,
    SandboxTransport,
    World,
    endpoints_document,
    load_scenario,
    write_endpoints,
)
from keepit_dynamics.sandbox.wire import Request, Response

ADDRESS = "/organizations/v2.0/.well-known/openid-configuration"
MakeWorld = Callable[..., World]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One server for all tests of this file; each adds its own faults, and uses them up."""
    with SandboxServer(load_scenario("ready")) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[httpx.Client]:
    """A client that trusts the server's authority and nothing else."""
    context = ssl.create_default_context(cadata=server.ca_pem.decode())
    with httpx.Client(verify=context, base_url=server.base_url, timeout=httpx.Timeout(5, read=0.3)) as made:
        yield made


def broken(kind: str) -> Fault:
    """A fault of the connection."""
    return Fault("entra", kind, path="openid-configuration", seconds=0.05)


FAILURES: list[tuple[str, type[httpx.TransportError]]] = [
    ("reset", httpx.NetworkError),
    ("timeout", httpx.ReadTimeout),
    ("truncate", httpx.RemoteProtocolError),
]


@pytest.mark.parametrize(("kind", "error"), FAILURES)
def test_broken_connections_in_process(kind: str, error: type[Exception]) -> None:
    """As httpx itself would raise them, blocking and awaited alike; the next request is answered."""
    world = World(load_scenario("ready"), faults=(broken(kind), broken(kind)))
    with httpx.Client(transport=SandboxTransport(world), base_url=world.base_url) as made:
        with pytest.raises(error):
            made.get(ADDRESS)

        async def again() -> None:
            async with httpx.AsyncClient(transport=SandboxTransport(world), base_url=world.base_url) as awaited:
                with pytest.raises(error):
                    await awaited.get(ADDRESS)

        anyio.run(again)
        assert made.get(ADDRESS).status_code == 200


@pytest.mark.parametrize(("kind", "error"), FAILURES)
def test_broken_connections_on_the_wire(
    server: SandboxServer, client: httpx.Client, kind: str, error: type[Exception]
) -> None:
    """A real client sees the same, where TLS lets it tell a reset from an end; the next request is answered."""
    server.world.faults.add(broken(kind))
    with pytest.raises((error, httpx.RemoteProtocolError) if kind == "reset" else error):
        client.get(ADDRESS)
    assert client.get(ADDRESS).status_code == 200


def test_a_slow_answer_is_whole(server: SandboxServer, client: httpx.Client) -> None:
    """It comes later, and shows nothing of the fault."""
    server.world.faults.add(broken("slow"))
    answer = client.get(ADDRESS)
    assert answer.elapsed.total_seconds() >= 0.05
    assert answer.json()["issuer"].startswith(server.base_url)
    assert not [name for name in answer.headers if name.startswith("x-sandbox")]


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_the_certificate_has_both_names(server: SandboxServer, address: str) -> None:
    """The host's name and its number."""
    context = ssl.create_default_context(cadata=server.ca_pem.decode())
    port = httpx.URL(server.base_url).port
    assert httpx.get(f"https://{address}:{port}{ADDRESS}", verify=context).status_code == 200


def test_nobody_else_s_trust_is_enough(server: SandboxServer) -> None:
    """The authority is the server's own."""
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{server.base_url}{ADDRESS}", verify=ssl.create_default_context())


def test_a_port_that_is_taken(server: SandboxServer) -> None:
    """Is an error at once, and leaves nothing open."""
    port = httpx.URL(server.base_url).port
    assert port is not None
    with SandboxServer(load_scenario("ready"), port=0) as other:
        taken = httpx.URL(other.base_url).port
        assert taken is not None
        with pytest.raises(OSError, match="in use"):
            SandboxServer(load_scenario("ready"), port=taken)


def test_a_server_that_is_never_entered() -> None:
    """Its port is free again once it is closed."""
    first = SandboxServer(load_scenario("ready"))
    first.close()
    port = httpx.URL(first.base_url).port
    assert port is not None
    SandboxServer(load_scenario("ready"), port=port).close()


def test_the_endpoints_file_is_its_owner_s_alone(server: SandboxServer, tmp_path: Path) -> None:
    """A file that was there, open to all, is narrowed; the certificate lies beside it."""
    path = tmp_path / "endpoints.json"
    path.write_text("old")
    path.chmod(0o644)
    write_endpoints(path, server, username="backup@contoso.example")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["keepit_token"] == {"name": "readiness", "secret": "example-secret"}
    assert (tmp_path / document["ca_file"]).read_bytes() == server.ca_pem


def test_the_endpoints_of_a_world(make_world: MakeWorld) -> None:
    """What is not there is left out."""
    world = make_world()
    document = endpoints_document(world)
    assert document["graph"] == f"{world.base_url}/graph"
    assert document["tenant"] == world.directory.tenant_id
    assert document["environment_hosts"] == ["localhost", "127.0.0.1"]
    assert not {"username", "ca_file", "keepit_token"} & document.keys()


def test_latency_and_the_journal() -> None:
    """Every answer takes its time, requests one after the other count, and no query of a sign-in is kept."""
    world = World(load_scenario("ready"), latency=0.01)
    with httpx.Client(transport=SandboxTransport(world), base_url=world.base_url) as made:
        made.get(ADDRESS, params={"login_hint": "somebody"})
        made.get("/graph/v1.0/me?$select=id")
    first, second = world.journal.requests()
    assert first.ended - first.started >= 0.01
    assert (first.service, first.path) == ("entra", ADDRESS)
    assert (second.service, second.path, second.status) == ("graph", "/v1.0/me?$select=id", 401)
    assert world.journal.depth() == 2


def test_requests_that_overlap_are_one_round_trip() -> None:
    """Latency is slept outside of any lock."""
    world = World(load_scenario("ready"), latency=0.05)

    async def both() -> None:
        awaited = httpx.AsyncClient(transport=SandboxTransport(world), base_url=world.base_url)
        async with awaited, anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(awaited.get, ADDRESS)

    anyio.run(both)
    assert (len(world.journal.requests()), world.journal.depth()) == (5, 1)


class Failing:
    """A service with a bug."""

    def handle(self, request: Request) -> Response:
        """Fail."""
        raise RuntimeError(request.path)


def test_a_bug_in_a_service_is_its_own_failure(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a 500, and the log has the reason."""
    world = make_world()
    world.power_platform.discovery = Failing()
    assert world.handle(Request("GET", "/discovery/api/discovery/v2.0/Instances")).status == 500
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("path", ["/", "*", "/env", "/env/", "/env/nowhere/api", "/graph", "//", "/a/b/c"])
def test_addresses_that_lead_nowhere(make_world: MakeWorld, path: str) -> None:
    """Are answered with a refusal."""
    assert 400 <= make_world().handle(Request("GET", path)).status < 500


def test_what_is_for_servers_is_loaded_for_servers() -> None:
    """The doors in process need neither uvicorn nor trustme."""
    code = "import sys, keepit_dynamics.sandbox; print({'uvicorn', 'trustme'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("kind", "shown"), [("garbage", b"\x00"), ("empty", b""), ("html", b"<!doctype html>"), ("status", b"busy")]
)
def test_spoilt_answers(kind: str, shown: bytes) -> None:
    """Each comes once, instead of the good one."""
    fault = Fault("keepit", kind, body="busy", status=503)
    world = World(load_scenario("ready"), faults=(fault,))
    spoilt, good = (world.handle(Request("GET", "/keepit/users/")) for _ in range(2))
    assert spoilt.body.startswith(shown)
    assert (spoilt.status, spoilt.body) != (good.status, good.body)
