"""Reports and plans in the terminal, through rich."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from keepit_dynamics.provisioning.plan import Plan
from keepit_dynamics.provisioning.verify import Verification
from keepit_dynamics.readiness.finding import Status
from keepit_dynamics.readiness.report import Report

__all__ = ["print_plan", "print_report", "print_verification"]

_STYLES = {Status.PASS: "green", Status.WARN: "yellow", Status.FAIL: "bold red", Status.UNKNOWN: "bold magenta"}
_DRIFT_STYLES = {"OK": "green", "DRIFT": "bold red", "UNKNOWN": "bold magenta"}
_MANY = 8
"""With more environments than this, those where all is well are summed up in one line."""


def print_report(console: Console, report: Report) -> None:
    """The findings as a table, then the remedies of those that are not met, then the verdict."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("Where", "Requirement", "Verdict", "What was found"):
        table.add_column(column, overflow="fold", no_wrap=column in {"Requirement", "Verdict"})
    quiet = _quiet_environments(report)
    for finding in report.findings:
        if finding.environment_id not in quiet:
            where = Text(report.environment_name(finding.environment_id))
            table.add_row(where, finding.requirement, _verdict(finding.status), Text(finding.summary))
    if quiet:
        table.add_row(f"{len(quiet)} more", "", _verdict(Status.PASS), "Every requirement is met in them.")
    console.print(table)
    _print_remedies(console, report)
    color, word = ("green", "READY") if report.ready else ("red", "NOT READY")
    subject = Text(f" {report.subject_upn} in {report.tenant_name or report.tenant_id}")
    console.print(Text("\n" + word, style=f"bold {color}") + subject)


def print_plan(console: Console, plan: Plan) -> None:
    """The steps in order, and what each rests on."""
    if plan.empty:
        console.print("Nothing to do: the connector is already as wanted.")
        return
    for number, step in enumerate(plan.steps, 1):
        console.print(Text(f" {number}. {step.summary} ") + Text(f"({step.basis})", style="dim"), soft_wrap=True)


def print_verification(console: Console, verification: Verification) -> None:
    """Each aspect of a connector beside what was wanted."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("Aspect", "Verdict", "Wanted", "Found"):
        table.add_column(column, overflow="fold")
    for row in verification.rows:
        verdict = Text(row.status, style=_DRIFT_STYLES[row.status])
        table.add_row(row.aspect, verdict, Text(str(row.wanted)), Text(str(row.found)))
    console.print(table)


def _quiet_environments(report: Report) -> set[str]:
    if len(report.environments) <= _MANY:
        return set()
    loud = {finding.environment_id for finding in report.findings if finding.status is not Status.PASS}
    return {environment.id for environment in report.environments} - {one for one in loud if one is not None}


def _print_remedies(console: Console, report: Report) -> None:
    remedies = report.remedies()
    if remedies:
        console.print("\nWhat to do", style="bold")
    for remedy, findings in remedies:
        heading = Text(f"• {report.places(findings)}: ", style="bold") + Text(remedy.summary)
        console.print(heading, soft_wrap=True)
        for number, step in enumerate(remedy.steps, 1):
            console.print(Text(f"    {number}. {step}", style="dim"), soft_wrap=True)


def _verdict(status: Status) -> Text:
    return Text(status.value, style=_STYLES[status])
