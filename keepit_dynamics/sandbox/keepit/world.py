"""The state of one Keepit account; and what another person may do to it in the web application."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.keepit.switches import Switches
from keepit_dynamics.sandbox.tenant_file import ConnectorSpec, JobSpec, KeepitSpec, TokenSpec

__all__ = ["Device", "Job", "KeepitWorld", "Snapshot", "Token"]

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@attrs.define
class Job:
    """A job by the sandbox's clock: queued until ``start``, running until ``end``."""

    id: str
    type: str
    description: str
    created: datetime
    start: datetime
    end: datetime
    cancelled: datetime | None = None
    failed: bool = False

    def state(self, present: datetime) -> str:
        """``scheduled``, ``in-progress``, ``successful``, ``unsuccessful`` or ``cancelled``."""
        if self.cancelled is not None:
            return "cancelled"
        if present < self.start:
            return "scheduled"
        if present < self.end:
            return "in-progress"
        return "unsuccessful" if self.failed else "successful"


@attrs.frozen
class Snapshot:
    """A snapshot; size in bytes, type ``c`` or ``p``."""

    tstamp: datetime
    type: str
    size: int


@attrs.define
class Device:
    """A connector."""

    id: str
    name: str
    type: str
    created: datetime
    agent_type: str | None = None
    orglink: str | None = None
    retention: str | None = None
    enabled: bool = False
    configured: bool = False
    deletion_deadline: datetime | None = None
    creator: str | None = None
    members: list[str] = attrs.field(factory=list)
    attributes: dict[str, bytes] = attrs.field(factory=dict, repr=False)
    jobs: list[Job] = attrs.field(factory=list)
    snapshots: list[Snapshot] = attrs.field(factory=list)


@attrs.define
class Token:
    """A credential; ``login`` is the person it belongs to."""

    name: str
    secret: str = attrs.field(repr=False)
    login: str
    role: str
    primary: bool
    created: datetime


class KeepitWorld:
    """One account with everything in it."""

    def __init__(self, spec: KeepitSpec, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches.of(spec.switches)
        self.account_id = spec.account.id or identifier("account", spec.account.name)
        self.account_name = spec.account.name
        self.retention = spec.account.retention
        self.limits = dict(spec.account.limits)
        self.connections = {one.id: one.tenant for one in spec.connections}
        present = clock.now()
        self.tokens = [self._token(token, present) for token in spec.tokens]
        self.connectors: list[Device] = []
        self._made = 0
        for connector in spec.connectors:
            self.connectors.append(self._connector(connector, present))

    def device(self, device_id: str) -> Device | None:
        """A connector by id."""
        return next((one for one in self.connectors if one.id == device_id.lower()), None)

    def token(self, name: str) -> Token | None:
        """A token by the name it signs in with."""
        return next((one for one in self.tokens if one.name == name), None)

    def person(self, login: str) -> Token | None:
        """The primary token of a person; without one, the role of a token that belongs to them."""
        mine = [one for one in self.tokens if login in {one.name, one.login}]
        return next((one for one in mine if one.primary), mine[0] if mine else None)

    def add_connection(self, connection_id: str, tenant: str) -> None:
        """Somebody signs in in the web application and makes a connection."""
        self.connections[connection_id] = tenant

    def add_connector(self, name: str, connection: str | None, *, retention: str | None = None) -> Device:
        """Somebody makes a connector in the web application; configured, with its first backup queued."""
        device = self.make_device(name, "dynamics365", orglink=connection, retention=retention)
        device.enabled = device.configured = True
        self.add_job(device, "First backup", self.clock.now())
        return device

    def make_device(
        self, name: str, kind: str, *, orglink: str | None, retention: str | None, creator: str | None = None
    ) -> Device:
        """Make a connector, not enabled and not configured."""
        self._made += 1
        device_id = identifier("connector", name, str(self._made))
        device = Device(device_id, name, kind, self.clock.now(), orglink=orglink, retention=retention, creator=creator)
        self.connectors.append(device)
        return device

    def add_job(self, device: Device, description: str, start: datetime, *, kind: str = "backup") -> Job:
        """Queue a job; it runs for half an hour."""
        number = str(len(device.jobs))
        job_id = identifier("job", device.id, number, groups=4)
        job = Job(job_id, kind, description, self.clock.now(), start, start + timedelta(minutes=30))
        device.jobs.append(job)
        return job

    def _token(self, spec: TokenSpec, present: datetime) -> Token:
        return Token(spec.name, spec.secret, spec.login or spec.name, spec.role, spec.primary, present)

    def _connector(self, spec: ConnectorSpec, present: datetime) -> Device:
        created = spec.created or present - timedelta(days=90)
        self._made += 1
        device = Device(
            identifier("connector", spec.name, str(self._made)),
            spec.name,
            spec.type,
            created,
            spec.agent_type,
            spec.connection,
            spec.retention,
            enabled=spec.enabled,
            configured=True,
            deletion_deadline=present + timedelta(days=30) if spec.deleted else None,
            members=list(spec.accessible_to or ()),
            attributes={name: value.encode() for name, value in spec.attributes.items()},
        )
        device.jobs = [self._job(device, job, place, present) for place, job in enumerate(spec.jobs)]
        device.snapshots = [Snapshot(one.tstamp, one.type, one.size) for one in spec.snapshots]
        if not spec.jobs and spec.enabled and not spec.deleted:
            self._alive(device, present)
        return device

    def _alive(self, device: Device, present: datetime) -> None:
        """A connector that the file says nothing more of has been backed up a few hours ago."""
        job = self.add_job(device, f"[backup][bl][auto][{device.type}]{{{device.name}}}", present - timedelta(hours=5))
        if not device.snapshots:
            device.snapshots.append(Snapshot(job.end, "c", 1_000_000))

    def _job(self, device: Device, spec: JobSpec, place: int, present: datetime) -> Job:
        start = spec.start or present - timedelta(hours=5)
        end = spec.end or start + timedelta(minutes=30)
        return Job(
            identifier("job", device.id, str(place), groups=4),
            spec.type,
            spec.description,
            start,
            start,
            end,
            cancelled=end if spec.state == "cancelled" else None,
            failed=spec.state == "unsuccessful",
        )


def identifier(*parts: str, groups: int = 3) -> str:
    """An id in Keepit's form, made of names; the same names always give the same one."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest())
    letters = []
    for _ in range(groups * 6):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    text = "".join(letters)
    return "-".join(text[at : at + 6] for at in range(0, len(text), 6))
