"""What arrives at the sandbox and what it answers: plain bytes and headers, no framework."""

from __future__ import annotations

import json
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

__all__ = ["Request", "Response", "Service"]


def _lower_keys(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@attrs.frozen
class Request:
    """One request as it came over the wire.

    ``path`` starts with a slash and is still percent-encoded; ``query`` is the raw text after ``?``.
    Header names are lower case.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = attrs.field(factory=dict, converter=_lower_keys, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)

    @classmethod
    def from_url(cls, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Request:
        """Build a request from an address, absolute or relative."""
        parts = urlsplit(url)
        return cls(method, parts.path or "/", parts.query, headers or {}, body)

    @property
    def segments(self) -> list[str]:
        """The decoded path segments, empty ones left out."""
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def params(self) -> dict[str, str]:
        """The decoded query parameters; the last one wins."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The decoded form fields of the body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """A header's value, or None."""
        return self.headers.get(name.lower())

    def json(self) -> Any:
        """The body as JSON; raises ValueError where it is none."""
        return json.loads(self.body)


@attrs.frozen
class Response:
    """One answer."""

    status: int
    headers: dict[str, str] = attrs.field(factory=dict)
    body: bytes = attrs.field(default=b"", repr=False)

    @classmethod
    def of_json(cls, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """An answer with a JSON body in UTF-8."""
        body = json.dumps(data, ensure_ascii=False).encode()
        return cls(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)

    @classmethod
    def of_text(
        cls,
        text: str,
        status: int = 200,
        media_type: str = "text/plain",
        headers: dict[str, str] | None = None,
    ) -> Response:
        """An answer with a text body in UTF-8."""
        return cls(status, {"Content-Type": f"{media_type}; charset=utf-8", **(headers or {})}, text.encode())


class Service(Protocol):
    """One emulated service. The path it sees no longer has the service's own prefix."""

    def handle(self, request: Request) -> Response:
        """Answer a request; never raises for anything a client may send."""
        ...
