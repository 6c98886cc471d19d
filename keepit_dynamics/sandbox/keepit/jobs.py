"""Jobs: list, start, schedule, cancel (contracts/keepit.md 8.14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from keepit_dynamics.sandbox.keepit.documents import answer, job_element, read_body, tag
from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.rights import need_access, need_creator
from keepit_dynamics.sandbox.keepit.schedule import open_backup
from keepit_dynamics.sandbox.keepit.world import Device, Job, KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["filter_jobs", "job", "list_jobs", "start_job"]

_WINDOW = timedelta(days=7)
_QUEUE = timedelta(minutes=1)


def list_jobs(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """Jobs seven days back and seven ahead; only active ones where the header says so."""
    need_access(token, device)
    present = world.clock.now()
    shown = [one for one in device.jobs if abs(one.start - present) <= _WINDOW]
    if (request.header("active-jobs-only") or "").lower() == "true":
        shown = [one for one in shown if one.state(present) == "in-progress"]
    return _jobs(world, shown)


def filter_jobs(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """Jobs by a filter."""
    need_access(token, device)
    wanted = read_body(request, "filter")
    start, end = _time(wanted, "from-time"), _time(wanted, "to-time")
    if start is None:
        raise KeepitRefused(400, "BAD_REQUEST", "The filter needs from-time.")
    kinds = {one.text for one in (*wanted.findall("type"), *wanted.findall("types/type"))}
    shown = [one for one in device.jobs if one.start >= start and (end is None or one.start < end)]
    shown = [one for one in shown if not kinds or one.type in kinds]
    return _jobs(world, shown[::-1] if wanted.find("reverse") is not None else shown)


def start_job(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """Start a backup now, or at a time; refused while one waits or runs."""
    need_creator(token)
    need_access(token, device)
    body = read_body(request, "job")
    present = world.clock.now()
    if (running := open_backup(device, present)) is not None:
        code = "RUNNING_JOB" if running.state(present) == "in-progress" else "WAITING_JOB_TO_START"
        raise KeepitRefused(400, code, "There is a backup already.", start=running.start)
    start = _time(body, "start")
    if body.find("immediate") is not None:
        start = present + _QUEUE
    if start is None or start < present:
        raise KeepitRefused(400, "BAD_REQUEST", "The start is missing or past.")
    made = world.add_job(device, (body.findtext("description") or "").strip(), start)
    device.configured = True
    element = job_element(made, present, with_state=world.switches.job_state)
    match world.switches.job_answer:
        case "job":
            return answer(element, 201)
        case "jobs":
            return answer(tag("jobs", [element]), 201)
        case "empty":
            return Response(201)


def job(world: KeepitWorld, token: Token, device: Device, job_id: str, request: Request) -> Response:
    """One job; cancel it by PUT."""
    need_access(token, device)
    found = next((one for one in device.jobs if one.id == job_id.lower()), None)
    if found is None:
        raise KeepitRefused(404)
    if request.method == "GET":
        return answer(job_element(found, world.clock.now(), with_state=world.switches.job_state))
    need_creator(token)
    found.cancelled = _time(read_body(request, "job"), "cancelled") or world.clock.now()
    return Response(200)


def _jobs(world: KeepitWorld, shown: list[Job]) -> Response:
    present = world.clock.now()
    return answer(tag("jobs", [job_element(one, present, with_state=world.switches.job_state) for one in shown]))


def _time(element: Element, name: str) -> datetime | None:
    word = (element.findtext(name) or "").strip()
    if not word:
        return None
    try:
        time = datetime.fromisoformat(word)
    except ValueError as error:
        raise KeepitRefused(400, "BAD_REQUEST", f"{name} is no time.") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
