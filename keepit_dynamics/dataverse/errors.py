"""What an answer that is no success says of itself (contracts/dataverse.md 1.7, 2.4, 4.5, 7.1 and 7.2).

The status is looked at first, the service's code second, its text last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import attrs

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics.auth.bearer import claims_of
from keepit_dynamics.errors import (
    InteractionRequiredError,
    KeepitDynamicsError,
    PermissionDeniedError,
    ServiceError,
    ThrottledError,
)

__all__ = ["Fault", "RefusalReason", "answer_error", "fault_of", "refusal_reason"]

_REQUEST_IDS = ("x-ms-service-request-id", "req_id", "x-ms-request-id", "x-ms-correlation-id")
_NAMES = {
    "dataverse": "Dataverse",
    "discovery": "The Global Discovery Service",
    "admin": "The environment admin API",
}


class RefusalReason(StrEnum):
    """Why an environment refuses an account."""

    NOT_A_MEMBER = "not-a-member"
    USER_DISABLED = "user-disabled"
    NO_PRIVILEGE = "no-privilege"
    ENVIRONMENT_DISABLED = "environment-disabled"
    ADMINISTRATION_MODE = "administration-mode"


_REASONS_BY_CODE = {
    "0x80072560": RefusalReason.NOT_A_MEMBER,
    "0x80040225": RefusalReason.USER_DISABLED,
    "0x80042f09": RefusalReason.NO_PRIVILEGE,
    "0x80040220": RefusalReason.NO_PRIVILEGE,
    "0x80040231": RefusalReason.NO_PRIVILEGE,
    "0x80048405": RefusalReason.NO_PRIVILEGE,
    "0x8004a104": RefusalReason.ENVIRONMENT_DISABLED,
    "0x8004a113": RefusalReason.ADMINISTRATION_MODE,
}
_REASONS_BY_TEXT = (
    (re.compile(r"\buser\b.*\bis disabled\b", re.IGNORECASE | re.DOTALL), RefusalReason.USER_DISABLED),
    (re.compile(r"has not been assigned any roles", re.IGNORECASE), RefusalReason.NO_PRIVILEGE),
)


@attrs.frozen
class Fault:
    """The code and the message of an error answer; None and empty where it has none."""

    code: str | None
    message: str


def fault_of(response: HttpResponse) -> Fault:
    """Read an error body: wrapped or flat JSON, a page, plain text, or nothing.

    Hexadecimal codes come in both cases and are told in lower case.
    """
    try:
        data = json.loads(response.text.removeprefix("\ufeff"))
    except ValueError:
        return Fault(None, _first_line(_plain(response)))
    error = data.get("error", data) if isinstance(data, Mapping) else None
    if not isinstance(error, Mapping):
        return Fault(None, _first_line(error) if isinstance(error, str) else "")
    code, message = error.get("code"), error.get("message")
    return Fault(_code(code), _first_line(message) if isinstance(message, str) else "")


def refusal_reason(code: str | None, message: str) -> RefusalReason | None:
    """What a refusal's code, or else its text, means; None where neither is explained."""
    by_code = _REASONS_BY_CODE.get((code or "").lower())
    if by_code is not None:
        return by_code
    return next((reason for pattern, reason in _REASONS_BY_TEXT if pattern.search(message)), None)


def answer_error(response: HttpResponse, *, service: str, url: str) -> KeepitDynamicsError:
    """The error for an answer that is no success.

    Args:
        response: The answer.
        service: ``dataverse``, ``discovery`` or ``admin``.
        url: What was asked; only its host is shown.
    """
    fault = fault_of(response)
    who = f"{_NAMES[service]} at {urlsplit(url).netloc.rpartition('@')[2]}"
    said = _said(response.status, fault)
    claims = claims_of(response)
    if response.status == 401 and claims is not None:
        return InteractionRequiredError(
            f"{who} wants a new sign-in ({said}).", hint="Sign in again.", code=fault.code, claims=claims
        )
    details: dict[str, Any] = {
        "service": service,
        "status": response.status,
        "code": fault.code,
        "request_id": _request_id(response),
    }
    if response.status in {401, 403}:
        return PermissionDeniedError(f"{who} refuses the account ({said}).", **details)
    if response.status == 429:
        hint = "Wait and try again."
        wait = _seconds(response)
        return ThrottledError(f"{who} wants fewer requests ({said}).", retry_after=wait, hint=hint, **details)
    hint = "Try again later." if response.status >= 500 else ""
    return ServiceError(f"{who} could not answer ({said}).", hint=hint, **details)


def _said(status: int, fault: Fault) -> str:
    numbers = f"{status} {fault.code}" if fault.code else str(status)
    return f"{numbers}: {fault.message.rstrip('.')}" if fault.message else numbers


def _request_id(response: HttpResponse) -> str | None:
    return next((response.headers[name] for name in _REQUEST_IDS if name in response.headers), None)


def _seconds(response: HttpResponse) -> float | None:
    wait = response.headers.get("retry-after", "").strip()
    return float(wait) if wait.isdecimal() else None


def _code(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = str(value)
    return text.lower() if text[:2].lower() == "0x" else text


def _plain(response: HttpResponse) -> str:
    text = response.text.strip()
    return "an HTML page" if text.startswith("<") else text


def _first_line(message: str) -> str:
    return redact_text(next(iter(message.strip().splitlines()), ""))[:300]
