"""What happens by itself: snapshots at the end of a job, the next backup twelve hours after the last one's start."""

from __future__ import annotations

from datetime import datetime, timedelta

from keepit_dynamics.sandbox.keepit.world import Device, Job, KeepitWorld, Snapshot

__all__ = ["bring_up_to_date", "health_of", "open_backup"]

_INTERVAL = timedelta(hours=12)
_PARTIAL = timedelta(hours=4)
_SIZE = 1_000_000


def bring_up_to_date(world: KeepitWorld) -> None:
    """Let everything happen that was due by now."""
    present = world.clock.now()
    for device in world.connectors:
        _snapshots(device, present)
        while (start := _next_start(device)) is not None and start <= present:
            world.add_job(device, f"[backup][bl][auto][{device.type}]{{{device.name}}}", start)
            _snapshots(device, present)


def open_backup(device: Device, present: datetime) -> Job | None:
    """The backup that is queued or running."""
    states = {"scheduled", "in-progress"}
    return next((job for job in device.jobs if job.type == "backup" and job.state(present) in states), None)


def health_of(device: Device, present: datetime) -> tuple[str, str]:
    """Health and its reason; a connector that was never configured is called healthy (contracts/keepit.md 8.12)."""
    if not device.configured or open_backup(device, present) is not None:
        return "healthy", "OK"
    last = max((one.tstamp for one in device.snapshots if one.type == "c"), default=device.created)
    if present - last > timedelta(hours=48):
        return "critical", "CLOUDNOCHECKIN"
    return ("unhealthy", "CLOUDNOCHECKIN") if present - last > timedelta(hours=24) else ("healthy", "OK")


def _next_start(device: Device) -> datetime | None:
    """When the automatic schedule starts the next backup; None where nothing is scheduled."""
    held_back = {"disable_auto_backup", "disable_backup"} & set(device.attributes)
    backups = [job for job in device.jobs if job.type == "backup" and job.cancelled is None]
    if held_back or not device.enabled or device.deletion_deadline is not None or not backups:
        return None
    last = max(backups, key=lambda job: job.start)
    return max(last.start + _INTERVAL, last.end)


def _snapshots(device: Device, present: datetime) -> None:
    known = {snapshot.tstamp for snapshot in device.snapshots}
    for job in device.jobs:
        if job.type != "backup" or job.cancelled is not None or job.failed:
            continue
        due = [(job.start + _PARTIAL * number, "p") for number in range(1, int((job.end - job.start) / _PARTIAL) + 1)]
        due.append((job.end, "c"))
        device.snapshots += [Snapshot(time, kind, _SIZE) for time, kind in due if time <= present and time not in known]
