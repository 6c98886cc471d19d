"""The Web API of one environment as a service: who may come in, single requests, batches."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Access
from keepit_dynamics.sandbox.powerplatform.dataverse import answers
from keepit_dynamics.sandbox.powerplatform.dataverse.addresses import no_such_segment
from keepit_dynamics.sandbox.powerplatform.dataverse.batch import Batch
from keepit_dynamics.sandbox.powerplatform.dataverse.preferences import preferences_of
from keepit_dynamics.sandbox.powerplatform.dataverse.routing import Route
from keepit_dynamics.sandbox.powerplatform.refusal import Door, Refused
from keepit_dynamics.sandbox.powerplatform.state import Environment
from keepit_dynamics.sandbox.tenant_file import derived_id
from keepit_dynamics.sandbox.tokens import Claims
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["EnvironmentService", "Intercept"]

Intercept = Callable[[str, str, str, Callable[[], Response]], Response]

_MAX_ADDRESS = 32768

# What an intercepted part tells the doors about the connection holds for the whole answer.
_MARK = "x-sandbox-"

_VERSION = re.compile(r"v9\.\d")


class EnvironmentService:
    """Answers ``/api/data/v9.2/...`` of one environment."""

    def __init__(
        self,
        environment: Environment,
        directory: Directory,
        door: Door,
        clock: Clock,
        lock: threading.RLock,
        intercept: Callable[[], Intercept | None],
    ) -> None:
        self._environment = environment
        self._directory = directory
        self._door = door
        self._clock = clock
        self._lock = lock
        self._intercept = intercept
        self._access = Access(environment, directory)
        self._answered = 0

    @property
    def slow_ms(self) -> int:
        """How long the doors to the sandbox hold back each answer of this environment."""
        return self._environment.spec.behaviour.slow_ms

    def handle(self, request: Request) -> Response:
        """Answer a request; a status that the tenant file gives the environment answers all of them."""
        status = self._environment.spec.behaviour.status
        if status is not None:
            return self._identified(_misbehaving(status))
        claims = self._door.admit(request)
        if isinstance(claims, Response):
            return self._identified(claims)
        answer = self._batch if request.path.endswith("/$batch") else self._single
        response = answer(request, claims)
        self._after_contact(claims)
        return response

    def _single(self, request: Request, claims: Claims) -> Response:
        with self._lock:
            return self._identified(self._worded(request, lambda: self._routed(request, claims)))

    def _worded(self, request: Request, act: Callable[[], Response]) -> Response:
        try:
            return act()
        except Refused as refused:
            return answers.error(refused, annotated=preferences_of(request).annotations == "*")

    def _routed(self, request: Request, claims: Claims) -> Response:
        self._environment.settle(self._clock.now())
        caller = self._access.enter(claims.oid)
        if len(request.path) + len(request.query) > _MAX_ADDRESS:
            raise Refused(414, "", "The request URI is too long.")
        version, path = self._below_version(request)
        root = f"{self._environment.address}/api/data/{version}"
        return Route(request, self._environment, self._directory, caller, root).answer(path)

    def _below_version(self, request: Request) -> tuple[str, list[str]]:
        segments = request.segments
        if segments[:2] != ["api", "data"] or len(segments) < 3 or not _VERSION.fullmatch(segments[2]):
            raise no_such_segment("/".join(segments[:3]))
        return segments[2], segments[3:]

    def _batch(self, request: Request, claims: Claims) -> Response:
        """Membership is checked for the batch as a whole, everything else for each part."""
        marks: dict[str, str] = {}

        def run(part: Request) -> Response:
            answer = self._intercepted(part, lambda: self._single(part, claims))
            marks.update({name: value for name, value in answer.headers.items() if name.startswith(_MARK)})
            return answer

        def act() -> Response:
            self._below_version(request)
            if request.method != "POST":
                raise Refused(405, "", f"The requested resource does not support http method '{request.method}'.")
            with self._lock:
                self._environment.settle(self._clock.now())
                self._access.admit(claims.oid)
            return Batch(run, self._all_or_none, self._new_id, self._environment.address).answer(request)

        response = self._identified(self._worded(request, act))
        return Response(response.status, response.headers | marks, response.body)

    def _intercepted(self, part: Request, act: Callable[[], Response]) -> Response:
        intercept = self._intercept()
        if intercept is None:
            return act()
        target = f"{part.path}?{part.query}" if part.query else part.path
        return intercept("dataverse", part.method, target, act)

    def _all_or_none(self, run: Callable[[], Response | None]) -> Response | None:
        """Undo what a change set did to rows when one of its requests fails."""
        with self._lock:
            environment = self._environment
            users, teams = copy.deepcopy(environment.users), copy.deepcopy(environment.teams)
            failure: Response | None = None
            done = False
            try:
                failure = run()
                done = failure is None
            finally:
                if not done:
                    environment.users, environment.teams = users, teams
            return failure

    def _after_contact(self, claims: Claims) -> None:
        """Memberships of group teams are written once the member has been here, too late for that request."""
        with self._lock:
            row = self._environment.user(claims.oid)
            if row is not None and not self._environment.disabled and not self._access.is_disabled(row):
                self._access.write_memberships(row)

    def _new_id(self) -> str:
        with self._lock:
            self._answered += 1
            return derived_id("answer", self._environment.id, str(self._answered))

    def _identified(self, response: Response) -> Response:
        """Add the ids that support would ask for."""
        number = self._new_id()
        return Response(
            response.status,
            {**response.headers, "REQ_ID": number, "x-ms-service-request-id": number},
            response.body,
        )


def _misbehaving(status: int) -> Response:
    headers = {"Retry-After": "1"} if status == 429 else {}
    code = "0x80072322" if status == 429 else ""
    refused = Refused(status, code, f"The service answers {status}.")
    return Response.of_json(refused.wrapped(), status, headers)
