"""Answers that are no success: which error they become, and what it keeps."""

from __future__ import annotations

import json

import pytest

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics.dataverse.errors import Fault, answer_error, fault_of
from keepit_dynamics.errors import (
    InteractionRequiredError,
    KeepitDynamicsError,
    PermissionDeniedError,
    ResponseError,
    ServiceError,
    ThrottledError,
)

URL = "https://contoso.api.crm4.dynamics.com/api/data/v9.2/WhoAmI?secret=1"


def error(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> KeepitDynamicsError:
    """The error for one answer of Dataverse."""
    return answer_error(HttpResponse(status, headers or {}, body), service="dataverse", url=URL)


def said(code: object, message: str) -> bytes:
    """An error body in the usual form."""
    return json.dumps({"error": {"code": code, "message": message}}).encode()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (said("0x8004A104", "Disabled."), Fault("0x8004a104", "Disabled.")),
        (said("EnvironmentNotFound", "None."), Fault("EnvironmentNotFound", "None.")),
        (said("", "No resource."), Fault(None, "No resource.")),
        (said(None, "No code."), Fault(None, "No code.")),
        (said(-2147015902, "A number."), Fault("-2147015902", "A number.")),
        (b'{"code": "Denied", "message": "Flat."}', Fault("Denied", "Flat.")),
        (b'{"error": "invalid", "error_description": "x"}', Fault(None, "invalid")),
        (b"\xef\xbb\xbf" + said("0x0", "Marked."), Fault("0x0", "Marked.")),
        (b'{"error": {"code": "0x1", "message": {"value": "x"}}}', Fault("0x1", "")),
        (b"[]", Fault(None, "")),
        (b"null", Fault(None, "")),
        (b"", Fault(None, "")),
        (b"Authorization has been denied.\r\nGo away.", Fault(None, "Authorization has been denied.")),
        (b"<!DOCTYPE html><p>Sign in</p>", Fault(None, "an HTML page")),
        (b"\xff\xfe\x00", Fault(None, "��\x00")),
    ],
)
def test_every_shape_of_body_is_read(body: bytes, fault: Fault) -> None:
    """Wrapped, flat, plain, HTML, empty or broken: the code and message that are there, and no failure."""
    assert fault_of(HttpResponse(400, {}, body)) == fault


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ServiceError),
        (400, ServiceError),
        (401, PermissionDeniedError),
        (403, PermissionDeniedError),
        (404, ServiceError),
        (413, ServiceError),
        (429, ThrottledError),
        (500, ServiceError),
        (501, ServiceError),
        (503, ServiceError),
    ],
)
def test_the_status_names_the_class(status: int, kind: type[ResponseError]) -> None:
    """Status first: each has its class, which carries it, whatever the body is."""
    caught = error(status, {}, said("0x80040220", "Words."))
    assert type(caught) is kind
    assert isinstance(caught, ResponseError)
    assert (caught.service, caught.status, caught.code) == ("dataverse", status, "0x80040220")
    assert f"{status} 0x80040220: Words" in caught.message


def test_a_message_names_the_host_and_not_the_query() -> None:
    """People see which environment it was; what stood in the query stays out."""
    message = str(error(500))
    assert "contoso.api.crm4.dynamics.com" in message
    assert "secret" not in message


def test_tokens_in_a_message_are_taken_out() -> None:
    """A service that echoes the authorization header does not make it visible."""
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln"
    caught = error(401, {}, said("0x1", f"Bad header: Bearer {token}"))
    assert token not in str(caught)


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"x-ms-service-request-id": "1", "REQ_ID": "2", "x-ms-request-id": "3"}, "1"),
        ({"REQ_ID": "2", "x-ms-request-id": "3"}, "2"),
        ({"x-ms-request-id": "3"}, "3"),
        ({"x-ms-correlation-id": "4"}, "4"),
        ({}, None),
    ],
)
def test_the_id_for_support_is_kept(headers: dict[str, str], request_id: str | None) -> None:
    """The first of the ids that support asks for."""
    caught = error(500, headers)
    assert isinstance(caught, ResponseError)
    assert caught.request_id == request_id


@pytest.mark.parametrize(("header", "seconds"), [("17", 17.0), ("", None), ("soon", None)])
def test_throttling_tells_how_long(header: str, seconds: float | None) -> None:
    """The seconds the service asks for, where it does."""
    caught = error(429, {"Retry-After": header}, said("0x80072322", "Number of requests exceeded the limit."))
    assert isinstance(caught, ThrottledError)
    assert caught.retry_after == seconds


def test_a_claims_challenge_wants_a_person() -> None:
    """A challenge that a new token did not meet needs a new sign-in that satisfies its claims."""
    challenge = 'Bearer authorization_uri="https://login", error="insufficient_claims", claims="eyJhIjoxfQ=="'
    caught = error(401, {"WWW-Authenticate": challenge})
    assert isinstance(caught, InteractionRequiredError)
    assert caught.claims == '{"a":1}'
