"""Connectors: list, create, enable, change, mark for deletion (contracts/keepit.md 8.7 to 8.9)."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree.ElementTree import Element

from keepit_dynamics.sandbox.keepit.documents import answer, device_element, read_body, tag, text
from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.rights import may_access, need_access, need_creator, need_reader
from keepit_dynamics.sandbox.keepit.world import Device, KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["change_device", "create_device", "delete_device", "list_devices", "show_device"]

_PERIOD = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


def list_devices(world: KeepitWorld, token: Token, request: Request) -> Response:
    """All connectors, those without access marked so; deleted ones only when asked for."""
    need_reader(token)
    shown = [one for one in world.connectors if one.deletion_deadline is None or request.params.get("all") == "1"]
    rows = [device_element(device, accessible=may_access(token, device)) for device in shown]
    support = tag("system", [text("guid", "system-000000-000000"), text("name", "Support data store")])
    return answer(tag("devices", [*rows, support]))


def create_device(world: KeepitWorld, token: Token, request: Request) -> Response:
    """Create a connector; it is neither enabled nor configured."""
    need_creator(token)
    cloud = read_body(request, "cloud")
    kind, name = _text(cloud, "type"), _text(cloud, "name")
    if not kind or not 1 <= len(name) <= 255:
        raise KeepitRefused(400, "BAD_REQUEST", "A connector needs a type and a name of 1 to 255 characters.")
    if world.switches.duplicate_name == "refuse" and _named(world, name):
        raise KeepitRefused(409, "NAME_IN_USE", "A connector of this name exists.")
    orglink = _text(cloud, "orglink") or None
    if orglink is not None and orglink not in world.connections:
        raise KeepitRefused(400, "BAD_ORGLINK", "There is no such connection.")
    retention = _retention(world, cloud)
    device = world.make_device(name, kind, orglink=orglink, retention=retention, creator=token.login)
    for attribute in cloud.findall("attributes/attribute"):
        device.attributes[_text(attribute, "name")] = (attribute.findtext("value") or "").encode()
    return _created(world, device)


def show_device(token: Token, device: Device) -> Response:
    """One connector."""
    need_access(token, device)
    return answer(device_element(device, accessible=True))


def change_device(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """Enable or disable; name and retention as the switch says."""
    need_creator(token)
    need_access(token, device)
    cloud = read_body(request, "cloud")
    if (word := _text(cloud, "enabled")) in {"true", "false"}:
        device.enabled = word == "true"
        if device.enabled and world.switches.enable_schedules_first and not device.jobs:
            device.configured = True
            world.add_job(device, "First backup", world.clock.now() + timedelta(minutes=1))
    changes = [name for name in ("name", "backup-retention") if cloud.find(name) is not None]
    if changes and world.switches.put_changes == "refuse":
        raise KeepitRefused(400, "BAD_REQUEST", f"{', '.join(changes)} cannot be changed here.")
    if changes and world.switches.put_changes == "accept":
        device.name = _text(cloud, "name") or device.name
        device.retention = _retention(world, cloud) or device.retention
    return Response(200)


def delete_device(world: KeepitWorld, token: Token, device: Device) -> Response:
    """Mark for deletion, where the switch allows it."""
    need_creator(token)
    need_access(token, device)
    if world.switches.delete_device == "refuse":
        raise KeepitRefused(405)
    device.deletion_deadline = world.clock.now() + timedelta(days=30)
    return Response(204)


def _created(world: KeepitWorld, device: Device) -> Response:
    location = {"Location": f"/users/{world.account_id}/devices/{device.id.upper()}"}
    match world.switches.create_answer:
        case "location":
            return Response(201, location)
        case "body":
            return answer(device_element(device, accessible=True), 201)
        case "neither":
            return Response(201)


def _named(world: KeepitWorld, name: str) -> bool:
    return any(one.name.casefold() == name.casefold() for one in world.connectors)


def _retention(world: KeepitWorld, cloud: Element) -> str | None:
    period = _text(cloud, "backup-retention")
    if not period:
        return None
    if _PERIOD.fullmatch(period) is None:
        raise KeepitRefused(400, "BAD_RETENTION", "The retention is no period.")
    if world.retention is not None and _days(period) > _days(world.retention):
        raise KeepitRefused(400, "BAD_RETENTION", "The retention is longer than the account's.")
    return period


def _days(period: str) -> int:
    found = _PERIOD.fullmatch(period)
    if found is None:
        return 0
    return sum(int(number or 0) * days for number, days in zip(found.groups(), (365, 30, 7, 1), strict=True))


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
