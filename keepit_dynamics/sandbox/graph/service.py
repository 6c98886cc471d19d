"""The routes of Graph."""

from __future__ import annotations

from collections.abc import Callable

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.graph.answers import GraphRefused, error_answer, identified, no_segment
from keepit_dynamics.sandbox.graph.batch import answer_batch
from keepit_dynamics.sandbox.graph.caller import caller_of
from keepit_dynamics.sandbox.graph.keys import split_keys
from keepit_dynamics.sandbox.graph.routes import Route
from keepit_dynamics.sandbox.tokens import TokenRefused, Tokens
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Graph"]

Intercept = Callable[[str, str, str, Callable[[], Response]], Response]
_REFUSALS = {
    "missing": "Access token is empty.",
    "expired": "Lifetime validation failed, the token is expired.",
    "audience": "Access token validation failure. Invalid audience.",
}
_POSTS = frozenset({"getMemberObjects", "checkMemberObjects"})


class Graph:
    """One tenant's Graph; ``intercept``, where it is set, is asked to carry out each part of a batch."""

    def __init__(self, directory: Directory, tokens: Tokens, clock: Clock, base_url: str) -> None:
        self.intercept: Intercept | None = None
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._base = f"{base_url.rstrip('/')}/graph"

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        if request.segments == ["v1.0", "$batch"]:
            return self._worded(request, lambda: self._batch(request))
        return self._worded(request, lambda: self._route(request))

    def _worded(self, request: Request, act: Callable[[], Response]) -> Response:
        try:
            return identified(act(), request)
        except GraphRefused as refused:
            return error_answer(refused, request, self._clock.now())

    def _batch(self, request: Request) -> Response:
        self._route_of(request)
        if request.method != "POST":
            raise _method_not_allowed()
        return answer_batch(request, self._part)

    def _part(self, request: Request) -> Response:
        def act() -> Response:
            return self._worded(request, lambda: self._route(request))

        url = f"{request.path}?{request.query}" if request.query else request.path
        return act() if self.intercept is None else self.intercept("graph", request.method, url, act)

    def _route(self, request: Request) -> Response:
        route = self._route_of(request)
        segments = split_keys(request.segments)
        if segments[:1] != ["v1.0"] or len(segments) < 2:
            raise no_segment(request.path)
        if request.method != ("POST" if segments[-1] in _POSTS else "GET"):
            raise _method_not_allowed()
        return route.answer(segments[1:])

    def _route_of(self, request: Request) -> Route:
        try:
            claims = self._tokens.verify(request, self._base)
        except TokenRefused as refused:
            message = _REFUSALS.get(refused.reason, "CompactToken parsing failed.")
            raise GraphRefused(401, "InvalidAuthenticationToken", message) from refused
        return Route(request, self._directory, caller_of(self._directory, claims), self._base)


def _method_not_allowed() -> GraphRefused:
    text = "Specified HTTP method is not allowed for the request target."
    return GraphRefused(405, "Request_BadRequest", text)
