"""The first backup: started once, and seen in the list of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from keepit_dynamics._core.flow import Flow, sleep
from keepit_dynamics.errors import KeepitDynamicsError, ServiceError
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Job

__all__ = ["FirstBackup", "open_backup", "start_first_backup"]

_POLLS = 12
_PAUSE = 5.0
"""Seconds between two looks; a job may take a moment to show."""


@attrs.frozen
class FirstBackup:
    """A backup that is queued or running; ``at`` is its start, where the service tells it."""

    job_id: str
    state: str
    at: datetime | None

    @classmethod
    def of(cls, job: Job) -> FirstBackup:
        """The backup that a job is."""
        state = "running" if job.outcome == "active" else "queued"
        return cls(job.id, state, job.start or job.scheduled)

    @property
    def sentence(self) -> str:
        """The backup in a sentence for people."""
        when = f", {self.at:%Y-%m-%d %H:%M:%S} UTC" if self.at else ""
        return f"The first backup is {self.state}{when} (job {self.job_id})."

    def to_dict(self) -> dict[str, Any]:
        """The backup as plain JSON values."""
        at = self.at.strftime("%Y-%m-%dT%H:%M:%SZ") if self.at else None
        return {"job_id": self.job_id, "state": self.state, "at": at}


def start_first_backup(client: KeepitClient, account: str, connector: str, name: str) -> Flow[FirstBackup]:
    """Start a backup unless one is queued or running, and wait until it shows.

    A lost answer is followed by a look at the jobs, never by a second start.

    Raises:
        KeepitDynamicsError: It was refused, or does not show.
    """
    already = yield from open_backup(client, account, connector)
    if already is not None:
        return already
    failure: KeepitDynamicsError | None = None
    try:
        yield from client.start_backup(account, connector, f"First backup of {name}")
    except KeepitDynamicsError as error:
        failure = error
    for poll in range(1 if failure else _POLLS):
        if poll:
            yield from sleep(_PAUSE)
        found = yield from open_backup(client, account, connector)
        if found is not None:
            return found
    raise failure or ServiceError(
        "The backup was accepted, but does not show among the jobs.", service="keepit", status=200
    )


def open_backup(client: KeepitClient, account: str, connector: str) -> Flow[FirstBackup | None]:
    """The backup that is queued or running, if there is one; a running one first."""
    jobs = yield from client.jobs(account, connector)
    waiting = [job for job in jobs if job.type == "backup" and job.open]
    waiting.sort(key=lambda job: (job.outcome != "active", job.start is None, job.start))
    return FirstBackup.of(waiting[0]) if waiting else None
