"""Keepit's refusals (contracts/keepit.md 6)."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from keepit_dynamics.sandbox.wire import Response

__all__ = ["KeepitRefused", "error_answer"]


class KeepitRefused(Exception):  # noqa: N818  # an answer of the service, not an error of the sandbox
    """Keepit says no; a code where one is published or needed, and the start of the job in the way."""

    def __init__(self, status: int, code: str = "", text: str = "", *, start: datetime | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.start = start


def error_answer(refused: KeepitRefused) -> Response:
    """The error document; without a code the body is empty."""
    if not refused.code:
        return Response(refused.status)
    root = Element("error")
    SubElement(root, "code").text = refused.code
    SubElement(root, "description").text = refused.text
    if refused.start is not None:
        SubElement(root, "start-time").text = refused.start.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Response(
        refused.status, {"Content-Type": "application/xml; charset=utf-8"}, tostring(root, encoding="utf-8")
    )
