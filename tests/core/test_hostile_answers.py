"""Answers that are not what was promised: always an error of this package, never one of a parser."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics._core.convert import from_json, json_of, parse_time
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.retry import retry_after
from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics._core.xml import flag_of, parse_xml, text_of
from keepit_dynamics.errors import ProtocolError

PRESENT = datetime(2026, 11, 23, 10, tzinfo=UTC)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_json_or_an_error_of_ours(body: bytes) -> None:
    """What Python reads, we read; everything else is a protocol error with its place."""
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        with pytest.raises(ProtocolError) as caught:
            from_json(body, service="graph")
        assert caught.value.problems
    else:
        # Through text, since a number that is none does not equal itself.
        assert repr(from_json(body, service="graph")) == repr(value)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"<a>{text}</a>".encode()))
def test_any_bytes_are_xml_or_an_error_of_ours(body: bytes) -> None:
    """No parser's own error gets out."""
    with contextlib.suppress(ProtocolError):
        assert parse_xml(body, service="keepit").tag


def test_a_byte_order_mark_does_no_harm() -> None:
    """Some proxies add one."""
    assert json_of(HttpResponse(200, {}, b'\xef\xbb\xbf{"a": 1}'), service="graph") == {"a": 1}


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000])
def test_json_that_is_nested_without_end(body: bytes) -> None:
    """A depth that Python's reader gives up on is a protocol error too."""
    with pytest.raises(ProtocolError):
        from_json(body, service="graph")


@pytest.mark.parametrize("encoding", ["foo", "base64", "utf-7"])
def test_xml_in_an_encoding_that_cannot_be_read(encoding: str) -> None:
    """A declaration that nobody understands is a protocol error."""
    with pytest.raises(ProtocolError):
        parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode(), service="keepit")


def test_broken_xml_names_line_and_column() -> None:
    """Whoever has the payload finds the place."""
    with pytest.raises(ProtocolError, match="line 2, column 3") as caught:
        parse_xml(b"<a>\n  <<b/></a>", service="keepit")
    assert caught.value.service == "keepit"


def test_entities_that_multiply() -> None:
    """A small document that would become a large one is refused before it does."""
    levels = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};">' for n in range(1, 30))
    with pytest.raises(ProtocolError):
        parse_xml(f'<!DOCTYPE a [<!ENTITY l0 "x">{levels}]><a>&l29;</a>'.encode(), service="keepit")


def test_texts_and_flags_of_xml() -> None:
    """Texts are trimmed, absence is None, and a word that is no truth value is not taken for one."""
    root = parse_xml(b"<a><b> x </b><c/><d> TRUE\n</d><e>false</e><f>yes</f></a>", service="keepit")
    assert [text_of(root, name) for name in "bcz"] == ["x", None, None]
    assert [flag_of(root, name) for name in "defcz"] == [True, False, None, None, None]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-23T10:00:00Z", PRESENT),
        ("2026-11-23T10:00:00", PRESENT),
        (" 2026-11-23T12:00:00+02:00\n", PRESENT),
        ("2026-11-23T10:00:00.1234567Z", PRESENT + timedelta(microseconds=123456)),
    ],
)
def test_times_are_aware(text: str, time: datetime) -> None:
    """With a zone, without one, and with the seven digits that .NET writes."""
    assert parse_time(text) == time
    assert parse_time(text).tzinfo is not None


_DATES = st.tuples(st.integers(-9, 10**20), st.integers(-9, 10**20)).map(
    lambda numbers: f"Mon, 01 Jan {numbers[0]} 00:00:00 +{numbers[1]}"
)


@given(st.text(st.characters(max_codepoint=255), max_size=12) | _DATES | st.from_regex(r"[0-9²³¹.]{1,6}"))
def test_a_retry_after_that_makes_no_sense_is_no_wish(text: str) -> None:
    """Whatever stands there, it is a wait of zero or more seconds, or nothing."""
    wish = retry_after(HttpResponse(429, {"Retry-After": text}), PRESENT)
    assert wish is None or wish >= 0


_NAMES = st.sampled_from(["access_token", "refresh_token", "client_secret", "password", "device_code"])
_SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=30)


@given(_NAMES, _SECRETS, _SECRETS)
def test_json_with_a_secret_shows_none_of_it(name: str, first: str, second: str) -> None:
    """Spaces, quotes, commas and brackets in a secret do not end it early."""
    secret = f"{first} {second}"
    shown = redact_text(json.dumps({"before": 1, name: secret, "after": 2}))
    assert json.loads(shown) == {"before": 1, name: "***", "after": 2}


@pytest.mark.parametrize(
    "header", ["Authorization: Basic YTpi", "authorization: Bearer abc", '"Authorization": "Bearer abc"']
)
def test_even_a_short_credential_is_taken_out(header: str) -> None:
    """How long a token is says nothing about whether it is one."""
    shown = redact_text(f"sent {header} there")
    assert "YTpi" not in shown
    assert "abc" not in shown
    assert shown.startswith("sent ")
