"""Carry out a plan, step by step; each step is verified by reading back, and noted in the journal.

Writes are reconciled, not retried: after an answer that was lost, what is there decides.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from keepit_dynamics._core.events import Progress
from keepit_dynamics._core.flow import Flow, emit, now
from keepit_dynamics.errors import (
    HalfMadeError,
    KeepitCredentialsError,
    KeepitDynamicsError,
    PermissionDeniedError,
    ServiceError,
)
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Connector
from keepit_dynamics.provisioning.backup import FirstBackup, open_backup, start_first_backup
from keepit_dynamics.provisioning.creation import create_once
from keepit_dynamics.provisioning.journal import Entry, Journal
from keepit_dynamics.provisioning.plan import SUPPRESSED, Action, Plan, Step

__all__ = ["Applied", "apply"]

_CONFIGURATION = "ng_backup_config"
_NOT_CONFIGURED = "E_INITIAL_CONFIGURATION_PENDING"


@attrs.frozen
class Applied:
    """A connector as it was read back, its backup that is queued or running, and what was done."""

    connector: Connector
    first_backup: FirstBackup | None
    journal: Journal


def apply(client: KeepitClient, plan: Plan) -> Flow[Applied]:
    """Carry out a plan; an empty one changes nothing.

    Raises:
        HalfMadeError: The connector exists, but a step failed; running the same again goes on.
        ConflictError, LostAnswerError, KeepitDynamicsError: Nothing was created.
    """
    run = _Run(client, plan, Journal(plan.spec.name, plan.connector_id))
    for step in plan.steps:
        yield from emit(Progress(step.summary))
        yield from run.carry_out(step)
    return (yield from run.verified())


class _Run:
    """One run through a plan."""

    def __init__(self, client: KeepitClient, plan: Plan, journal: Journal) -> None:
        self.client = client
        self.plan = plan
        self.journal = journal

    @property
    def account(self) -> str:
        return self.plan.account_id

    @property
    def connector(self) -> str:
        assert self.journal.connector_id is not None  # noqa: S101  # create is the first step
        return self.journal.connector_id

    def carry_out(self, step: Step) -> Flow[None]:
        """Carry out one step and note it; with a connector there, a failure is half-made."""
        try:
            if step.action is Action.CREATE:
                created = yield from create_once(self.client, self.plan)
                self.journal = self.journal.of(created)
            else:
                yield from self._act(step)
        except KeepitDynamicsError as error:
            if self.journal.connector_id is None:
                raise
            yield from self._note(step, f"failed: {error.message}")
            raise self._half_made(step.summary, error) from error
        yield from self._note(step, "done")

    def verified(self) -> Flow[Applied]:
        """The connector as it is now; raises HalfMadeError where it is not what it should be."""
        try:
            return (yield from self._verified())
        except KeepitDynamicsError as error:
            raise self._half_made("Reading back what was made", error) from error

    def _act(self, step: Step) -> Flow[None]:
        client, account, connector = self.client, self.account, self.connector
        match step.action:
            case Action.CONFIGURE:
                value = self.plan.spec.configuration or b""
                media_type = "application/octet-stream"
                yield from _settled(
                    lambda: client.put_attribute(account, connector, _CONFIGURATION, value, media_type),
                    lambda: self._configured(value),
                )
            case Action.ENABLE:
                yield from _settled(lambda: client.enable(account, connector), self._enabled)
            case Action.GRANT:
                login = step.subject
                yield from _settled(lambda: client.grant(account, connector, login), lambda: self._granted(login))
            case Action.RELEASE:
                yield from _settled(lambda: client.delete_attribute(account, connector, SUPPRESSED), self._released)
            case Action.START:
                yield from start_first_backup(client, account, connector, self.plan.spec.name)

    def _verified(self) -> Flow[Applied]:
        found = yield from self._found()
        backup = yield from open_backup(self.client, self.account, self.connector)
        if self.plan.empty:
            return Applied(found, backup, self.journal)
        if found.enabled is False:
            raise _not_shown("the connector is not enabled")
        if (yield from self._released()) is False:
            raise _not_shown("the schedule is still held back")
        if any(step.action is Action.START for step in self.plan.steps) and backup is None:
            raise _not_shown("no backup is queued or running")
        status = yield from self.client.status(self.account, self.connector)
        if status.ecode == _NOT_CONFIGURED:
            raise _not_shown("Keepit still calls the connector not configured, so nothing would be backed up")
        return Applied(found, backup, self.journal)

    def _found(self) -> Flow[Connector]:
        connectors = yield from self.client.connectors(self.account, deleted=True)
        found = next((one for one in connectors if one.id == self.connector), None)
        if found is None or found.deletion_deadline:
            raise _not_shown("the connector is gone or marked for deletion")
        return found

    def _configured(self, value: bytes) -> Flow[bool | None]:
        return (yield from self.client.get_attribute(self.account, self.connector, _CONFIGURATION)) == value

    def _enabled(self) -> Flow[bool | None]:
        return (yield from self._found()).enabled

    def _granted(self, login: str) -> Flow[bool | None]:
        members = yield from self.client.access_list(self.account, self.connector)
        return None if members is None else login in members

    def _released(self) -> Flow[bool | None]:
        return SUPPRESSED not in (yield from self.client.attributes(self.account, self.connector))

    def _note(self, step: Step, outcome: str) -> Flow[None]:
        self.journal = self.journal.noted(Entry(step.action.value, step.summary, (yield from now()), outcome))

    def _half_made(self, doing: str, error: KeepitDynamicsError) -> HalfMadeError:
        return HalfMadeError(
            f"The connector {self.plan.spec.name!r} ({self.journal.connector_id}) exists but is not complete. "
            f"{doing}: {error.message}",
            journal=self.journal,
            hint=f"{error.hint} Run the same again: it goes on from there and creates nothing twice.".strip(),
        )


def _settled(write: Callable[[], Flow[None]], holds: Callable[[], Flow[bool | None]]) -> Flow[None]:
    """Write what may be written twice, and read it back; once more where it does not show.

    ``holds`` is None where the service does not show it; then the write's own answer decides.
    """
    failure: KeepitDynamicsError | None = None
    for _ in range(2):
        failure = None
        try:
            yield from write()
        except (KeepitCredentialsError, PermissionDeniedError):
            raise
        except KeepitDynamicsError as error:
            failure = error
        shown = yield from holds()
        if shown or (shown is None and failure is None):
            return
    raise failure or _not_shown("what was written does not show when it is read back")


def _not_shown(what: str) -> ServiceError:
    return ServiceError(f"Reading back shows that {what}.", service="keepit", status=200)
