"""A request and its answer, as the rest of the package knows them: no HTTP library in sight."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

__all__ = ["HttpRequest", "HttpResponse"]


def _lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name.lower(): value for name, value in headers.items()})


@attrs.frozen
class HttpRequest:
    """A request that is ready to be sent.

    Attributes:
        service: Which service it is for (``graph``, ``dataverse``, ``keepit`` …).
        safe: Whether it may be sent again when no good answer came, because it changes nothing
            or changes the same thing to the same value.
    """

    service: str
    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    safe: bool = True

    def with_headers(self, headers: Mapping[str, str]) -> HttpRequest:
        """The same request with further headers."""
        return attrs.evolve(self, headers={**self.headers, **headers})


@attrs.frozen
class HttpResponse:
    """An answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, converter=_lower, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300
