"""The facade: composes sign-in, facts, verdicts and acts, and does nothing else.

A builder is frozen. Each setting returns a new builder, is checked at once, and sends nothing; ``check``,
``plan``, ``create`` and ``verify`` do. Builders made from each other share one sign-in and its connections.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import attrs

from keepit_dynamics._core.drivers import AsyncDriver, BlockingDriver, Observer
from keepit_dynamics._core.events import Progress, log_event
from keepit_dynamics._core.flow import Flow, emit
from keepit_dynamics._core.network import Network, NetworkSettings
from keepit_dynamics._core.retry import RetryPolicy
from keepit_dynamics._core.surface import operation
from keepit_dynamics.auth.account import Account
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.auth.session import MicrosoftSession
from keepit_dynamics.auth.ways import SignIn, default_way
from keepit_dynamics.clouds import Endpoints, KeepitToken, keepit_address
from keepit_dynamics.dataverse.client import DataverseClient
from keepit_dynamics.errors import ConfigurationError, NotReadyError
from keepit_dynamics.graph.client import GraphClient
from keepit_dynamics.keepit.client import KeepitClient
from keepit_dynamics.outcome import Created, Verified
from keepit_dynamics.provisioning import ConnectorSpec, Plan, Retention, apply, make_plan, read_state, verify
from keepit_dynamics.readiness.collect import Collector
from keepit_dynamics.readiness.report import Report, judge
from keepit_dynamics.readiness.requirements import REQUIREMENT_SETS
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ConnectorBuilder"]


@attrs.frozen(kw_only=True)
class _Where:
    """Everything a sign-in and its connections depend on."""

    endpoints: Endpoints = attrs.field(factory=Endpoints.for_cloud)
    way: SignIn | None = None
    network: NetworkSettings = attrs.field(factory=NetworkSettings)


class _Session:
    """The connections and the sign-in that builders made from each other share."""

    def __init__(self, where: _Where) -> None:
        self.where = where

    @cached_property
    def network(self) -> Network:
        ca_file = self.where.network.ca_file or self.where.endpoints.ca_file
        return Network(attrs.evolve(self.where.network, ca_file=ca_file))

    @cached_property
    def microsoft(self) -> MicrosoftSession:
        return MicrosoftSession(self.where.endpoints, self.network, self.where.way or default_way())


@attrs.frozen(kw_only=True)
class BuilderBase:
    """The settings and the operations, written once for both surfaces."""

    _session: _Session = attrs.field(factory=lambda: _Session(_Where()), repr=False, eq=False)
    _keepit_token: KeepitToken | None = None
    _subject: str | None = None
    _requirements: str = "dynamics_ce"
    _spec: ConnectorSpec | None = None
    _draft: dict[str, Any] = attrs.field(factory=dict, repr=False)
    _retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    _observer: Observer | None = attrs.field(default=None, repr=False)

    def endpoints(self, endpoints: Endpoints | str | Path) -> Self:
        """Use other addresses than the public cloud's; a path names an endpoints file.

        Raises:
            ConfigurationError: The file cannot be read, or holds an address that is not https.
        """
        loaded = endpoints if isinstance(endpoints, Endpoints) else Endpoints.load(endpoints)
        return self._moved(endpoints=loaded)

    def cloud(self, name: str) -> Self:
        """Use a national cloud: ``public``, ``gcc``, ``gcc-high``, ``dod`` or ``china``.

        Raises:
            ConfigurationError: The cloud is not known.
        """
        old = self._session.where.endpoints
        new = Endpoints.for_cloud(name)
        names = ("client_id", "tenant", "username", "keepit", "keepit_token", "ca_file")
        kept = {name: getattr(old, name) for name in names}
        return self._moved(endpoints=attrs.evolve(new, **kept))

    def account(
        self,
        way: SignIn | None = None,
        *,
        tenant: str | None = None,
        client_id: str | None = None,
        username: str | None = None,
    ) -> Self:
        """Say how to sign in to Microsoft, and with what.

        Args:
            way: ``Browser()`` or ``DeviceCode()``; without one, the browser where there is one.
            tenant: Tenant id or domain.
            client_id: The public client application, as registered in Entra.
            username: The account that has to sign in; another one is refused.
        """
        given: dict[str, Any] = {"tenant": tenant, "client_id": client_id, "username": username}
        changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        where = self._session.where
        return self._moved(endpoints=attrs.evolve(where.endpoints, **changed), way=way or where.way)

    def keepit(self, name: str, secret: str, *, region: str | None = None) -> Self:
        """Give the Keepit API token, and the region or address of the account.

        Raises:
            ConfigurationError: The token's name cannot be one, or the region is not known.
        """
        token = KeepitToken(name, secret)
        return attrs.evolve(self.region(region) if region else self, keepit_token=token)

    def region(self, region: str) -> Self:
        """Say in which Keepit region the account is (``dk-co``, ``us-dc`` …), or its https address.

        Raises:
            ConfigurationError: The region is not known.
        """
        return self._moved(endpoints=attrs.evolve(self._session.where.endpoints, keepit=keepit_address(region)))

    def network(self, settings: NetworkSettings) -> Self:
        """Set timeouts, proxy, certificates, limits, or a transport."""
        return self._moved(network=settings)

    def retry(self, policy: RetryPolicy) -> Self:
        """Set how often and how long safe requests are repeated."""
        return attrs.evolve(self, retry=policy)

    def watch(self, observer: Observer) -> Self:
        """Be told of requests and progress; an observer gets event objects and must not block."""
        return attrs.evolve(self, observer=observer)

    def subject(self, upn: str | None) -> Self:
        """Assess another account than the signed-in one."""
        return attrs.evolve(self, subject=upn)

    def requirements(self, name: str) -> Self:
        """Judge by a named set of requirements.

        Raises:
            ConfigurationError: There is no such set.
        """
        if name not in REQUIREMENT_SETS:
            raise ConfigurationError(
                f"There is no set of requirements called {name!r}.", hint=f"Known sets: {', '.join(REQUIREMENT_SETS)}."
            )
        return attrs.evolve(self, requirements=name)

    def named(self, name: str) -> Self:
        """Name the connector (1 to 255 characters)."""
        return self._drafted(name=name)

    def retention(self, period: Retention | str) -> Self:
        """Keep snapshots for an ISO 8601 period (``P3Y``, ``P6M``), or ``unlimited``."""
        return self._drafted(retention=period if isinstance(period, Retention) else Retention.parse(period))

    def access(self, *logins: str) -> Self:
        """Give these Keepit users access to the connector."""
        return self._drafted(access=tuple(logins))

    def connection(self, connection_id: str | None) -> Self:
        """Use this connection; needed only where there are several."""
        return self._drafted(connection=connection_id)

    def configuration(self, configuration: bytes | str | None) -> Self:
        """Write this backup configuration (JSON text) as it is.

        Raises:
            ConfigurationError: It is no JSON object.
        """
        data = configuration.encode() if isinstance(configuration, str) else configuration
        if data is not None and not _is_json_object(data):
            raise ConfigurationError("The backup configuration is not a JSON object.")
        return self._drafted(configuration=data)

    @property
    def spec(self) -> ConnectorSpec:
        """What the connector shall be.

        Raises:
            ConfigurationError: No name has been given.
        """
        if self._spec is None:
            raise ConfigurationError("The connector has no name yet.", hint="Give it one: named('…'), --name.")
        return self._spec

    @operation
    def sign_in(self) -> Flow[Account]:
        """Sign in and check the account.

        Raises:
            SignInError: One class for each thing a person can do about it.
        """
        return self._session.microsoft.sign_in()

    @operation
    def snapshot(self) -> Flow[Snapshot]:
        """All facts on the subject and its tenant, without verdicts.

        Raises:
            SignInError: The sign-in did not work.
        """
        return self._collect()

    @operation
    def check(self) -> Flow[Report]:
        """Whether the account is ready, environment by environment.

        What cannot be determined is UNKNOWN in the report, with the reason; nothing is changed.

        Raises:
            SignInError: The sign-in did not work.
            ConfigurationError: Something needed was not given.
        """
        return self._checked()

    @operation
    def plan(self) -> Flow[Plan]:
        """What has to be done for the connector to be as wanted; nothing is changed.

        Raises:
            ConfigurationError: The connector cannot be made so: the problems, all at once.
            ConflictError: Something of somebody else's has the name.
            KeepitCredentialsError: Keepit does not know the token.
        """
        return self._planned()

    @operation
    def create(self, *, even_if_not_ready: bool = False) -> Flow[Created]:
        """Create the connector, complete, with its first backup scheduled; what is already so is left alone.

        Args:
            even_if_not_ready: Create although the account is not ready.

        Raises:
            NotReadyError: The account is not ready; carries the report. Nothing was created.
            HalfMadeError: The connector exists but is not complete; running the same again goes on.
            ConfigurationError, ConflictError, KeepitCredentialsError: As for ``plan``.
        """
        return self._created(even_if_not_ready)

    @operation
    def verify(self) -> Flow[Verified]:
        """Whether connector and account are still as they should be; nothing is changed.

        Raises:
            SignInError, KeepitCredentialsError: A sign-in did not work.
        """
        return self._verified()

    def _checked(self) -> Flow[Report]:
        return judge((yield from self._collect()), self._requirements)

    def _collect(self) -> Flow[Snapshot]:
        microsoft, endpoints = self._session.microsoft, self._session.where.endpoints
        account = yield from microsoft.sign_in()
        sender = BearerSender(endpoints, microsoft, self._retry)
        collector = Collector(
            endpoints=endpoints,
            graph=GraphClient(sender),
            dataverse=DataverseClient(sender, endpoints),
            keepit=self._keepit_client() if self._token() else None,
            limit=self._session.where.network.in_flight,
        )
        return (yield from collector.collect(account, self._subject))

    def _planned(self) -> Flow[Plan]:
        spec, client = self.spec, self._keepit_client()
        yield from emit(Progress("Reading the Keepit account"))
        return make_plan(spec, (yield from read_state(client, spec.name)))

    def _created(self, even_if_not_ready: bool) -> Flow[Created]:
        plan = yield from self._planned()
        report: Report | None = None
        if not plan.empty:
            report = yield from self._checked()
            if not report.ready and not even_if_not_ready:
                raise NotReadyError(
                    f"{report.subject_upn} is not ready: {len(report.problems())} findings are not met.",
                    report=report,
                    hint="Nothing was created. Follow the remedies of the report and run the check again.",
                )
        applied = yield from apply(self._keepit_client(), plan)
        return Created(applied.connector, applied.first_backup, plan, report, None if plan.empty else applied.journal)

    def _verified(self) -> Flow[Verified]:
        verification = yield from verify(self._keepit_client(), self.spec)
        return Verified((yield from self._checked()), verification)

    def _keepit_client(self) -> KeepitClient:
        token = self._token()
        if token is None:
            raise ConfigurationError(
                "No Keepit token is given.",
                hint="Set KEEPIT_TOKEN_NAME and KEEPIT_TOKEN_SECRET, or call keepit(name, secret, region=…).",
            )
        return KeepitClient(self._session.where.endpoints.keepit, token, self._retry)

    def _token(self) -> KeepitToken | None:
        return self._keepit_token or self._session.where.endpoints.keepit_token

    def _moved(self, **changed: Any) -> Self:
        return attrs.evolve(self, session=_Session(attrs.evolve(self._session.where, **changed)))

    def _drafted(self, **changed: Any) -> Self:
        draft = {**self._draft, **changed}
        spec = ConnectorSpec(**draft) if "name" in draft else None
        return attrs.evolve(self, draft=draft, spec=spec)

    def _observe(self, event: Any) -> None:
        log_event(event)
        if self._observer is not None:
            self._observer(event)


class ConnectorBuilder(BuilderBase):
    """Checks an account and makes its connector, blocking; works inside a running event loop as well.

    Example:
        >>> from keepit_dynamics import ConnectorBuilder, DeviceCode
        >>> builder = ConnectorBuilder().account(DeviceCode(), tenant="contoso.example", client_id="…")
        >>> builder.check()  # doctest: +SKIP
    """

    def close(self) -> None:
        """Close the connections; a later operation opens new ones."""
        self._session.network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _blocking_driver(self) -> BlockingDriver:
        return BlockingDriver(self._session.network, self._observe)


class AsyncConnectorBuilder(BuilderBase):
    """The same as :class:`ConnectorBuilder`, awaited, on asyncio or trio."""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._session.network.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _async_driver(self) -> AsyncDriver:
        return AsyncDriver(self._session.network, self._observe)


def _is_json_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False
