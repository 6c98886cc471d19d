"""Health, status and snapshots (contracts/keepit.md 8.12, 8.13, 8.15)."""

from __future__ import annotations

from keepit_dynamics.sandbox.keepit.documents import answer, snapshot_element, tag, text
from keepit_dynamics.sandbox.keepit.rights import may_access, need_access
from keepit_dynamics.sandbox.keepit.schedule import health_of
from keepit_dynamics.sandbox.keepit.world import Device, KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["all_health", "health", "latest_snapshot", "status"]


def health(world: KeepitWorld, token: Token, device: Device, request: Request) -> Response:
    """A connector's health, with the reason where it is asked for."""
    need_access(token, device)
    word, reason = health_of(device, world.clock.now())
    parts = [text("health", word)]
    if request.params.get("reason") == "true":
        parts.append(text("reason", reason))
    return answer(tag("devhealth", parts))


def all_health(world: KeepitWorld, token: Token) -> Response:
    """The health of all connectors."""
    rows = []
    for device in world.connectors:
        if may_access(token, device):
            word, reason = health_of(device, world.clock.now())
            rows.append(tag("device", [text("guid", device.id), text("health", word), text("reason", reason)]))
    return answer(tag("devhealth", rows))


def status(token: Token, device: Device) -> Response:
    """The last entry is the current one; the code stands in the first."""
    need_access(token, device)
    ecode = [] if device.configured else [text("ecode", "E_INITIAL_CONFIGURATION_PENDING")]
    first = tag("entry", [text("status", "1"), tag("adata", [text("objectsuploaded", "0"), *ecode])])
    return answer(tag("devstatus", [first, tag("entry", [text("status", "0"), tag("adata")])]))


def latest_snapshot(world: KeepitWorld, token: Token, device: Device) -> Response:
    """The newest snapshot, or an empty history."""
    need_access(token, device)
    newest = max(device.snapshots, key=lambda one: one.tstamp, default=None)
    return answer(tag("history", [] if newest is None else [snapshot_element(newest, world.account_id)]))
