"""One sign-in for many tasks, tried in a process of its own, so that a standstill is seen and ended."""

from __future__ import annotations

import subprocess
import sys

import pytest

SETTING = """
import asyncio, threading
from keepit_dynamics import DeviceCode, Endpoints, NetworkSettings, aio
from keepit_dynamics.sandbox import SandboxTransport, World, endpoints_document, load_scenario

class Gated(SandboxTransport):
    def handle_request(self, request):
        asked.set()
        gate.wait()
        return super().handle_request(request)

asked, gate = threading.Event(), threading.Event()
account = "backup@contoso.example"
world = World(load_scenario("ready"), auto_approve=(account,))
builder = (
    aio.ConnectorBuilder()
    .endpoints(Endpoints.from_data(endpoints_document(world, username=account)))
    .network(NetworkSettings(transport=Gated(world)))
    .account(DeviceCode(prompt=lambda prompt: None))
)
"""
A_HUNDRED = """
async def main():
    gate.set()
    accounts = await asyncio.gather(*(builder.sign_in() for _ in range(100)))
    return len({account.object_id for account in accounts})
"""
ONE_GIVES_UP = """
async def main():
    first = asyncio.ensure_future(builder.sign_in())
    await asyncio.to_thread(asked.wait)
    second = asyncio.ensure_future(builder.sign_in())
    for _ in range(20):
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    gate.set()
    await first
    return len({(await builder.sign_in()).object_id for _ in range(50)})
"""


@pytest.mark.parametrize("story", [A_HUNDRED, ONE_GIVES_UP], ids=["a-hundred", "one-gives-up"])
def test_waiting_for_the_sign_in_never_stands_still(story: str) -> None:
    """However many wait for it, and whoever stops waiting, the sign-in comes to its end for the others."""
    code = f"{SETTING}{story}\nprint(asyncio.run(main()))"
    try:
        done = subprocess.run(  # noqa: S603  # our own words
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.fail("The tasks wait for each other.")
    assert done.stdout.strip() == "1", done.stderr
