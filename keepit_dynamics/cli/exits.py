"""Exit codes, and which error leads to which (interfaces.md 2)."""

from __future__ import annotations

from enum import IntEnum

from keepit_dynamics.errors import (
    ConfigurationError,
    ConflictError,
    DestinationError,
    KeepitDynamicsError,
    NotReadyError,
    SignInError,
)
from keepit_dynamics.readiness.report import Report

__all__ = ["Exit", "exit_of_error", "exit_of_report"]


class Exit(IntEnum):
    """What a command ended with."""

    DONE = 0
    NO = 1
    UNDETERMINED = 2
    INPUT = 3
    SERVICE = 4


def exit_of_report(report: Report) -> Exit:
    """Ready, certainly not ready, or not determined."""
    if report.ready:
        return Exit.DONE
    return Exit.NO if report.failed else Exit.UNDETERMINED


def exit_of_error(error: KeepitDynamicsError) -> Exit:
    """The exit code for an error."""
    if isinstance(error, NotReadyError):
        return exit_of_report(error.report)
    if isinstance(error, SignInError | ConfigurationError | ConflictError | DestinationError):
        return Exit.INPUT
    return Exit.SERVICE
