"""Is a connector still what it should be? Facts are read, then held against the spec; what is not known is UNKNOWN."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread, attempt
from keepit_dynamics._core.flow import Flow, now
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Connector, ConnectorStatus, Health
from keepit_dynamics.provisioning.plan import SUPPRESSED
from keepit_dynamics.provisioning.spec import ConnectorSpec
from keepit_dynamics.provisioning.state import ConnectorState, named, read_connector_state, usable

__all__ = ["Drift", "Verification", "compare", "verify"]

_STALE = timedelta(hours=24)
"""Without a successful or running backup for this long, Keepit calls a connector unhealthy (keepit.md 8.12)."""


@attrs.frozen
class Drift:
    """One aspect: what was wanted, what was found; ``status`` is ``OK``, ``DRIFT`` or ``UNKNOWN``."""

    aspect: str
    status: str
    wanted: str
    found: str


@attrs.frozen
class Verification:
    """All aspects of one connector; ``connector_id`` is None where there is none."""

    name: str
    connector_id: str | None
    rows: tuple[Drift, ...]

    @property
    def true(self) -> bool:
        """Whether every aspect is as wanted."""
        return all(row.status == "OK" for row in self.rows)

    @property
    def drifted(self) -> bool:
        """Whether an aspect is certainly not as wanted."""
        return any(row.status == "DRIFT" for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The verification as plain JSON values."""
        rows = [attrs.asdict(row) for row in self.rows]
        return {"name": self.name, "connector_id": self.connector_id, "true": self.true, "aspects": rows}


def verify(client: KeepitClient, spec: ConnectorSpec) -> Flow[Verification]:
    """Read a connector and hold it against the spec; nothing is changed.

    Raises:
        KeepitCredentialsError: Keepit does not know the token.
        ResponseError, ProtocolError, TransportError: The connectors could not be listed.
    """
    account = yield from client.account_id()
    connectors = yield from client.connectors(account, deleted=True)
    holders = named(connectors, spec.name)
    own = [one for one in holders if usable(one)]
    if len(own) != 1:
        return Verification(spec.name, None, (_existence(holders),))
    state = yield from read_connector_state(client, account, own[0])
    status = yield from attempt(client.status(account, own[0].id))
    health = yield from attempt(client.health(account, own[0].id))
    return compare(spec, state, status, health, (yield from now()))


def compare(
    spec: ConnectorSpec,
    state: ConnectorState,
    status: ConnectorStatus | Unread,
    health: Health | Unread,
    present: datetime,
) -> Verification:
    """Hold facts against a spec. Pure."""
    connector = state.connector
    rows = (
        Drift("exists", "OK", spec.name, connector.id),
        *_named_aspects(spec, connector),
        _flag("enabled", connector.enabled),
        *_access(spec, state),
        _schedule(state),
        _backups(state, present),
        _status(status),
        _health(health),
    )
    return Verification(spec.name, connector.id, rows)


def _existence(holders: list[Connector]) -> Drift:
    found = ", ".join(f"{one.name} ({one.id}, {one.type})" for one in holders) or "none"
    return Drift("exists", "DRIFT", "one Dynamics 365 connector", found)


def _named_aspects(spec: ConnectorSpec, connector: Connector) -> list[Drift]:
    rows = []
    if spec.connection is not None:
        rows.append(_equal("connection", spec.connection, connector.connection))
    if spec.retention is not None:
        status = "OK" if spec.retention.same_as(connector.retention) else "DRIFT"
        kept = connector.retention or "as the account has it"
        rows.append(Drift("retention", status, str(spec.retention), kept))
    return rows


def _equal(aspect: str, wanted: str, found: str | None) -> Drift:
    if found is None:
        return Drift(aspect, "UNKNOWN", wanted, "not told")
    return Drift(aspect, "OK" if found == wanted else "DRIFT", wanted, found)


def _flag(aspect: str, found: bool | None) -> Drift:
    if found is None:
        # Keepit leaves the flag out of some answers; absence says nothing (contracts/keepit.md 20).
        return Drift(aspect, "UNKNOWN", "yes", "not told")
    return Drift(aspect, "OK" if found else "DRIFT", "yes", "yes" if found else "no")


def _access(spec: ConnectorSpec, state: ConnectorState) -> list[Drift]:
    if not spec.access:
        return []
    wanted = ", ".join(spec.access)
    if not isinstance(state.access, tuple):
        return [Drift("access", "UNKNOWN", wanted, _reason(state.access))]
    held = {login.casefold() for login in state.access}
    missing = [login for login in spec.access if login.casefold() not in held]
    return [Drift("access", "DRIFT" if missing else "OK", wanted, ", ".join(state.access) or "none")]


def _schedule(state: ConnectorState) -> Drift:
    if isinstance(state.attributes, Unread):
        return Drift("schedule", "UNKNOWN", "every 12 hours", state.attributes.reason)
    stopped = [key for key in (SUPPRESSED, "disable_backup") if key in state.attributes]
    found = f"held back by {', '.join(stopped)}" if stopped else "not held back"
    return Drift("schedule", "DRIFT" if stopped else "OK", "not held back", found)


def _backups(state: ConnectorState, present: datetime) -> Drift:
    wanted = "a backup within 24 hours, or one queued or running"
    if isinstance(state.jobs, Unread) or isinstance(state.snapshot, Unread):
        unread = state.jobs if isinstance(state.jobs, Unread) else state.snapshot
        return Drift("backups", "UNKNOWN", wanted, _reason(unread))
    if (waiting := next((job for job in state.jobs if job.type == "backup" and job.open), None)) is not None:
        return Drift("backups", "OK", wanted, f"{waiting.outcome}, job {waiting.id}")
    if state.snapshot is None:
        return Drift("backups", "DRIFT", wanted, "none yet, and none queued")
    fresh = present - state.snapshot.taken <= _STALE
    return Drift(
        "backups", "OK" if fresh else "DRIFT", wanted, f"last snapshot {state.snapshot.taken:%Y-%m-%d %H:%M} UTC"
    )


def _status(status: ConnectorStatus | Unread) -> Drift:
    if isinstance(status, Unread):
        return Drift("status", "UNKNOWN", "no error code", status.reason)
    return Drift("status", "DRIFT" if status.ecode else "OK", "no error code", status.ecode or "none")


def _health(health: Health | Unread) -> Drift:
    if isinstance(health, Unread):
        return Drift("health", "UNKNOWN", "healthy", health.reason)
    verdict = {"healthy": "OK", "unhealthy": "DRIFT", "critical": "DRIFT"}.get(health.health, "UNKNOWN")
    return Drift("health", verdict, "healthy", f"{health.health} ({health.reason})" if health.reason else health.health)


def _reason(fact: object) -> str:
    return fact.reason if isinstance(fact, Unread) else "not shown by the service"
