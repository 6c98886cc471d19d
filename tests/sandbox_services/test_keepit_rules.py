"""The sandbox's Keepit behaves as the contract says, whatever our client asks (contracts/keepit.md)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import attrs
import pytest
from defusedxml.ElementTree import fromstring

from keepit_dynamics.sandbox import Clock, World, load_scenario
from keepit_dynamics.sandbox.tenant_file import AccountSpec, TokenSpec
from keepit_dynamics.sandbox.wire import Request, Response

V4 = {"Accept": "application/vnd.keepit.v4+xml"}
JOB = b"<job><description>d</description><type>backup</type><immediate/><commands><backup/></commands></job>"
ROLES = (
    "MasterAdmin",
    "BackupAdmin",
    "ComplianceAdmin",
    "FullSupport",
    "StandardSupport",
    "LimitedSupport",
    "Audit",
    "SsoAdmin",
)


class Account:
    """A Keepit account with a person in every role, and a clock that stands still."""

    def __init__(self, **switches: Any) -> None:
        ready = load_scenario("ready")
        people = tuple(
            TokenSpec(f"{role}@contoso.example", "pw", f"{role}@contoso.example", role, primary=True) for role in ROLES
        )
        account = AccountSpec(name="Contoso", retention="P7Y", limits={"dynamics365-seats-total": 500})
        keepit = attrs.evolve(ready.keepit, tokens=people, switches=switches, account=account)
        self.clock = Clock(ticking=False)
        self.world = World(attrs.evolve(ready, keepit=keepit), clock=self.clock)
        self.root = f"/users/{self.world.keepit.world.account_id}"

    def ask(self, method: str, path: str, body: bytes = b"", role: str = "MasterAdmin", **headers: str) -> Response:
        """One request in a role; a path without /users is below the account."""
        pair = base64.b64encode(f"{role}@contoso.example:pw".encode()).decode()
        whole = path if path.startswith("/users") else self.root + path
        sent = {"Authorization": f"Basic {pair}", **V4, **headers}
        return self.world.handle(Request.from_url(method, f"/keepit{whole}", sent, body))

    def create(self, name: str = "new", role: str = "MasterAdmin", more: str = "") -> Response:
        """Create a connector."""
        text = f"<cloud><name>{name}</name><type>dynamics365</type>{more}<orglink>contoso-dynamics</orglink></cloud>"
        return self.ask("POST", "/devices/", text.encode(), role)

    def connector(self, name: str = "new") -> str:
        """The path of a new, enabled connector."""
        location = self.create(name).headers["Location"]
        path = f"/devices/{location.rpartition('/')[2].lower()}"
        self.ask("PUT", path, b"<cloud><enabled>true</enabled></cloud>")
        return path


def xml(response: Response) -> Element:
    """The answer's document."""
    root: Element = fromstring(response.body)
    return root


def test_credentials() -> None:
    """A wrong secret, none at all, and another account."""
    account = Account()
    assert account.world.handle(Request("GET", "/keepit/users/")).status == 401
    assert account.ask("GET", "/users/", role="Nobody").status == 401
    assert account.ask("GET", "/users/aaaaaa-bbbbbb-cccccc/devices").status == 403


def test_versions() -> None:
    """The fourth schema is refused for tokens, the second is not."""
    account = Account()
    assert account.ask("GET", "/tokens").status == 400
    shown = account.ask("GET", "/tokens", Accept="application/vnd.keepit.v2")
    assert "pw" not in shown.body.decode()
    assert len(xml(shown)) == len(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_who_creates_and_who_sees(role: str) -> None:
    """Two roles create; Master and Compliance Admins see all at once, a Backup Admin what it made."""
    account = Account()
    made = account.create(role=role).status
    assert made == (201 if role in {"MasterAdmin", "BackupAdmin"} else 403)
    listed = account.ask("GET", "/devices", role=role)
    if role in {"Audit", "SsoAdmin"}:
        assert listed.status == 403
        return
    seen = {(one.findtext("name") or "").strip(): one.findtext("accessible") for one in xml(listed).findall("cloud")}
    everything = role in {"MasterAdmin", "ComplianceAdmin"}
    assert seen["Dynamics 365 pilot"] == ("true" if everything else "false")
    if role == "BackupAdmin":
        assert seen["new"] == "true"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("<backup-retention>P3Y</backup-retention>", 201),
        ("<backup-retention>P8Y</backup-retention>", 400),
        ("<backup-retention>soon</backup-retention>", 400),
        ("<backup-retention>P</backup-retention>", 400),
    ],
)
def test_retention(more: str, status: int) -> None:
    """A period, not longer than the account's."""
    assert Account().create(more=more).status == status


