"""What is there: the facts of a Keepit account that a plan rests on, read together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread, attempt
from keepit_dynamics._core.flow import Flow, gather
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Connector, Job, Resource, Snapshot, TokenRecord

__all__ = ["AccountState", "ConnectorState", "named", "read_connector_state", "read_state"]

_TOGETHER = 8


@attrs.frozen
class ConnectorState:
    """One connector in depth; what could not be read says why.

    ``access`` is None where the service does not show the list.
    """

    connector: Connector
    attributes: Mapping[str, str | None] | Unread
    access: tuple[str, ...] | Unread | None
    jobs: tuple[Job, ...] | Unread
    snapshot: Snapshot | Unread | None


@attrs.frozen
class AccountState:
    """An account: its connectors (those marked for deletion too), tokens, resources, and one in depth.

    ``login`` is the name the token signs in with. ``found`` is the connector that has the wanted name and
    could be the wanted one; None where there is none, or where it is somebody else's.
    """

    account_id: str
    login: str
    connectors: tuple[Connector, ...]
    tokens: tuple[TokenRecord, ...] | Unread
    resources: tuple[Resource, ...] | Unread
    found: ConnectorState | None = None


def read_state(client: KeepitClient, name: str) -> Flow[AccountState]:
    """Read what a plan for a connector of this name rests on.

    Raises:
        KeepitCredentialsError: Keepit does not know the token.
        ResponseError, ProtocolError, TransportError: The connectors could not be listed.
    """
    account = yield from client.account_id()
    reads: list[Flow[Any]] = [
        client.connectors(account, deleted=True),
        attempt(client.tokens(account)),
        attempt(client.resources(account)),
    ]
    connectors, tokens, resources = yield from gather(reads, limit=_TOGETHER)
    state = AccountState(account, client.token.name, connectors, tokens, resources)
    same = [one for one in named(connectors, name) if usable(one)]
    if len(same) != 1:
        return state
    return attrs.evolve(state, found=(yield from read_connector_state(client, account, same[0])))


def read_connector_state(client: KeepitClient, account: str, connector: Connector) -> Flow[ConnectorState]:
    """Read one connector in depth."""
    reads: list[Flow[Any]] = [
        attempt(client.attributes(account, connector.id)),
        attempt(client.access_list(account, connector.id)),
        attempt(client.jobs(account, connector.id)),
        attempt(client.latest_snapshot(account, connector.id)),
    ]
    attributes, access, jobs, snapshot = yield from gather(reads, limit=_TOGETHER)
    return ConnectorState(connector, attributes, access, jobs, snapshot)


def named(connectors: tuple[Connector, ...], name: str) -> list[Connector]:
    """The connectors of a name; whether names are unique without case is not public, so case does not matter."""
    return [one for one in connectors if one.name.casefold() == name.casefold()]


def usable(connector: Connector) -> bool:
    """Whether a connector is one of this workload that the caller may act on and that is not going away."""
    return connector.type == "dynamics365" and connector.accessible is not False and not connector.deletion_deadline
