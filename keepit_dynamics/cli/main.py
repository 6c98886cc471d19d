"""The commands, and how each ends."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from importlib.metadata import version

from keepit_dynamics.cli import demo, sandbox
from keepit_dynamics.cli.exits import Exit, exit_of_error, exit_of_report
from keepit_dynamics.cli.options import add_common, add_connector, add_subject, make_builder, with_connector
from keepit_dynamics.cli.ui import Ui
from keepit_dynamics.display.terminal import print_plan, print_report, print_verification
from keepit_dynamics.errors import KeepitDynamicsError, NotReadyError

__all__ = ["run"]

Command = Callable[[argparse.Namespace, Ui], Exit]


def run(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    parser = make_parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return Exit.INPUT if stop.code else Exit.DONE
    ui = Ui.of(options)
    if options.verbose:
        logging.getLogger("keepit_dynamics").addHandler(logging.NullHandler())
    command: Command = options.command
    try:
        return command(options, ui)
    except KeepitDynamicsError as error:
        ui.fail(error)
        return exit_of_error(error)
    except KeyboardInterrupt:
        ui.errors.print("Interrupted.")
        return Exit.SERVICE


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="keepit-dynamics",
        description="Is this account ready to be Keepit's backup account for Dynamics 365? And create the connector.",
        epilog="Exit codes: 0 done or ready; 1 certainly not; 2 not determined; 3 sign-in, configuration or input; "
        "4 a service failed or was half way. Try 'keepit-dynamics demo' first.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('keepit-dynamics')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo.add(commands)
    for name, command, text in (
        ("check", check, "is the account ready? environment by environment"),
        ("plan", plan, "what creating the connector would do; changes nothing"),
        ("create", create, "create the connector, with its first backup scheduled"),
        ("verify", verify, "are an existing connector and its account still as they should be?"),
    ):
        sub = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        add_subject(sub)
        if command is not check:
            add_connector(sub)
        if command is create:
            sub.add_argument(
                "--even-if-not-ready", action="store_true", help="create although the account is not ready"
            )
        add_common(sub)
        sub.set_defaults(command=command)
    sandbox.add(commands)
    return parser


def check(options: argparse.Namespace, ui: Ui) -> Exit:
    """Show the readiness report."""
    with make_builder(options).watch(ui.observe) as builder:
        report = builder.check()
    print_report(ui.console, report)
    ui.page(report)
    ui.document(report.to_dict())
    return exit_of_report(report)


def plan(options: argparse.Namespace, ui: Ui) -> Exit:
    """Show what creating would do."""
    with with_connector(make_builder(options).watch(ui.observe), options) as builder:
        planned = builder.plan()
    print_plan(ui.console, planned)
    ui.document(planned.to_dict())
    return Exit.DONE


def create(options: argparse.Namespace, ui: Ui) -> Exit:
    """Create the connector, unless the account is not ready."""
    with with_connector(make_builder(options).watch(ui.observe), options) as builder:
        try:
            created = builder.create(even_if_not_ready=options.even_if_not_ready)
        except NotReadyError as error:
            print_report(ui.console, error.report)
            ui.page(error.report)
            ui.document({"created": False, "report": error.report.to_dict()})
            raise
    ui.say(f"The connector {created.connector.name!r} is {created.connector.id}.", "bold")
    if created.first_backup is not None:
        ui.say(created.first_backup.sentence)
    elif created.plan.empty:
        ui.say("It was already as wanted; nothing was changed.")
    ui.document(created.to_dict())
    return Exit.DONE


def verify(options: argparse.Namespace, ui: Ui) -> Exit:
    """Show what has drifted."""
    with with_connector(make_builder(options).watch(ui.observe), options) as builder:
        verified = builder.verify()
    print_report(ui.console, verified.report)
    print_verification(ui.console, verified.verification)
    ui.page(verified.report)
    ui.document(verified.to_dict())
    if verified.true:
        return Exit.DONE
    return Exit.NO if verified.drifted else Exit.UNDETERMINED
