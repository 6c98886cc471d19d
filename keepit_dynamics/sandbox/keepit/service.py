"""The routes of Keepit's API; with and without a slash at the end."""

from __future__ import annotations

import threading

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.keepit import account, attributes, devices, jobs, watching
from keepit_dynamics.sandbox.keepit.errors import KeepitRefused, error_answer
from keepit_dynamics.sandbox.keepit.rights import authenticate, need_creator
from keepit_dynamics.sandbox.keepit.schedule import bring_up_to_date
from keepit_dynamics.sandbox.keepit.world import Device, KeepitWorld, Token
from keepit_dynamics.sandbox.tenant_file import KeepitSpec
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Keepit"]


class Keepit:
    """One account's service."""

    def __init__(self, spec: KeepitSpec, clock: Clock) -> None:
        self.world = KeepitWorld(spec, clock)
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Answer a request, after everything that was due has happened."""
        with self._lock:
            bring_up_to_date(self.world)
            try:
                return self._route(request, authenticate(self.world, request))
            except KeepitRefused as refused:
                return error_answer(refused)

    def _route(self, request: Request, token: Token) -> Response:
        segments = request.segments
        if segments == ["users"] and request.method == "GET":
            return account.who_am_i(self.world)
        if segments[:1] != ["users"] or len(segments) < 2:
            raise KeepitRefused(404)
        if segments[1].lower() != self.world.account_id:
            raise KeepitRefused(403, "FORBIDDEN", "Not your account.")
        if segments[2:3] == ["devices"]:
            return self._devices(request, token, segments[3:])
        return self._account(request, token, segments[2:])

    def _account(self, request: Request, token: Token, rest: list[str]) -> Response:
        match rest, request.method:
            case [], "GET":
                return account.settings(self.world)
            case ["contacts", "p"], "GET":
                return account.contact(self.world)
            case ["product"], "GET":
                return account.product(self.world)
            case ["resources"], "GET":
                return account.resources(self.world)
            case ["tokens"], "GET":
                return account.tokens(self.world, token, request)
            case ["permissions", "roles"], "GET":
                return account.roles()
        raise KeepitRefused(404)

    def _devices(self, request: Request, token: Token, rest: list[str]) -> Response:
        match rest, request.method:
            case [], "GET":
                return devices.list_devices(self.world, token, request)
            case [], "POST":
                return devices.create_device(self.world, token, request)
            case ["health"], "GET":
                return watching.all_health(self.world, token)
        device = self.world.device(rest[0]) if rest else None
        if device is None:
            raise KeepitRefused(404)
        return self._device(request, token, device, rest[1:])

    def _device(self, request: Request, token: Token, device: Device, rest: list[str]) -> Response:
        match rest, request.method:
            case [], "GET":
                return devices.show_device(token, device)
            case [], "PUT":
                return devices.change_device(self.world, token, device, request)
            case [], "POST":
                # A POST to a connector that exists initialises it again (contracts/keepit.md 8.9).
                need_creator(token)
                device.attributes.clear()
                return Response(200)
            case [], "DELETE":
                return devices.delete_device(self.world, token, device)
            case ["attributes"], "GET":
                return attributes.attributes(token, device)
            case ["attributes", key], _:
                return attributes.attribute(self.world, token, device, key, request)
            case ["access_list"], _:
                return attributes.access_list(self.world, token, device, request)
        return self._activity(request, token, device, rest)

    def _activity(self, request: Request, token: Token, device: Device, rest: list[str]) -> Response:
        match rest, request.method:
            case ["health"], "GET":
                return watching.health(self.world, token, device, request)
            case ["status"], "GET":
                return watching.status(token, device)
            case ["history", "latest"], "GET":
                return watching.latest_snapshot(self.world, token, device)
            case ["jobs"], "GET":
                return jobs.list_jobs(self.world, token, device, request)
            case ["jobs"], "PUT":
                return jobs.filter_jobs(self.world, token, device, request)
            case ["jobs"], "POST":
                return jobs.start_job(self.world, token, device, request)
            case ["jobs", job_id], "GET" | "PUT":
                return jobs.job(self.world, token, device, job_id, request)
        raise KeepitRefused(404)
