"""``demo``: the whole story against the sandbox, over real TLS and a real sign-in.

An account is found not ready, one sees why, an administrator fixes it, it is found ready, and gets its
connector with the first backup scheduled.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keepit_dynamics.auth.ways import DeviceCode, DeviceCodePrompt
from keepit_dynamics.builder import ConnectorBuilder
from keepit_dynamics.cli.exits import Exit
from keepit_dynamics.cli.options import add_output
from keepit_dynamics.display.terminal import print_plan, print_report
from keepit_dynamics.readiness.report import Report

if TYPE_CHECKING:
    from keepit_dynamics.cli.ui import Ui
    from keepit_dynamics.sandbox import World

__all__ = ["add"]

_ACCOUNT = "backup@contoso.example"
_SALES = ("1e1a282c-9c54-43a2-9310-98ef728faace", "DYN365_ENTERPRISE_SALES")
_NAME = "Dynamics 365"


def add(commands: Any) -> None:
    """Add the command."""
    text = "watch the whole story on an example tenant; needs no account and no network"
    parser = commands.add_parser("demo", help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_output(parser)
    parser.set_defaults(command=demo)


def demo(_options: argparse.Namespace, ui: Ui) -> Exit:
    """Tell the story; exit code 0 when it came to its good end."""
    from keepit_dynamics.sandbox import SandboxServer, load_scenario, write_endpoints  # noqa: PLC0415  # an extra

    with (
        tempfile.TemporaryDirectory(prefix="keepit-dynamics-") as folder,
        SandboxServer(load_scenario("not-ready"), auto_approve=(_ACCOUNT,)) as server,
    ):
        endpoints = Path(folder) / "endpoints.json"
        write_endpoints(endpoints, server, username=_ACCOUNT)
        ui.say(f"An example tenant, Contoso, and a Keepit account are served at {server.base_url}.")
        way = DeviceCode(prompt=lambda prompt: _show_prompt(ui, prompt))
        builder = (
            ConnectorBuilder()
            .endpoints(endpoints)
            .account(way, username=_ACCOUNT)
            .named(_NAME)
            .retention("P3Y")
            .watch(ui.observe)
        )
        with builder:
            return _tell(builder, server.world, ui)


def _tell(builder: ConnectorBuilder, world: World, ui: Ui) -> Exit:
    _chapter(ui, 1, f"Is {_ACCOUNT} ready to be the backup account?")
    before = builder.check()
    print_report(ui.console, before)
    _chapter(ui, 2, "An administrator follows the remedies")
    for sentence, act in _fixes(world):
        act()
        ui.say(f" ✓ {sentence}")
    _chapter(ui, 3, "And now?")
    after = builder.check()
    print_report(ui.console, after)
    _chapter(ui, 4, f"The plan for the connector {_NAME!r}")
    plan = builder.plan()
    print_plan(ui.console, plan)
    _chapter(ui, 5, "Creating it")
    created = builder.create()
    ui.say(f" ✓ The connector {created.connector.name!r} is {created.connector.id}.", "green")
    backup = created.first_backup
    if backup is not None:
        ui.say(f" ✓ {backup.sentence}", "green")
    ui.say("\nNow your own tenant: 'keepit-dynamics check --help' and the README say which variables to set.")
    ui.page(after)
    ui.document(_document(before, after, plan.to_dict(), created.to_dict()))
    return Exit.DONE if not before.ready and after.ready and backup is not None else Exit.NO


def _document(before: Report, after: Report, plan: dict[str, Any], created: dict[str, Any]) -> dict[str, Any]:
    return {
        "report_before": before.to_dict(),
        "report_after": after.to_dict(),
        "plan": plan,
        "connector": created["connector"],
        "first_backup": created["first_backup"],
    }


def _fixes(world: World) -> Iterator[tuple[str, Callable[[], object]]]:
    directory, platform = world.directory, world.power_platform
    yield (
        "Microsoft Entra: Global Administrator assigned, active and permanent",
        lambda: directory.assign_role("Global Administrator", _ACCOUNT),
    )
    yield "Microsoft 365: a Dynamics 365 Sales licence assigned", lambda: directory.assign_license(_ACCOUNT, *_SALES)
    yield (
        "Sales: the System Administrator security role assigned",
        lambda: platform.grant_role("Sales", _ACCOUNT, "System Administrator"),
    )
    yield "Service: access mode set to Read-Write", lambda: platform.set_access_mode("Service", _ACCOUNT, 0)
    yield (
        "Finance: the account added, with the System Administrator security role",
        lambda: platform.add_user("Finance", _ACCOUNT, roles=("System Administrator",)),
    )


def _chapter(ui: Ui, number: int, title: str) -> None:
    ui.say(f"\n{number}. {title}\n", "bold")


def _show_prompt(ui: Ui, prompt: DeviceCodePrompt) -> None:
    ui.say(f"… Signing in with the device code {prompt.code} (the example tenant approves it at once)", "dim")
