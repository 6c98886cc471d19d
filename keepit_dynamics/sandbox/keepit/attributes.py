"""Attributes: bytes in, the same bytes out (contracts/keepit.md 8.10); and the access list (8.11)."""

from __future__ import annotations

from datetime import timedelta

from keepit_dynamics.sandbox.keepit.documents import answer, read_body, tag, text
from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.rights import TOGGLED, need_access, need_creator
from keepit_dynamics.sandbox.keepit.world import Device, KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["access_list", "attribute", "attributes"]


def attributes(token: Token, device: Device) -> Response:
    """All attributes with their values; 404 where none is set."""
    need_access(token, device)
    if not device.attributes:
        raise KeepitRefused(404)
    rows = [
        tag("attribute", [text("name", name), text("value", value.decode("utf-8", "replace"))])
        for name, value in device.attributes.items()
    ]
    return answer(tag("attributes", rows))


def attribute(world: KeepitWorld, token: Token, device: Device, key: str, request: Request) -> Response:
    """One attribute."""
    need_access(token, device)
    if request.method == "GET":
        if key not in device.attributes:
            raise KeepitRefused(404)
        return Response(200, {"Content-Type": "application/octet-stream"}, device.attributes[key])
    need_creator(token)
    if request.method == "PUT":
        device.attributes[key] = request.body
        if key == "ng_backup_config" and world.switches.config_schedules_first and not device.jobs:
            device.configured = True
            world.add_job(device, "First backup", world.clock.now() + timedelta(minutes=1))
        return Response(200)
    if request.method == "DELETE":
        if device.attributes.pop(key, None) is None:
            raise KeepitRefused(404)
        return Response(204)
    raise KeepitRefused(405)


def access_list(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """Who has been given access; give and take it."""
    need_creator(token)
    need_access(token, device)
    if request.method == "GET" and world.switches.access_list_get:
        return answer(tag("access_list", [tag("member", [text("aname", login)]) for login in device.members]))
    if request.method not in {"POST", "DELETE"} or (
        request.method == "DELETE" and not world.switches.access_list_delete
    ):
        raise KeepitRefused(405)
    login = (read_body(request, "member").findtext("aname") or "").strip()
    person = world.token(login)
    if person is None or not person.primary:
        raise KeepitRefused(400, "BAD_REQUEST", "There is no such user.")
    if person.role not in TOGGLED and world.switches.access_untoggled == "refuse":
        raise KeepitRefused(400, "BAD_REQUEST", "The access of this role cannot be changed.")
    if request.method == "DELETE":
        device.members = [member for member in device.members if member != login]
    elif login not in device.members:
        device.members.append(login)
    return Response(200)
