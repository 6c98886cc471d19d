"""``sandbox``: serve an example tenant and a Keepit account on TLS loopback, until interrupted."""

from __future__ import annotations

import argparse
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from keepit_dynamics.cli.exits import Exit
from keepit_dynamics.cli.options import add_output
from keepit_dynamics.errors import ConfigurationError

if TYPE_CHECKING:
    from keepit_dynamics.cli.ui import Ui
    from keepit_dynamics.sandbox import TenantFile

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    text = "serve an example tenant to try things on; until interrupted"
    parser = commands.add_parser("sandbox", help=text, description=f"{text[0].upper()}{text[1:]}.")
    world = parser.add_mutually_exclusive_group()
    world.add_argument("--scenario", metavar="NAME", help="a built-in tenant (not-ready)")
    world.add_argument("--tenant-file", metavar="FILE", help="a tenant file")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--endpoints-out", metavar="FILE", help="write the endpoints file here")
    parser.add_argument("--faults", metavar="FILE", help="faults file: what goes wrong, and when")
    parser.add_argument(
        "--auto-approve", metavar="UPN", action="append", default=[], help="approve this account's device codes at once"
    )
    add_output(parser)
    parser.set_defaults(command=serve)


def serve(options: argparse.Namespace, ui: Ui) -> Exit:
    """Serve until SIGINT or SIGTERM."""
    from keepit_dynamics.sandbox import (  # noqa: PLC0415  # an extra
        SandboxServer,
        TenantFileError,
        load_faults,
        write_endpoints,
    )

    try:
        faults = load_faults(options.faults) if options.faults else ()
        server = SandboxServer(
            _tenant(options), port=options.port, auto_approve=tuple(options.auto_approve), faults=faults
        )
    except (TenantFileError, OSError, ValueError) as error:
        raise ConfigurationError(str(error)) from error
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: _stop(stop, _frame))
    with server:
        username = options.auto_approve[0] if options.auto_approve else None
        if options.endpoints_out:
            write_endpoints(options.endpoints_out, server, username=username)
            ui.say(f"Serving {server.base_url}; the endpoints are in {options.endpoints_out}.")
        else:
            ui.say(f"Serving {server.base_url}. Name a file with --endpoints-out for clients.")
        ui.document({"base_url": server.base_url, "endpoints": options.endpoints_out})
        stop.wait()
    return Exit.DONE


def _stop(stop: threading.Event, _: FrameType | None) -> None:
    stop.set()


def _tenant(options: argparse.Namespace) -> TenantFile:
    from keepit_dynamics.sandbox import load_scenario, load_tenant_file  # noqa: PLC0415  # an extra

    if options.tenant_file:
        return load_tenant_file(options.tenant_file)
    return load_scenario(options.scenario or "not-ready")
