"""The plan: the ordered steps from what is to what is wanted. Pure; empty when nothing is to be done."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.errors import ConfigurationError, ConflictError
from keepit_dynamics.provisioning.connection import choose_connection
from keepit_dynamics.provisioning.retention import Retention
from keepit_dynamics.provisioning.rights import access_problems, may_create_problem
from keepit_dynamics.provisioning.spec import ConnectorSpec
from keepit_dynamics.provisioning.state import AccountState, ConnectorState, named, usable

__all__ = ["SUPPRESSED", "Action", "Plan", "Step", "make_plan"]

SUPPRESSED = "disable_auto_backup"
"""The attribute that keeps the automatic schedule from running (contracts/keepit.md 8.10)."""


class Action(StrEnum):
    """What a step does."""

    CREATE = "create"
    CONFIGURE = "configure"
    ENABLE = "enable"
    GRANT = "grant"
    RELEASE = "release schedule"
    START = "start first backup"


@attrs.frozen
class Step:
    """One step: what it does, what is before and after, and whether Keepit documents it.

    ``basis`` is ``documented``, ``vendor client`` (Keepit's own tools do it) or ``derived``.
    """

    action: Action
    summary: str
    basis: str
    subject: str = ""
    before: str | None = None
    after: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The step as plain JSON values."""
        return {**attrs.asdict(self), "action": self.action.value}


@attrs.frozen
class Plan:
    """The steps for one spec in one account; ``connector_id`` is None where it has to be created."""

    spec: ConnectorSpec
    account_id: str
    connection: str
    connector_id: str | None
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing has to be done."""
        return not self.steps

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "schema": "keepit-dynamics/plan/1",
            "name": self.spec.name,
            "retention": None if self.spec.retention is None else str(self.spec.retention),
            "access": list(self.spec.access),
            "account_id": self.account_id,
            "connection": self.connection,
            "connector_id": self.connector_id,
            "steps": [step.to_dict() for step in self.steps],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        if self.empty:
            return "Nothing to do: the connector is already as wanted."
        return "\n".join(f"{number}. {step.summary} ({step.basis})" for number, step in enumerate(self.steps, 1))

    def _repr_html_(self) -> str:
        from keepit_dynamics.display.html import plan_html  # noqa: PLC0415  # only notebooks need it

        return plan_html(self)


def make_plan(spec: ConnectorSpec, state: AccountState) -> Plan:
    """Compare what is wanted with what is there.

    Raises:
        ConfigurationError: The connector cannot be made so; all problems at once where they do not hide each other.
        ConflictError: The name belongs to something else; it is shown, and nothing was touched.
    """
    there = _own(spec, state)
    if there is None:
        _refuse_impossible(spec, state)
        connection = choose_connection(state, spec.connection)
        return Plan(spec, state.account_id, connection, None, tuple(_from_nothing(spec, connection)))
    connection = there.connector.connection or ""
    steps, notes = _what_is_missing(spec, there)
    problems = access_problems(state, tuple(step.subject for step in steps if step.action is Action.GRANT))
    if problems:
        raise ConfigurationError(*problems)
    return Plan(spec, state.account_id, connection, there.connector.id, tuple(steps), tuple(notes))


def _own(spec: ConnectorSpec, state: AccountState) -> ConnectorState | None:
    """The wanted connector, where it exists; a name that something else has is a conflict."""
    holders = named(state.connectors, spec.name)
    if not holders:
        return None
    shown = ", ".join(f"{one.name!r} ({one.id}, {one.type}, connection {one.connection})" for one in holders)
    if state.found is None:
        why = "which cannot be used" if not any(usable(one) for one in holders) else "more than one"
        raise ConflictError(f"The name {spec.name!r} is taken by {shown}: {why}.", hint="Choose another name.")
    found = state.found.connector
    if spec.connection is not None and found.connection != spec.connection:
        raise ConflictError(
            f"{shown} has the name {spec.name!r}, but not the connection {spec.connection!r}.",
            hint="Choose another name, or name its connection.",
        )
    if spec.retention is not None and not spec.retention.same_as(found.retention):
        raise ConflictError(
            f"{shown} keeps snapshots {found.retention or 'as long as the account allows'}, not {spec.retention}.",
            hint="Change the retention in the Keepit web application, or give the one it has.",
        )
    return state.found


def _refuse_impossible(spec: ConnectorSpec, state: AccountState) -> None:
    problems = [*access_problems(state, spec.access), *_retention_problems(spec, state)]
    if (cannot := may_create_problem(state)) is not None:
        problems.append(cannot)
    if problems:
        raise ConfigurationError(*problems)


def _retention_problems(spec: ConnectorSpec, state: AccountState) -> list[str]:
    resources = () if isinstance(state.resources, Unread) else state.resources
    limits = {one.name: one.text for one in resources if one.name.endswith("-snapshot-retention") and one.text}
    limit = limits.get("dynamics365-snapshot-retention") or limits.get("generic-snapshot-retention")
    if limit is None:
        return []
    try:
        longest = Retention.parse(limit)
    except ConfigurationError:
        return []
    if spec.retention is None or not spec.retention.longer_than(longest):
        return []
    return [f"A retention of {spec.retention} is longer than the account's {longest}."]


def _from_nothing(spec: ConnectorSpec, connection: str) -> list[Step]:
    create = Step(
        Action.CREATE,
        f"Create the connector {spec.name!r} on the connection {connection}, retention "
        f"{spec.retention or 'as the account has it'}, its schedule still held back",
        "vendor client",
        after=spec.name,
    )
    steps = [create]
    if spec.configuration is not None:
        steps.append(Step(Action.CONFIGURE, "Write the backup configuration as it was given", "derived"))
    steps.append(Step(Action.ENABLE, "Enable it", "vendor client", after="enabled"))
    steps += [_grant(login) for login in spec.access]
    return [*steps, _RELEASE, _START]


_RELEASE = Step(Action.RELEASE, "Release the automatic schedule", "derived", before="held back", after="every 12 hours")
_START = Step(Action.START, "Start the first backup", "vendor client", after="queued")


def _grant(login: str) -> Step:
    return Step(Action.GRANT, f"Give {login} access", "vendor client", subject=login, after="access")


def _what_is_missing(spec: ConnectorSpec, there: ConnectorState) -> tuple[list[Step], list[str]]:
    steps: list[Step] = []
    notes: list[str] = []
    if there.connector.enabled is False:
        steps.append(Step(Action.ENABLE, "Enable it", "vendor client", before="disabled", after="enabled"))
    if isinstance(there.access, tuple):
        held = {login.casefold() for login in there.access}
        steps += [_grant(login) for login in spec.access if login.casefold() not in held]
    elif spec.access:
        notes.append("Who has access is not shown by the service, so it is not compared.")
    if isinstance(there.attributes, Unread):
        notes.append(f"Whether the schedule is held back could not be read: {there.attributes.reason}")
    elif SUPPRESSED in there.attributes:
        steps.append(_RELEASE)
    if _never_backed_up(there):
        steps.append(_START)
    elif isinstance(there.jobs, Unread):
        notes.append(f"Whether a backup is scheduled could not be read: {there.jobs.reason}")
    return steps, notes


def _never_backed_up(there: ConnectorState) -> bool:
    if isinstance(there.jobs, Unread) or isinstance(there.snapshot, Unread) or there.snapshot is not None:
        return False
    return not any(job.type == "backup" for job in there.jobs)
