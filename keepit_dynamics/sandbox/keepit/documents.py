"""Keepit's XML as the service writes it (contracts/keepit.md 7 and 8), and what clients send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.world import Device, Job, Snapshot, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["answer", "device_element", "job_element", "read_body", "snapshot_element", "tag", "text", "token_element"]


def answer(root: Element, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with a document."""
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8", xml_declaration=False)
    return Response(status, {"Content-Type": "application/xml; charset=utf-8", **(headers or {})}, body)


def read_body(request: Request, root: str) -> Element:
    """What a client sent; refused where it is no such document."""
    try:
        element: Element = fromstring(request.body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise KeepitRefused(400, "BAD_REQUEST", f"The body is no XML document: {error}") from error
    if element.tag != root:
        raise KeepitRefused(400, "BAD_REQUEST", f"The root element has to be {root}.")
    return element


def tag(name: str, children: Iterable[Element] = ()) -> Element:
    """An element with children."""
    element = Element(name)
    element.extend(children)
    return element


def text(name: str, value: object) -> Element:
    """An element with a text."""
    element = Element(name)
    element.text = value if isinstance(value, str) else _word(value)
    return element


def device_element(device: Device, *, accessible: bool) -> Element:
    """One connector; with white space around a text and an element that clients do not know."""
    cloud = Element("cloud")
    SubElement(cloud, "guid").text = device.id
    SubElement(cloud, "name").text = f" {device.name} "
    SubElement(cloud, "type").text = device.type
    if device.agent_type:
        SubElement(cloud, "agent-type").text = device.agent_type
    SubElement(cloud, "created").text = device.created.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    SubElement(cloud, "enabled").text = _word(device.enabled)
    SubElement(cloud, "accessible").text = _word(accessible)
    if device.orglink:
        SubElement(cloud, "orglink").text = device.orglink
    if device.retention:
        SubElement(cloud, "backup-retention").text = device.retention
    if device.deletion_deadline:
        SubElement(cloud, "deletion-deadline").text = _word(device.deletion_deadline)
    SubElement(cloud, "x-sandbox-extra").text = "ignore me"
    return cloud


def job_element(job: Job, present: datetime, *, with_state: bool) -> Element:
    """One job."""
    state = job.state(present)
    element = tag(
        "job",
        [
            text("guid", job.id),
            text("description", job.description),
            text("type", job.type),
            text("priority", "0"),
            text("active", state == "in-progress"),
            text("start", job.start),
            text("scheduled", job.start),
        ],
    )
    ended = {"successful": "succeeded", "unsuccessful": "failed", "cancelled": "cancelled"}.get(state)
    if ended is not None:
        element.append(text(ended, job.cancelled or job.end))
    if with_state:
        element.append(text("state", state))
    return element


def snapshot_element(snapshot: Snapshot, account: str) -> Element:
    """One snapshot."""
    parts = {
        "tstamp": snapshot.tstamp,
        "root": "0" * 64,
        "type": snapshot.type,
        "size": snapshot.size,
        "account": account,
    }
    return tag("backup", [text(name, value) for name, value in parts.items()])


def token_element(token: Token) -> Element:
    """One token, without its password."""
    parts: dict[str, object] = {
        "descr": token.login,
        "aname": token.name,
        "created": token.created,
        "primary": token.primary,
        "acl": token.role,
        "eacl": "",
    }
    if not token.primary:
        parts["primary_aname"] = token.login
    return tag("token", [text(name, value) for name, value in parts.items()])


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)
