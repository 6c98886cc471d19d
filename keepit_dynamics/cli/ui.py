"""What a command shows: tables for people, one JSON document for programs, never mixed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.text import Text

from keepit_dynamics._core.events import Progress, RequestFinished, RetryScheduled
from keepit_dynamics.display.html import report_page
from keepit_dynamics.errors import ConfigurationError, KeepitDynamicsError
from keepit_dynamics.readiness.report import Report

__all__ = ["Ui"]


@attrs.frozen
class Ui:
    """Where a command's output goes."""

    console: Console
    errors: Console
    json_target: str | None = None
    html_target: str | None = None
    verbose: bool = False

    @classmethod
    def of(cls, options: argparse.Namespace) -> Ui:
        """The output that the options ask for; with ``--json -`` people read standard error."""
        no_color = True if options.no_color else None
        errors = Console(stderr=True, no_color=no_color, highlight=False, soft_wrap=False)
        to_stderr = options.json == "-"
        console = Console(stderr=to_stderr, no_color=no_color, highlight=False, quiet=options.quiet)
        return cls(console, errors, options.json, options.html, options.verbose)

    def say(self, text: str, style: str | None = None) -> None:
        """Show a sentence."""
        self.console.print(Text(text, style=style or ""), soft_wrap=True)

    def observe(self, event: Any) -> None:
        """Show what goes on: progress always, requests only when asked for."""
        match event:
            case Progress(text):
                self.console.print(Text(f"… {text}", style="dim"), soft_wrap=True)
            case RequestFinished(service, method, url, status) if self.verbose:
                self.errors.print(Text(f"  {service} {method} {url} -> {status}", style="dim"), soft_wrap=True)
            case RetryScheduled(service, _, url, reason, wait):
                if self.verbose:
                    self.errors.print(Text(f"  {service} {url}: {reason}, again in {wait:.1f} s", style="dim"))

    def document(self, data: Any) -> None:
        """Write the JSON document, where one is wanted."""
        if self.json_target is None:
            return
        text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        if self.json_target == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            _write(self.json_target, text)

    def page(self, report: Report) -> None:
        """Write the report as a page, where one is wanted."""
        if self.html_target is not None:
            _write(self.html_target, report_page(report))

    def fail(self, error: KeepitDynamicsError) -> None:
        """Show an error: what happened, and what to do."""
        problems = error.problems if isinstance(error, ConfigurationError) else (error.message,)
        for problem in problems:
            self.errors.print(Text("Error: ", style="bold red") + Text(problem), soft_wrap=True)
        if error.hint:
            self.errors.print(Text(error.hint), soft_wrap=True)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error
