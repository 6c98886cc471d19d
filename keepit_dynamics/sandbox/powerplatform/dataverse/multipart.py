"""Take a batch apart and put its answer together: MIME parts that hold HTTP messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import attrs

from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Part", "boundary_of", "join", "parse_http", "split", "unreadable", "wrap"]

_BOUNDARY = re.compile(r'multipart/mixed\s*;.*?boundary="?([^";,\s]+)"?', re.IGNORECASE)
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.1")


@attrs.frozen
class Part:
    """One part: its MIME headers in lower case, and what follows them."""

    headers: dict[str, str]
    content: bytes


def unreadable(detail: str) -> Refused:
    """The refusal of a payload that is not what it should be; line ends without CR among it."""
    return Refused(400, "0x80048d19", f"Error identified in Payload provided by the user: {detail}")


def boundary_of(content_type: str | None) -> str:
    """The boundary that a content type names."""
    match = _BOUNDARY.match(content_type or "")
    if match is None:
        raise unreadable("the content type is not multipart/mixed with a boundary.")
    return match.group(1)


def split(body: bytes, boundary: str) -> list[Part]:
    """The parts in order. CRLF is needed everywhere, after the closing boundary too."""
    delimiter = b"\r\n--" + boundary.encode()
    pieces = (b"\r\n" + body).split(delimiter)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--\r\n"):
        raise unreadable("Stream was not readable.")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n"):
        raise unreadable("Stream was not readable.")
    return Part(_headers(head[2:]), content)


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n") if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    if any("\n" in text for pair in headers.items() for text in pair):
        raise unreadable("Stream was not readable.")
    return headers


def parse_http(part: Part, address: str) -> Request:
    """The request inside a part, for the service at ``address``; its headers end with an empty line."""
    if part.headers.get("content-type", "").split(";")[0] != "application/http":
        raise unreadable("a part is not application/http.")
    if part.headers.get("content-transfer-encoding") != "binary":
        raise unreadable("a part has no Content-Transfer-Encoding: binary.")
    head, blank, body = part.content.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    match = _REQUEST_LINE.fullmatch(line.decode("utf-8", "replace"))
    if match is None or not blank:
        raise unreadable("Stream was not readable.")
    return Request.from_url(match.group(1), _local(match.group(2), address), _headers(rest), body)


def _local(target: str, address: str) -> str:
    """A part's address without what names the service; it may be whole, or start at either root."""
    for prefix in (address, urlsplit(address).path):
        if target.startswith(f"{prefix}/"):
            return target.removeprefix(prefix)
    if not target.startswith("/"):
        raise unreadable(f"'{target}' is not an address in this organization.")
    return target


def wrap(response: Response, content_id: str | None = None) -> bytes:
    """An answer as a part of a batch's answer."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + response.body


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


def join(parts: Sequence[bytes], boundary: str) -> bytes:
    """The body of a multipart answer."""
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
