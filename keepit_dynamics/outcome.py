"""What the facade's longer operations return."""

from __future__ import annotations

from typing import Any

import attrs

from keepit_dynamics.keepit.models import Connector
from keepit_dynamics.provisioning import FirstBackup, Journal, Plan, Verification
from keepit_dynamics.readiness.report import Report

__all__ = ["Created", "Verified"]


@attrs.frozen
class Created:
    """A connector that exists and is complete.

    Attributes:
        connector: The connector as it was read back.
        first_backup: Its first backup; None where nothing had to be scheduled.
        plan: What had to be done; empty where the connector was already as wanted.
        report: The readiness report; None where nothing had to be created.
        journal: What was done; None where nothing was.
    """

    connector: Connector
    first_backup: FirstBackup | None
    plan: Plan
    report: Report | None
    journal: Journal | None

    def to_dict(self) -> dict[str, Any]:
        """The outcome as plain JSON values."""
        connector, created = self.connector, self.connector.created
        return {
            "schema": "keepit-dynamics/created/1",
            "changed": not self.plan.empty,
            "connector": {
                "id": connector.id,
                "name": connector.name,
                "type": connector.type,
                "connection": connector.connection,
                "retention": connector.retention,
                "created": created.strftime("%Y-%m-%dT%H:%M:%SZ") if created else None,
            },
            "first_backup": self.first_backup.to_dict() if self.first_backup else None,
            "plan": self.plan.to_dict(),
            "report": self.report.to_dict() if self.report else None,
            "journal": self.journal.to_dict() if self.journal else None,
        }


@attrs.frozen
class Verified:
    """A connector and its account, held against the spec and the requirements."""

    report: Report
    verification: Verification

    @property
    def true(self) -> bool:
        """Whether everything is as it should be."""
        return self.report.ready and self.verification.true

    @property
    def drifted(self) -> bool:
        """Whether something is certainly not as it should be."""
        return self.report.failed or self.verification.drifted

    def to_dict(self) -> dict[str, Any]:
        """Both as plain JSON values."""
        return {
            "schema": "keepit-dynamics/verification/1",
            "true": self.true,
            "report": self.report.to_dict(),
            "connector": self.verification.to_dict(),
        }
