"""Creating a connector once: whatever happens to the answer, a look decides what is there (keepit.md 8.8, 10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from keepit_dynamics._core.flow import Flow, now
from keepit_dynamics.errors import (
    ConflictError,
    KeepitCredentialsError,
    KeepitDynamicsError,
    LostAnswerError,
    PermissionDeniedError,
    ProtocolError,
    ResponseError,
    TransportError,
)
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Connector
from keepit_dynamics.provisioning.plan import SUPPRESSED, Plan
from keepit_dynamics.provisioning.state import named, usable

__all__ = ["create_once"]

_CLOCKS_APART = timedelta(minutes=10)
"""How far the service's clock and ours may differ when "created not before" is judged."""


def create_once(client: KeepitClient, plan: Plan) -> Flow[str]:
    """Create the connector of a plan; its id. The create is sent at most once.

    One that another process made in the meantime, of the same name, type and connection, is taken as it is.

    Raises:
        ConflictError: The name is taken by something else.
        LostAnswerError: The answer was lost, and no connector is to be seen.
        KeepitDynamicsError: Keepit refused; nothing was created.
    """
    before = yield from client.connectors(plan.account_id, deleted=True)
    if (taken := named(before, plan.spec.name)) != []:
        return _adopted(taken, plan).id
    began = yield from now()
    retention = plan.spec.retention.period if plan.spec.retention else None
    try:
        created = yield from client.create_connector(
            plan.account_id,
            name=plan.spec.name,
            connection=plan.connection,
            retention=retention,
            attributes={SUPPRESSED: "1"},
        )
    except (KeepitCredentialsError, PermissionDeniedError):
        raise
    except KeepitDynamicsError as error:
        return (yield from _look_after(client, plan, began, error))
    return created or (yield from _look_after(client, plan, began, None))


def _look_after(client: KeepitClient, plan: Plan, began: datetime, error: KeepitDynamicsError | None) -> Flow[str]:
    """What a create whose answer is lost or unclear has left behind."""
    try:
        there = yield from client.connectors(plan.account_id, deleted=True)
    except KeepitDynamicsError as unseen:
        raise LostAnswerError(
            f"Whether the connector {plan.spec.name!r} was created is not known: the answer was lost, and the "
            f"connectors cannot be listed ({unseen.message}).",
            hint="Run the same again: it looks for the connector before it creates one.",
        ) from (error or unseen)
    made = [one for one in named(there, plan.spec.name) if _ours(one, plan, began)]
    if len(made) == 1:
        return made[0].id
    if made:
        raise ConflictError(f"There are {len(made)} connectors called {plan.spec.name!r}: {_shown(made)}.")
    if error is not None and _is_refusal(error):
        raise error
    raise LostAnswerError(
        f"The answer to creating {plan.spec.name!r} was lost, and no such connector is to be seen.",
        hint="Run the same again: it looks for the connector before it creates one.",
    ) from error


def _adopted(taken: list[Connector], plan: Plan) -> Connector:
    if len(taken) == 1 and _fits(taken[0], plan):
        return taken[0]
    raise ConflictError(
        f"The name {plan.spec.name!r} was taken in the meantime by {_shown(taken)}.", hint="Choose another name."
    )


def _ours(connector: Connector, plan: Plan, began: datetime) -> bool:
    return _fits(connector, plan) and (connector.created is None or connector.created >= began - _CLOCKS_APART)


def _fits(connector: Connector, plan: Plan) -> bool:
    return usable(connector) and connector.connection == plan.connection


def _is_refusal(error: KeepitDynamicsError) -> bool:
    """Whether the service said no, so that nothing was made; anything else may have been done all the same."""
    if isinstance(error, TransportError | ProtocolError):
        return False
    return not isinstance(error, ResponseError) or 400 <= error.status < 500 or error.status == 200


def _shown(connectors: list[Connector]) -> str:
    return ", ".join(f"{one.name!r} ({one.id}, {one.type}, connection {one.connection})" for one in connectors)
