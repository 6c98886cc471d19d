"""``$batch`` on the wire: what goes out can be read strictly, what comes in is read leniently."""

from __future__ import annotations

import email
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics.dataverse.batch import frame, parse
from keepit_dynamics.errors import ProtocolError

targets = st.lists(st.from_regex(r"/api/data/v9\.2/[A-Za-z0-9%$=?&().-]{1,60}", fullmatch=True), min_size=1, max_size=5)
bodies = st.from_regex(rb'\{"[a-z]*": "[ -!#-,.-\[\]-~\r\n]{0,40}"\}', fullmatch=True) | st.just(b"")
parts = st.lists(st.tuples(st.sampled_from([200, 204, 400, 403, 503]), bodies), min_size=1, max_size=5)


def framed(answers: list[tuple[int, bytes]], *, end: bytes = b"\r\n", boundary: bytes = b"batchresponse_1") -> bytes:
    """A batch answer as the service writes it, with the line end given."""
    lines: list[bytes] = []
    for status, body in answers:
        lines += [b"--" + boundary, b"Content-Type: application/http", b"Content-Transfer-Encoding: binary", b""]
        lines += [b"HTTP/1.1 %d Some Words" % status, b"REQ_ID: 17", b"OData-Version: 4.0", b"", body]
    return end.join([*lines, b"--" + boundary + b"--", b""])


@given(targets)
def test_every_target_is_one_get(paths: list[str]) -> None:
    """A MIME reader finds the targets in order, each with the headers given, and no body."""
    batch = frame(paths, {"Accept": "application/json"})
    whole = email.message_from_bytes(b"Content-Type: " + batch.content_type.encode() + b"\r\n\r\n" + batch.body)
    inner = whole.get_payload()
    assert isinstance(inner, list)
    for path, part in zip(paths, inner, strict=True):
        assert isinstance(part, Message)
        assert part.get_content_type() == "application/http"
        assert part["Content-Transfer-Encoding"] == "binary"
        text = part.get_payload()
        assert isinstance(text, str)
        assert text.replace("\r\n", "\n").rstrip("\n") == f"GET {path} HTTP/1.1\nAccept: application/json"


@given(targets)
def test_every_line_ends_with_crlf(paths: list[str]) -> None:
    """The service refuses a bare line feed, and a closing boundary without line end."""
    body = frame(paths, {"Accept": "application/json"}).body
    assert body.count(b"\n") == body.count(b"\r\n")
    assert body.endswith(b"--\r\n")
    assert b"\r\n\r\n\r\n--" in body


def test_another_content_has_another_boundary() -> None:
    """Boundaries are unique to what they bound, and the same content is framed the same way."""
    one, again, other = (frame([path], {}) for path in ("/a", "/a", "/b"))
    assert one == again
    assert one.content_type != other.content_type


@given(parts, st.sampled_from([b"\r\n", b"\n"]), st.booleans(), st.sampled_from([b"", b"preamble\r\n", b"\r\n"]))
def test_answers_come_back_as_they_were_sent(
    answers: list[tuple[int, bytes]], end: bytes, named: bool, preamble: bytes
) -> None:
    """Status, headers and body of each part survive, whatever the line ends, and with or without named boundary."""
    headers = {"Content-Type": "multipart/mixed; boundary=batchresponse_1"} if named else {}
    body = framed(answers, end=end)
    read = parse(HttpResponse(200, headers, preamble + body if named else body), asked=len(answers))
    assert [(answer.status, answer.body) for answer in read] == answers
    assert all(answer.headers == {"req_id": "17", "odata-version": "4.0"} for answer in read)


@pytest.mark.parametrize("spelling", [b"400 BadRequest", b"400 Bad Request", b"400"])
def test_only_the_number_of_a_status_line_counts(spelling: bytes) -> None:
    """The words behind the number are spelled in several ways."""
    body = framed([(400, b"{}")]).replace(b"400 Some Words", spelling)
    (answer,) = parse(HttpResponse(200, {}, body), asked=1)
    assert answer.status == 400


def test_a_batch_may_end_with_its_first_failure() -> None:
    """Fewer answers than asked are fine where the last one is the failure that ended the batch."""
    answers = parse(HttpResponse(400, {}, framed([(200, b"{}"), (400, b"{}")])), asked=3)
    assert [answer.status for answer in answers] == [200, 400]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "no boundary"),
        (b"<html>Sign in</html>", "no boundary"),
        (b'{"value": []}', "no boundary"),
        (framed([(200, b"{}"), (200, b"{}")])[:-30], "no closing boundary"),
        (framed([(200, b"{}")])[:60], "no closing boundary"),
        (framed([(200, b"{}")]), "expected 2 parts, got 1"),
        (framed([(200, b"{}")] * 3), "expected 2 parts, got 3"),
        (framed([]), "has no parts"),
        (framed([(200, b"{}")] * 2).replace(b"HTTP/1.1 200", b"nothing", 1), "expected a status line @ part 1"),
        (framed([(200, b"{}")] * 2).replace(b"Some Words", b"").replace(b"HTTP/1.1 200 ", b""), "@ part 1"),
    ],
)
def test_no_batch_answer_is_an_error_with_its_place(body: bytes, problem: str) -> None:
    """What is cut short, or no batch answer at all, is told apart from an answer."""
    with pytest.raises(ProtocolError) as caught:
        parse(HttpResponse(200, {}, body), asked=2)
    assert problem in caught.value.problems[0]


def test_an_answer_without_parts_is_none() -> None:
    """Nothing but a closing boundary answers nothing."""
    named = {"Content-Type": "multipart/mixed; boundary=batchresponse_1"}
    with pytest.raises(ProtocolError, match="expected 2 parts, got 0"):
        parse(HttpResponse(200, named, framed([])), asked=2)


@given(parts, st.data())
def test_a_cut_answer_never_passes(answers: list[tuple[int, bytes]], data: st.DataObject) -> None:
    """An answer cut anywhere before its closing boundary is an error."""
    body = framed(answers)
    whole = len(body) - len(b"--\r\n")
    cut = data.draw(st.integers(0, whole))
    with pytest.raises(ProtocolError):
        parse(
            HttpResponse(200, {"Content-Type": "multipart/mixed; boundary=batchresponse_1"}, body[:cut]),
            asked=len(answers),
        )
