"""Keepit's XML: documents to facts, and requests to documents. Pure (contracts/keepit.md 7 and 8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import SubElement

from keepit_dynamics._core.convert import parse_time
from keepit_dynamics._core.xml import Element, flag_of, text_of, write_xml
from keepit_dynamics.errors import ProtocolError
from keepit_dynamics.keepit.models import (
    Connector,
    ConnectorStatus,
    Health,
    Job,
    Resource,
    Snapshot,
    TokenRecord,
)

__all__ = [
    "build_backup",
    "build_connector",
    "build_enable",
    "build_member",
    "read_access_list",
    "read_account_id",
    "read_attributes",
    "read_connector",
    "read_connectors",
    "read_health",
    "read_jobs",
    "read_resources",
    "read_snapshot",
    "read_status",
    "read_tokens",
]

SERVICE = "keepit"


def read_account_id(root: Element) -> str:
    """The account id of ``GET /users/``."""
    return _required(root, "id").lower()


def read_connectors(root: Element) -> tuple[Connector, ...]:
    """The connectors of a list; siblings of other kinds are left out."""
    _expect(root, "devices")
    return tuple(read_connector(cloud) for cloud in root.findall("cloud"))


def read_connector(cloud: Element) -> Connector:
    """One connector. Addresses, logins and passwords that may stand in it are not read."""
    return Connector(
        id=_required(cloud, "guid").lower(),
        name=_required(cloud, "name"),
        type=_required(cloud, "type"),
        agent_type=text_of(cloud, "agent-type"),
        created=_time(cloud, "created"),
        enabled=flag_of(cloud, "enabled"),
        accessible=flag_of(cloud, "accessible"),
        connection=text_of(cloud, "orglink"),
        retention=text_of(cloud, "backup-retention"),
        deletion_deadline=text_of(cloud, "deletion-deadline"),
    )


def read_jobs(root: Element) -> tuple[Job, ...]:
    """The jobs of a list, or the single one of an answer that is one."""
    if root.tag == "job":
        return (_job(root),)
    _expect(root, "jobs")
    return tuple(_job(job) for job in root.findall("job"))


def read_resources(root: Element) -> tuple[Resource, ...]:
    """The account's resources."""
    _expect(root, "resources")
    return tuple(
        Resource(
            name=_required(resource, "name"),
            limit=_number(resource, "limit"),
            usage=_number(resource, "usage"),
            type=text_of(resource, "type"),
            text=text_of(resource, "limit"),
        )
        for resource in root.findall("resource")
    )


def read_tokens(root: Element) -> tuple[TokenRecord, ...]:
    """The account's tokens."""
    _expect(root, "tokens")
    return tuple(
        TokenRecord(
            login=_required(token, "aname"),
            description=text_of(token, "descr") or "",
            primary=flag_of(token, "primary"),
            role=text_of(token, "acl"),
            owner=text_of(token, "primary_aname"),
        )
        for token in root.findall("token")
    )


def read_attributes(root: Element) -> Mapping[str, str | None]:
    """The attributes that are set; a value is None where the list gives names only."""
    _expect(root, "attributes")
    return {_required(one, "name"): one.findtext("value") for one in root.findall("attribute")}


def read_access_list(root: Element) -> tuple[str, ...]:
    """The logins of the members."""
    _expect(root, "access_list")
    return tuple(_required(member, "aname") for member in root.findall("member"))


def read_health(root: Element) -> Health:
    """The health of a connector; ``devhealth`` may be left out around it."""
    word = (root.text or "").strip() if root.tag == "health" else text_of(root, "health")
    return Health((word or "unknown").lower(), text_of(root, "reason"))


def read_status(root: Element) -> ConnectorStatus:
    """The last entry is the current one, but the code stands in the first (contracts/keepit.md 8.13)."""
    entries = root.findall("entry")
    if not entries:
        return ConnectorStatus("0")
    return ConnectorStatus(text_of(entries[-1], "status") or "0", text_of(entries[0], "adata/ecode"))


def read_snapshot(root: Element) -> Snapshot | None:
    """The newest snapshot of a history; None where there is none yet."""
    backup = root.find("backup")
    if backup is None:
        return None
    taken = _time(backup, "tstamp")
    if taken is None:
        raise _misfit("backup", "a time in tstamp")
    return Snapshot(taken, text_of(backup, "type") == "c", _number(backup, "size"))


def build_connector(name: str, connection: str, retention: str | None, attributes: Mapping[str, str]) -> bytes:
    """The document that creates a ``dynamics365`` connector."""
    cloud = Element("cloud")
    _add(cloud, "type", "dynamics365")
    _add(cloud, "name", name)
    if retention is not None:
        _add(cloud, "backup-retention", retention)
    if attributes:
        listed = SubElement(cloud, "attributes")
        for key, value in attributes.items():
            attribute = SubElement(listed, "attribute")
            _add(attribute, "name", key)
            _add(attribute, "value", value)
    _add(cloud, "orglink", connection)
    return write_xml(cloud)


def build_enable() -> bytes:
    """The document that enables a connector."""
    cloud = Element("cloud")
    _add(cloud, "enabled", "true")
    return write_xml(cloud)


def build_member(login: str) -> bytes:
    """The document that gives a user access."""
    member = Element("member")
    _add(member, "aname", login)
    return write_xml(member)


def build_backup(description: str) -> bytes:
    """The document that starts a backup at once."""
    job = Element("job")
    _add(job, "description", description)
    _add(job, "type", "backup")
    SubElement(job, "immediate")
    SubElement(SubElement(job, "commands"), "backup")
    return write_xml(job)


def _job(job: Element) -> Job:
    return Job(
        id=_required(job, "guid").lower(),
        type=text_of(job, "type") or "",
        description=text_of(job, "description") or "",
        active=flag_of(job, "active"),
        start=_time(job, "start"),
        scheduled=_time(job, "scheduled"),
        succeeded=_time(job, "succeeded"),
        failed=_time(job, "failed"),
        cancelled=_time(job, "cancelled"),
        state=text_of(job, "state"),
    )


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _expect(root: Element, *names: str) -> None:
    if root.tag not in names:
        raise _misfit(root.tag, f"a root <{' or '.join(names)}>")


def _required(element: Element, name: str) -> str:
    text = text_of(element, name)
    if text is None:
        raise _misfit(element.tag, f"a value in <{name}>")
    return text


def _time(element: Element, name: str) -> datetime | None:
    text = text_of(element, name)
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        raise _misfit(f"{element.tag}/{name}", f"a time, got {text[:40]!r}") from error


def _number(element: Element, name: str) -> int | None:
    text = text_of(element, name)
    return int(text) if text is not None and text.isdecimal() else None


def _misfit(place: str, wanted: str) -> ProtocolError:
    problem = f"expected {wanted} @ {place}"
    return ProtocolError(
        f"Keepit's answer does not have the expected form: {problem}.", service=SERVICE, problems=(problem,)
    )
