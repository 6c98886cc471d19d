"""The connector: what is wanted and what is there make a plan; the plan is carried out, and verified."""

from __future__ import annotations

from keepit_dynamics.provisioning.apply import Applied, apply
from keepit_dynamics.provisioning.backup import FirstBackup
from keepit_dynamics.provisioning.journal import Journal
from keepit_dynamics.provisioning.plan import Plan, Step, make_plan
from keepit_dynamics.provisioning.retention import Retention
from keepit_dynamics.provisioning.spec import ConnectorSpec
from keepit_dynamics.provisioning.state import read_state
from keepit_dynamics.provisioning.verify import Verification, verify

__all__ = [
    "Applied",
    "ConnectorSpec",
    "FirstBackup",
    "Journal",
    "Plan",
    "Retention",
    "Step",
    "Verification",
    "apply",
    "make_plan",
    "read_state",
    "verify",
]
