"""The report as HTML: one self-contained block, escaped, readable in light and dark notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from keepit_dynamics.provisioning.plan import Plan
from keepit_dynamics.readiness.finding import Finding, Remedy, Status
from keepit_dynamics.readiness.report import Report

__all__ = ["plan_html", "report_html", "report_page"]

_COLORS = {Status.PASS: "#1a7f37", Status.WARN: "#9a6700", Status.FAIL: "#cf222e", Status.UNKNOWN: "#57606a"}
_CELL = "padding:.35em .7em;text-align:left;vertical-align:top;border-bottom:1px solid rgba(128,128,128,.35)"


def report_html(report: Report) -> str:
    """The report as a fragment: the verdict, then what is wrong with its remedies, then every finding."""
    color, verdict = (_COLORS[Status.PASS], "Ready") if report.ready else (_COLORS[Status.FAIL], "Not ready")
    taken = f"{report.taken_at:%Y-%m-%d %H:%M} UTC"
    head = (
        f'<div style="font-family:system-ui,sans-serif;max-width:70em">'
        f'<p style="font-size:1.25em;margin:.4em 0"><strong style="color:{color}">{verdict}</strong> '
        f"&ndash; {escape(report.subject_upn)} in {escape(report.tenant_name or report.tenant_id)}</p>"
        f'<p style="margin:.2em 0;opacity:.75">{len(report.environments)} environments, checked {taken}, '
        f"rules {escape(report.requirements)}</p>"
    )
    return head + _remedies(report) + _table(report) + "</div>"


def report_page(report: Report) -> str:
    """The report as a whole page."""
    title = escape(f"Readiness of {report.subject_upn}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f'<title>{title}</title></head><body style="margin:2em">{report_html(report)}</body></html>\n'
    )


def plan_html(plan: Plan) -> str:
    """A plan as a fragment: its steps in order."""
    if plan.empty:
        return "<p>Nothing to do: the connector is already as wanted.</p>"
    rows = "".join(
        f'<tr><td style="{_CELL}">{number}</td><td style="{_CELL}">{escape(step.summary)}</td>'
        f'<td style="{_CELL};opacity:.75">{escape(step.basis)}</td></tr>'
        for number, step in enumerate(plan.steps, 1)
    )
    return f'<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'


def _remedies(report: Report) -> str:
    items = "".join(_remedy(report, remedy, findings) for remedy, findings in report.remedies())
    if not items:
        return ""
    return f'<h4 style="margin:1em 0 .3em">What to do</h4><div>{items}</div>'


def _remedy(report: Report, remedy: Remedy, findings: tuple[Finding, ...]) -> str:
    steps = "".join(f"<li>{escape(step)}</li>" for step in remedy.steps)
    heading = f"<strong>{escape(report.places(findings))}</strong>: {escape(remedy.summary)}"
    if not steps:
        return f'<p style="margin:.3em 0">{heading}</p>'
    return f'<details style="margin:.3em 0"><summary>{heading}</summary><ol>{steps}</ol></details>'


def _table(report: Report) -> str:
    header = "".join(
        f'<th style="{_CELL}">{name}</th>' for name in ("Where", "Requirement", "Verdict", "What was found")
    )
    rows = "".join(_rows(report, report.findings))
    head = f"<thead><tr>{header}</tr></thead>"
    return f'<table style="border-collapse:collapse;margin-top:1em">{head}<tbody>{rows}</tbody></table>'


def _rows(report: Report, findings: Iterable[Finding]) -> Iterable[str]:
    for finding in findings:
        where = report.environment_name(finding.environment_id)
        requirement = f'<span style="white-space:nowrap">{escape(finding.requirement)}</span>'
        cells = (escape(where), requirement, _badge(finding.status), escape(finding.summary))
        yield "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _badge(status: Status) -> str:
    return f'<span style="color:{_COLORS[status]};font-weight:600">{status.value}</span>'
