"""``$batch``: several reads in one request (contracts/dataverse.md 7.4); pure framing, no exchange."""

from __future__ import annotations

import email.message
import hashlib
import re
from collections.abc import Mapping, Sequence

import attrs

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics.errors import ProtocolError

__all__ = ["Batch", "frame", "is_multipart", "parse"]

_LINE = re.compile(rb"\r?\n")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")


@attrs.frozen
class Batch:
    """A framed request body and the content type that names its boundary."""

    content_type: str
    body: bytes


def frame(targets: Sequence[str], headers: Mapping[str, str]) -> Batch:
    """Frame one GET for each target, an address or its path and query, all with the same headers.

    Lines end with CRLF, the last one too: anything else is refused as unreadable.
    """
    boundary = "batch_" + hashlib.sha256("\n".join(targets).encode()).hexdigest()[:32]
    fields = [f"{name}: {value}" for name, value in headers.items()]
    lines: list[str] = []
    for target in targets:
        lines += [f"--{boundary}", "Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
        lines += [f"GET {target} HTTP/1.1", *fields, "", ""]
    lines += [f"--{boundary}--", ""]
    return Batch(f'multipart/mixed; boundary="{boundary}"', "\r\n".join(lines).encode())


def is_multipart(response: HttpResponse) -> bool:
    """Whether an answer says that it is made of parts."""
    return response.headers.get("content-type", "").lower().lstrip().startswith("multipart/mixed")


def parse(response: HttpResponse, *, asked: int) -> tuple[HttpResponse, ...]:
    """The answers to the parts of a batch, in the order asked.

    Where the service stopped at the first failure, that failure is the last of fewer answers than were asked.

    Raises:
        ProtocolError: The answer is no batch answer, is cut short, or has more or fewer parts than that.
    """
    chunks = _chunks(response)
    answers = tuple(_answer(chunk, number) for number, chunk in enumerate(chunks, start=1))
    if len(answers) == asked or (0 < len(answers) < asked and not answers[-1].ok):
        return answers
    raise _misfit(f"expected {asked} parts, got {len(answers)}")


def _chunks(response: HttpResponse) -> list[bytes]:
    delimiter = re.escape(b"--" + _boundary(response))
    pieces = re.split(rb"(?:\A|\r?\n)" + delimiter + rb"(?=--|[ \t]*\r?\n)", response.body)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _misfit("no closing boundary: the answer is cut short, or has no parts")
    return pieces[1:-1]


def _boundary(response: HttpResponse) -> bytes:
    header = email.message.Message()
    header["content-type"] = response.headers.get("content-type", "")
    named = header.get_boundary()
    if named:
        return named.encode()
    first = _LINE.split(response.body.lstrip(), maxsplit=1)[0].rstrip()
    if not first.startswith(b"--") or len(first) == 2:
        raise _misfit("no boundary, neither in the content type nor in the first line")
    return first[2:]


def _answer(chunk: bytes, number: int) -> HttpResponse:
    _, _, message = _split(chunk.lstrip())
    status_line, headers, body = _split(message.lstrip())
    found = _STATUS_LINE.match(status_line)
    if found is None:
        raise _misfit(f"expected a status line @ part {number}, got {status_line[:40]!r}")
    return HttpResponse(int(found[1]), headers, body)


def _split(message: bytes) -> tuple[bytes, dict[str, str], bytes]:
    head, *rest = _BLANK_LINE.split(message, maxsplit=1)
    first, *lines = _LINE.split(head)
    pairs = (line.decode("latin-1").partition(":") for line in lines)
    return first, {name.strip(): value.strip() for name, _, value in pairs if value}, b"".join(rest)


def _misfit(problem: str) -> ProtocolError:
    return ProtocolError(
        f"The answer of Dataverse is not a batch answer: {problem}.",
        service="dataverse",
        problems=(problem,),
        hint="Is a proxy in between? Otherwise try again.",
    )
