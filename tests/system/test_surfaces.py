"""Blocking and async give the same, and blocking works inside a running loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from keepit_dynamics import Report


def timeless(report: Report) -> str:
    """The report's bytes without the time it was taken at."""
    return json.dumps({**report.to_dict(), "taken_at": None})


@pytest.mark.parametrize("scenario", ["not-ready", "many-environments"])
def test_the_same_report_from_both_surfaces(scenario: str, far: Callable[..., Any]) -> None:
    """Byte for byte, the time aside."""

    async def awaited() -> Report:
        async with far(scenario).async_builder() as builder:
            report: Report = await builder.check()
            return report

    with far(scenario).builder() as builder:
        blocking = builder.check()
    assert timeless(anyio.run(awaited)) == timeless(blocking)


def test_an_async_builder_outlives_an_event_loop(far: Callable[..., Any]) -> None:
    """Used in one loop and then in another, as scripts and notebooks do."""
    builder = far("ready").async_builder()
    assert anyio.run(builder.check).ready
    assert anyio.run(builder.check).ready


def test_blocking_inside_a_running_loop(far: Callable[..., Any]) -> None:
    """As in a notebook: a loop runs, and the blocking builder works all the same."""

    async def cell() -> Report:
        report: Report = far("ready").builder().check()
        return report

    assert asyncio.run(cell()).ready


def test_one_sign_in_serves_all_builders_made_from_each_other(far: Callable[..., Any]) -> None:
    """Settings after a sign-in do not sign in again, and tokens are asked for once."""
    there = far("ready")
    builder = there.builder()
    builder.check()
    first = len(there.world.journal.requests("entra"))
    builder.named("Dynamics").check()
    assert len(there.world.journal.requests("entra")) == first


def test_the_report_survives_json(far: Callable[..., Any]) -> None:
    """The document has the published schema and is made of plain values."""
    document = json.loads(far("not-ready").builder().check().to_json())
    assert document["schema"] == "keepit-dynamics/report/1"
    assert document["ready"] is False
    assert {"id", "name", "url", "state", "reachable"} == set(document["environments"][0])
    assert {"requirement", "environment_id", "status", "summary", "evidence", "remedy"} == set(document["findings"][0])
    assert document["seats"]["limit"] == 500
