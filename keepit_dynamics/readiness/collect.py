"""Collect the facts for a snapshot: everything that can go together goes together (design: Speed).

Round trips, with the account signed in: tokens; directory, discovery and the admin list; a token for each
environment; one question to each environment, and a second one only before a negative verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from keepit_dynamics._core.events import Progress
from keepit_dynamics._core.facts import Unread, attempt
from keepit_dynamics._core.flow import Flow, emit, gather, now
from keepit_dynamics.auth.account import Account
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.client import DataverseClient
from keepit_dynamics.dataverse.environments import AdministeredEnvironment, DiscoveredEnvironment
from keepit_dynamics.graph.client import DirectoryFacts, GraphClient, LicensedUsers
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.keepit.models import Resource
from keepit_dynamics.licensing.seats import seat_skus
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["Collector"]

_SEATS = "dynamics365-seats-total"
"""The resource that limits seats; an account without it has no limit (contracts/keepit.md 8.6)."""


@attrs.frozen
class Collector:
    """Reads a snapshot with the signed-in account's rights."""

    endpoints: Endpoints
    graph: GraphClient
    dataverse: DataverseClient
    keepit: KeepitClient | None
    limit: int = 64

    def collect(self, account: Account, subject: str | None = None) -> Flow[Snapshot]:
        """Read everything about a subject; what cannot be read stands in the snapshot with its reason.

        Args:
            account: The signed-in account.
            subject: UPN or object id of the account to assess; None is the signed-in one.
        """
        is_self = subject is None or subject.casefold() in {account.username.casefold(), account.object_id}
        asked = None if is_self else subject
        yield from emit(Progress("Reading the directory and the environments"))
        reads: list[Flow[Any]]
        if is_self:
            reads = [
                self._directory(None),
                self._environments(account.object_id),
                self._keepit(),
            ]
            directory, environments, keepit = yield from gather(reads, limit=self.limit)
        else:
            reads = [self._directory(asked), self._keepit()]
            directory, keepit = yield from gather(reads, limit=self.limit)
            subject_id = None if isinstance(directory.facts.user, Unread) else directory.facts.user.id
            environments = yield from self._environments(subject_id)
        return Snapshot(
            taken_at=(yield from now()),
            signed_in=account,
            subject_is_signed_in=is_self,
            subject=account.username if is_self or subject is None else subject,
            directory=directory.facts,
            discovered=environments.discovered,
            administered=environments.administered,
            environments=environments.merged,
            seat_users=(yield from self._users_that_settle(directory, keepit.seat_limit)),
            seat_limit=keepit.seat_limit,
            connector_exists=keepit.connector_exists,
        )

    def _directory(self, subject: str | None) -> Flow[_Directory]:
        facts = yield from attempt(self.graph.directory(subject))
        if isinstance(facts, Unread):
            return _Directory(_nothing_read(facts), (), facts)
        if isinstance(facts.subscribed, Unread):
            return _Directory(facts, (), facts.subscribed)
        sku_ids = tuple(sorted({sku.sku_id for sku in seat_skus(facts.subscribed)}))
        return _Directory(facts, sku_ids, (yield from attempt(self.graph.licensed_users(sku_ids))))

    def _users_that_settle(self, directory: _Directory, limit: int | Unread | None) -> Flow[LicensedUsers | Unread]:
        """All users one by one, but only where the bound leaves the question open."""
        users = directory.users
        if isinstance(users, Unread) or users.users is not None or not isinstance(limit, int) or users.count <= limit:
            return users
        return (yield from attempt(self.graph.licensed_users(directory.seat_sku_ids, whole=True)))

    def _keepit(self) -> Flow[_Keepit]:
        if self.keepit is None:
            unasked = Unread("No Keepit credentials were given.")
            return _Keepit(unasked, unasked)
        account = yield from attempt(self.keepit.account_id())
        if isinstance(account, Unread):
            return _Keepit(account, account)
        reads: list[Flow[Any]] = [
            attempt(self.keepit.resources(account)),
            attempt(self.keepit.connectors(account)),
        ]
        resources, connectors = yield from gather(reads, limit=self.limit)
        exists: bool | Unread = connectors
        if not isinstance(connectors, Unread):
            exists = any(one.type == "dynamics365" and not one.deletion_deadline for one in connectors)
        return _Keepit(_seat_limit(resources), exists)

    def _environments(self, object_id: str | None) -> Flow[_Environments]:
        lists: list[Flow[Any]] = [attempt(self.dataverse.discover()), attempt(self._administered())]
        discovered, administered = yield from gather(lists, limit=self.limit)
        merged = merge(discovered, administered)
        yield from emit(Progress(f"Asking {len(merged)} environments"))
        asked = yield from gather([self._asked(one, object_id) for one in merged], limit=self.limit)
        return _Environments(discovered, administered, tuple(asked))

    def _administered(self) -> Flow[tuple[AdministeredEnvironment, ...] | Unread]:
        if self.endpoints.admin is None:
            return Unread("No address of the environment admin API is given.")
        return (yield from self.dataverse.administered())

    def _asked(self, environment: EnvironmentFacts, object_id: str | None) -> Flow[EnvironmentFacts]:
        """Ask an environment that discovery lists; any other is not touched, since that could add a user there."""
        found = environment.discovered
        if found is None or environment.closed:
            return environment
        if object_id is None:
            return attrs.evolve(environment, access=Unread("The account's object id is not known."))
        if found.address is None:
            return attrs.evolve(environment, access=Unread("Discovery gives no usable address."))
        access = yield from attempt(self.dataverse.access(found.address, object_id))
        return attrs.evolve(environment, access=access)


@attrs.frozen
class _Directory:
    facts: DirectoryFacts
    seat_sku_ids: tuple[str, ...]
    users: LicensedUsers | Unread


@attrs.frozen
class _Environments:
    discovered: tuple[DiscoveredEnvironment, ...] | Unread
    administered: tuple[AdministeredEnvironment, ...] | Unread
    merged: tuple[EnvironmentFacts, ...]


@attrs.frozen
class _Keepit:
    seat_limit: int | Unread | None
    connector_exists: bool | Unread


def _seat_limit(resources: Sequence[Resource] | Unread) -> int | Unread | None:
    if isinstance(resources, Unread):
        return resources
    found = next((one for one in resources if one.name == _SEATS), None)
    if found is not None and found.limit is None:
        return Unread(f"Keepit names no number for {_SEATS}.")
    return None if found is None else found.limit


def merge(
    discovered: Sequence[DiscoveredEnvironment] | Unread,
    administered: Sequence[AdministeredEnvironment] | Unread,
) -> list[EnvironmentFacts]:
    """Every environment with Dataverse once, joined by organization id, else by environment id."""
    found = [] if isinstance(discovered, Unread) else list(discovered)
    merged: list[EnvironmentFacts] = []
    for listed in () if isinstance(administered, Unread) else administered:
        if not listed.has_dataverse:
            continue
        match = next((one for one in found if _same(one, listed)), None)
        if match is not None:
            found.remove(match)
        merged.append(EnvironmentFacts(match, listed))
    return merged + [EnvironmentFacts(one, None) for one in found]


def _same(found: DiscoveredEnvironment, listed: AdministeredEnvironment) -> bool:
    if listed.organization_id is not None:
        return found.organization_id.lower() == listed.organization_id.lower()
    return (found.environment_id or "").lower() == listed.environment_id.lower()


def _nothing_read(cause: Unread) -> DirectoryFacts:
    return DirectoryFacts(**{field.name: cause for field in attrs.fields(DirectoryFacts)})