def test_names_are_unique_unless_switched_off() -> None:
    """Without case; the switch makes the other guess."""
    account = Account()
    assert [account.create("a").status, account.create("A").status] == [201, 409]
    careless = Account(duplicate_name="allow")
    assert [careless.create("a").status, careless.create("A").status] == [201, 201]


def test_attributes_are_bytes_and_a_second_post_wipes_them() -> None:
    """The same bytes come back; 404 where none is set."""
    account = Account()
    path = account.connector()
    value = b'{"CRM": {"x": 1},\r\n "unknown": "\xc3\xa6"}  '
    assert account.ask("GET", f"{path}/attributes/ng_backup_config").status == 404
    account.ask("PUT", f"{path}/attributes/ng_backup_config", value)
    assert account.ask("GET", f"{path}/attributes/ng_backup_config").body == value
    assert account.ask("POST", path, b"<cloud/>").status == 200
    assert account.ask("GET", f"{path}/attributes").status == 404


def test_a_connector_that_was_never_started_runs_nothing() -> None:
    """Healthy, not configured, and a day later still without a snapshot."""
    account = Account()
    path = account.connector()
    account.clock.advance(timedelta(days=3))
    assert xml(account.ask("GET", f"{path}/health")).findtext("health") == "healthy"
    status = xml(account.ask("GET", f"{path}/status"))
    assert status.findall("entry")[0].findtext("adata/ecode") == "E_INITIAL_CONFIGURATION_PENDING"
    assert len(xml(account.ask("GET", f"{path}/history/latest"))) == 0
    assert len(xml(account.ask("GET", f"{path}/jobs"))) == 0


def test_backups_happen_by_the_clock() -> None:
    """Queued, running, done, and the next one twelve hours after the start of the last."""
    account = Account()
    path = account.connector()
    assert account.ask("POST", f"{path}/jobs/", JOB).status == 201
    waiting = account.ask("POST", f"{path}/jobs/", JOB)
    assert xml(waiting).findtext("code") == "WAITING_JOB_TO_START"
    assert xml(waiting).findtext("start-time")
    account.clock.advance(timedelta(minutes=2))
    assert xml(account.ask("POST", f"{path}/jobs/", JOB)).findtext("code") == "RUNNING_JOB"
    assert len(xml(account.ask("GET", f"{path}/history/latest"))) == 0
    account.clock.advance(timedelta(minutes=40))
    assert xml(account.ask("GET", f"{path}/history/latest")).findtext("backup/type") == "c"
    account.clock.advance(timedelta(hours=12))
    jobs = [one.findtext("start") for one in xml(account.ask("GET", f"{path}/jobs"))]
    assert len(jobs) == 2


def test_a_suppressed_schedule_does_not_run() -> None:
    """With the attribute set nothing follows the first backup, and health falls after a day, and after two."""
    account = Account()
    path = account.connector()
    account.ask("PUT", f"{path}/attributes/disable_auto_backup", b"1")
    account.ask("POST", f"{path}/jobs/", JOB)
    account.clock.advance(timedelta(hours=25))
    assert len(xml(account.ask("GET", f"{path}/jobs"))) == 1
    assert xml(account.ask("GET", f"{path}/health")).findtext("health") == "unhealthy"
    account.clock.advance(timedelta(hours=24))
    assert xml(account.ask("GET", f"{path}/health")).findtext("health") == "critical"
    account.ask("DELETE", f"{path}/attributes/disable_auto_backup")
    assert len(xml(account.ask("GET", f"{path}/jobs"))) > 1


def test_access() -> None:
    """A person of the account gets access and then sees the connector; others are refused."""
    account = Account()
    path = account.connector()
    member = b"<member><aname>FullSupport@contoso.example</aname></member>"
    assert account.ask("GET", f"{path}/health", role="FullSupport").status == 403
    assert account.ask("POST", f"{path}/access_list", member).status == 200
    assert account.ask("GET", f"{path}/health", role="FullSupport").status == 200
    assert account.ask("POST", f"{path}/access_list", b"<member><aname>x@y.example</aname></member>").status == 400
    hidden = Account(access_list_get=False)
    assert hidden.ask("GET", f"{hidden.connector()}/access_list").status == 405


def test_what_is_no_document() -> None:
    """Neither broken XML nor another root gets through."""
    account = Account()
    for body in (b"", b"<cloud>", b"<device/>", b'<!DOCTYPE a [<!ENTITY b "c">]><cloud>&b;</cloud>'):
        assert account.ask("POST", "/devices/", body).status == 400
