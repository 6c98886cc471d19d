"""A Dynamics licence that is usable: one of the named plans, a part of one, or a named app (licensing.md)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.models import DirectoryUser
from keepit_dynamics.licensing import LicenseVerdict
from keepit_dynamics.licensing import match as match_licenses
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge"]

ID = "dynamics-license"
_ASSIGN = Remedy(
    "Assign a Dynamics 365 licence to the account, with its plans switched on.",
    (
        "Any of these will do: Dynamics 365 Team Members; Sales, Customer Service or Field Service; a plan of them.",
        "In the Microsoft 365 admin centre open Users > Active users, choose the account, Licences and apps.",
        "Tick the licence, and below it check that the Dynamics apps are ticked as well.",
        "A License Administrator or Global Administrator may do this.",
    ),
)
_RENEW = Remedy(
    "See that the licence does not run out.",
    ("In the Microsoft 365 admin centre open Billing > Your products and renew or replace the subscription.",),
)


def judge(snapshot: Snapshot) -> Finding:
    """PASS with a usable licence, WARN where it is about to end, FAIL where there is none, else UNKNOWN."""
    facts = snapshot.directory
    if isinstance(facts.licenses, Unread):
        return unknown(ID, "The account's licences could not be read.", facts.licenses)
    if isinstance(facts.subscribed, Unread):
        return unknown(
            ID, "Whether the subscriptions behind the licences are alive could not be read.", facts.subscribed
        )
    verdict = match_licenses(facts.licenses, subscribed=facts.subscribed)
    evidence = _evidence(verdict, facts.user)
    match verdict.outcome:
        case "satisfied" if verdict.warnings or verdict.trial or verdict.expiring:
            text = " ".join((verdict.reason, *verdict.warnings))
            return Finding(ID, Status.WARN, text, evidence=evidence, remedy=_RENEW)
        case "satisfied":
            return Finding(ID, Status.PASS, verdict.reason, evidence=evidence)
        case "undetermined":
            return unknown(ID, verdict.reason, evidence=evidence, remedy=_ASSIGN)
        case "not_satisfied":
            return Finding(ID, Status.FAIL, verdict.reason, evidence=evidence, remedy=_ASSIGN)


def _evidence(verdict: LicenseVerdict, user: DirectoryUser | Unread) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "licenses": [
            {
                "sku_id": found.sku_id,
                "sku": found.part_number,
                "product": found.product,
                "satisfies": found.item,
            }
            for found in verdict.matches
        ],
        "not_enough": [
            {"sku_id": miss.sku_id, "sku": miss.part_number, "product": miss.product, "why": miss.why}
            for miss in verdict.near_misses
        ],
    }
    states = () if isinstance(user, Unread) else user.license_assignment_states or ()
    errors = [state for state in states if state.state not in {None, "Active"}]
    if errors:
        evidence["assignment_errors"] = [
            {
                "sku_id": state.sku_id,
                "group": state.assigned_by_group,
                "state": state.state,
                "error": state.error,
            }
            for state in errors
        ]
    return evidence
