"""Keepit's refusals as this package's errors (contracts/keepit.md 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from keepit_dynamics._core.convert import parse_time
from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics._core.xml import Element, parse_xml, text_of
from keepit_dynamics.errors import (
    KeepitCredentialsError,
    KeepitDynamicsError,
    PermissionDeniedError,
    ProtocolError,
    ServiceError,
    ThrottledError,
)

__all__ = ["KeepitRefusalError", "checked_document", "keepit_error"]


class KeepitRefusalError(ServiceError):
    """Keepit said no with a code of its own.

    Attributes:
        start: The start of the job that is in the way, for the two codes that name one.
    """

    def __init__(self, message: str, *, start: datetime | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.start = start


def checked_document(response: HttpResponse, *, doing: str) -> Element:
    """The answer's document.

    Raises:
        KeepitCredentialsError, PermissionDeniedError, ThrottledError, ServiceError: Keepit refused; an
            ``error`` document counts as a refusal whatever the status.
        ProtocolError: The answer is no document.
    """
    if not response.ok:
        raise keepit_error(response, doing=doing)
    root = parse_xml(response.body, service="keepit")
    if root.tag == "error":
        raise keepit_error(response, doing=doing)
    return root


def keepit_error(response: HttpResponse, *, doing: str) -> KeepitDynamicsError:
    """The error for an answer that is a refusal."""
    code, text, start = _parts(response)
    said = f"{response.status}{f' {code}' if code else ''}{f': {text}' if text else ''}"
    details: dict[str, Any] = {"service": "keepit", "status": response.status, "code": code}
    if response.status == 401:
        return KeepitCredentialsError(
            f"Keepit refuses the token while {doing} ({said}).",
            hint="Check the token's name and secret, and that the region is the account's.",
            code=code,
        )
    if response.status == 403:
        return PermissionDeniedError(
            f"The Keepit token's role does not allow {doing} ({said}).",
            needs="Master Admin or Backup Admin",
            hint="Use a token of a Master Admin, or of a Backup Admin with access.",
            **details,
        )
    if response.status == 429:
        wait = response.headers.get("retry-after", "")
        retry = float(wait) if wait.isdigit() else None
        return ThrottledError(f"Keepit wants fewer requests ({said}).", retry_after=retry, **details)
    hint = "Try again later." if response.status >= 500 else ""
    return KeepitRefusalError(f"Keepit refused {doing} ({said}).", start=start, hint=hint, **details)


def _parts(response: HttpResponse) -> tuple[str | None, str, datetime | None]:
    try:
        root = parse_xml(response.body, service="keepit")
    except ProtocolError:
        return None, redact_text(response.text.strip().splitlines()[0])[:120] if response.text.strip() else "", None
    error = root if root.tag == "error" else root.find("error")
    if error is None:
        return None, "", None
    start = text_of(error, "start-time")
    return text_of(error, "code"), redact_text(text_of(error, "description") or "")[:200], _time(start)


def _time(text: str | None) -> datetime | None:
    try:
        return parse_time(text) if text else None
    except ValueError:
        return None
