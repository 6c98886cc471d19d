"""XML in and out, with defusedxml at the door."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics.errors import ProtocolError

__all__ = ["Element", "flag_of", "parse_xml", "text_of", "write_xml"]


def parse_xml(body: bytes, *, service: str) -> Element:
    """Read a document; raises ProtocolError with line and column where it is not well-formed."""
    try:
        root: Element = fromstring(body.strip())
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise ProtocolError(
            f"The answer of {service} is not well-formed XML: {error}.",
            service=service,
            problems=(str(error),),
            hint=f"It begins: {redact_text(body[:80].decode('utf-8', 'replace'))!r}.",
        ) from error
    return root


def text_of(element: Element, path: str) -> str | None:
    """The trimmed text at a path; None where there is none or it is empty."""
    text = element.findtext(path)
    return (text or "").strip() or None


def flag_of(element: Element, path: str) -> bool | None:
    """The truth value at a path; None where there is none or it is another word."""
    return {"true": True, "false": False}.get((text_of(element, path) or "").lower())


def write_xml(root: Element) -> bytes:
    """The document in UTF-8."""
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return text
