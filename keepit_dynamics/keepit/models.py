"""What Keepit tells of an account and its connectors, as frozen facts. Unknown words survive as text."""

from __future__ import annotations

from datetime import datetime

import attrs

__all__ = ["Connector", "ConnectorStatus", "Health", "Job", "Resource", "Snapshot", "StartedBackup", "TokenRecord"]


@attrs.frozen
class Connector:
    """A connector (``cloud`` on the wire); its id is in lower case.

    ``retention`` is an ISO 8601 period, None where the account's own holds. ``enabled`` and ``accessible`` are
    None where the answer does not say.
    """

    id: str
    name: str
    type: str
    agent_type: str | None = None
    created: datetime | None = None
    enabled: bool | None = None
    accessible: bool | None = None
    connection: str | None = None
    retention: str | None = None
    deletion_deadline: str | None = None


@attrs.frozen
class Job:
    """A job; times are aware. ``state`` is the service's word, where it gives one."""

    id: str
    type: str
    description: str = ""
    active: bool | None = None
    start: datetime | None = None
    scheduled: datetime | None = None
    succeeded: datetime | None = None
    failed: datetime | None = None
    cancelled: datetime | None = None
    state: str | None = None

    @property
    def outcome(self) -> str:
        """``cancelled``, ``succeeded``, ``failed``, ``active`` or ``pending`` (contracts/keepit.md 8.14)."""
        if self.state in _BY_STATE:
            return _BY_STATE[self.state]
        ends = {"cancelled": self.cancelled, "succeeded": self.succeeded, "failed": self.failed}
        ended = next((word for word, time in ends.items() if time is not None), None)
        return ended or ("active" if self.active else "pending")

    @property
    def open(self) -> bool:
        """Whether it is queued or running."""
        return self.outcome in {"active", "pending"}


_BY_STATE = {
    "successful": "succeeded",
    "incomplete": "succeeded",
    "unsuccessful": "failed",
    "cancelled": "cancelled",
    "scheduled": "pending",
    "in-progress": "active",
}


@attrs.frozen
class StartedBackup:
    """What asking for a backup came to: ``started``, ``already queued`` or ``already running``.

    ``job_id`` and ``start`` are None where the answer does not tell.
    """

    outcome: str
    job_id: str | None = None
    start: datetime | None = None


@attrs.frozen
class Resource:
    """A resource of the account's product, with its limit and usage where they are numbers."""

    name: str
    limit: int | None = None
    usage: int | None = None
    type: str | None = None
    text: str | None = None


@attrs.frozen
class TokenRecord:
    """A token of the account, without its password. ``login`` is the name it signs in with."""

    login: str
    description: str = ""
    primary: bool | None = None
    role: str | None = None
    owner: str | None = None


@attrs.frozen
class Health:
    """A connector's health word, in lower case, and the reason."""

    health: str
    reason: str | None = None


@attrs.frozen
class ConnectorStatus:
    """A connector's status: a number without published meaning, and an error code where there is one."""

    number: str
    ecode: str | None = None


@attrs.frozen
class Snapshot:
    """A snapshot; ``size`` in bytes, ``complete`` False for a partial one."""

    taken: datetime
    complete: bool
    size: int | None = None
