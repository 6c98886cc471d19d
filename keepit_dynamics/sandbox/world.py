"""A whole world: one tenant, its environments, one Keepit account; ``handle`` answers every request.

Services are told apart by the first part of the path; what is left is what each service's own host would see.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.entra import Entra
from keepit_dynamics.sandbox.faults import Fault, Faults
from keepit_dynamics.sandbox.graph import Graph
from keepit_dynamics.sandbox.journal import Journal, Record
from keepit_dynamics.sandbox.keepit import Keepit
from keepit_dynamics.sandbox.powerplatform import PowerPlatform
from keepit_dynamics.sandbox.tenant_file import TenantFile
from keepit_dynamics.sandbox.tenant_rules import check_tenant
from keepit_dynamics.sandbox.tokens import Tokens
from keepit_dynamics.sandbox.wire import Request, Response, Service

__all__ = ["World"]

_PREFIXES = ("graph", "discovery", "admin", "keepit")
_LOG = logging.getLogger(__name__)


class World:
    """One sandbox. ``latency`` is added to every answer by the doors, in seconds.

    Raises TenantFileError for a tenant that cannot be.
    """

    def __init__(
        self,
        spec: TenantFile,
        *,
        base_url: str = "https://localhost",
        clock: Clock | None = None,
        auto_approve: Collection[str] = (),
        faults: Sequence[Fault] = (),
        latency: float = 0.0,
    ) -> None:
        check_tenant(spec)
        self.spec = spec
        self.base_url = base_url.rstrip("/")
        self.clock = clock or Clock()
        self.latency = latency
        self.journal = Journal()
        self.faults = Faults(faults)
        self.directory = Directory(spec, self.clock)
        self.tokens = Tokens(self.directory, self.clock, self.base_url)
        self.graph = Graph(self.directory, self.tokens, self.clock, self.base_url)
        self.power_platform = PowerPlatform(spec, self.directory, self.tokens, self.clock, self.base_url)
        self.entra = Entra(
            self.directory,
            self.tokens,
            self.clock,
            self.base_url,
            auto_approve=auto_approve,
            has_environment=lambda url_name: self.power_platform.environment(url_name) is not None,
        )
        self.keepit = Keepit(spec.keepit, self.clock)
        self.graph.intercept = self.faults.apply
        self.power_platform.intercept = self.faults.apply

    def handle(self, request: Request) -> Response:
        """Answer a request, spoilt as the faults say."""
        name, service, inner = self._route(request)
        if service is None:
            return Response.of_text(f"No such environment: {request.path}", 404)
        # An environment's name stays in the path that faults are matched with, so that they can name one.
        path = request.path if name == "dataverse" else inner.path
        url = f"{path}?{inner.query}" if inner.query else path
        if inner.path.endswith("/$batch"):
            # Its parts are matched before the whole is (interfaces.md 5); a batch of reads may act unseen.
            answer = _answer(service, inner)
            return self.faults.apply(name, request.method, url, lambda: answer)
        return self.faults.apply(name, request.method, url, lambda: _answer(service, inner))

    def delay(self, request: Request) -> float:
        """Seconds that an answer to this request takes on top of the work."""
        first, url_name, _ = _split(request.path)
        return self.latency + (self.power_platform.slow_ms(url_name) / 1000 if first == "env" else 0.0)

    def record(self, request: Request, status: int, started: float) -> None:
        """Write a request into the journal, with the present as its end; query values of Entra stay out."""
        name, _, inner = self._route(request)
        path = f"{inner.path}?{inner.query}" if inner.query and name != "entra" else inner.path
        self.journal.add(Record(name, request.method, path, status, started, time.monotonic()))

    def _route(self, request: Request) -> tuple[str, Service | None, Request]:
        first, second, _ = _split(request.path)
        if first in _PREFIXES:
            services: dict[str, Service] = {
                "graph": self.graph,
                "discovery": self.power_platform.discovery,
                "admin": self.power_platform.admin,
                "keepit": self.keepit,
            }
            return first, services[first], _without(request, f"/{first}")
        if first == "env":
            return "dataverse", self.power_platform.environment(second), _without(request, f"/env/{second}")
        return "entra", self.entra, request


def _answer(service: Service, request: Request) -> Response:
    """A service's answer; a bug in it is the service's failure, not the client's."""
    try:
        return service.handle(request)
    except Exception:  # noqa: BLE001  # whatever it is
        _LOG.exception("The sandbox failed on %s %s", request.method, request.path)
        return Response.of_text("The sandbox failed on this request.", 500)


def _split(path: str) -> tuple[str, str, str]:
    first, _, rest = path.removeprefix("/").partition("/")
    second, _, rest = rest.partition("/")
    return first, second, rest


def _without(request: Request, prefix: str) -> Request:
    return attrs.evolve(request, path=request.path.removeprefix(prefix) or "/")
