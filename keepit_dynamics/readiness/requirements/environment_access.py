"""Every environment is discovered and answers the account; none is missing from the report.

The rules: contracts/dataverse.md 1.6, 2.2, 4.5 and 4.6.
"""

from __future__ import annotations

from typing import Any

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.dataverse.access import EnvironmentAccess, Refusal
from keepit_dynamics.graph.models import ROLE_TEMPLATE_IDS
from keepit_dynamics.readiness.entry import Entry, entry_of
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.roles import Standing, role_standing
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["ID", "judge", "judge_list"]

ID = "environment-access"
_ADD_USER = Remedy(
    "Add the account to the environment.",
    (
        "In the Power Platform admin centre open Manage > Environments and choose the environment.",
        "Under Access > Users choose See all, then Add user, and add the account.",
        "If the environment has a security group, make the account a member of it first.",
        "Assign the System Administrator security role to it there.",
    ),
)
_ENABLE_USER = Remedy(
    "Enable the account's user in the environment.",
    (
        "Check that the account has a Dynamics licence and is in the environment's security group.",
        "In the Power Platform admin centre open the environment, Access > Users, and refresh or enable the user.",
    ),
)
_OPEN = Remedy(
    "Open the environment again.",
    ("In the Power Platform admin centre open the environment, and enable it or end administration mode.",),
)
_SIGN_IN = Remedy("Run the check signed in as the account itself.")
_ALL_ROLES = ("Global Administrator", "Power Platform Administrator", "Dynamics 365 Administrator")


def judge_list(snapshot: Snapshot) -> Finding:
    """Whether the list of environments is complete: only a holder of one of three roles sees all of them."""
    listed = snapshot.administered
    if isinstance(listed, Unread):
        return unknown(ID, "The tenant's full list of environments could not be read; some may be missing.", listed)
    if isinstance(snapshot.discovered, Unread):
        return unknown(ID, "Which environments are open to the account could not be read.", snapshot.discovered)
    role = _role_that_sees_all(snapshot)
    with_dataverse = [environment for environment in listed if environment.has_dataverse]
    evidence: dict[str, Any] = {"environments": len(listed), "with_dataverse": len(with_dataverse)}
    if role is None:
        return unknown(
            ID,
            "The list may be incomplete: the signed-in account is not known to hold a role that sees everything.",
            evidence={**evidence, "roles_that_see_all": list(_ALL_ROLES)},
            remedy=Remedy(f"Sign in with an account that actively holds one of: {', '.join(_ALL_ROLES)}."),
        )
    evidence["seen_as"] = role
    if not with_dataverse and not snapshot.environments:
        return Finding(
            ID, Status.WARN, "The tenant has no Dataverse environment: nothing to back up.", evidence=evidence
        )
    summary = f"The list is complete: {len(with_dataverse)} environments with Dataverse, {len(listed)} in all."
    return Finding(ID, Status.PASS, summary, evidence=evidence)


def _role_that_sees_all(snapshot: Snapshot) -> str | None:
    facts = snapshot.directory
    if not snapshot.subject_is_signed_in:
        facts = _as_caller(snapshot)
    for role in _ALL_ROLES:
        standing = role_standing(facts, ROLE_TEMPLATE_IDS[role], snapshot.signed_in.object_id, snapshot.taken_at)
        if standing.standing is Standing.ACTIVE:
            return role
    return None


def _as_caller(snapshot: Snapshot) -> Any:
    other = Unread("Schedules were read for the subject, not for the signed-in account.")
    facts = snapshot.directory
    return attrs.evolve(facts, memberships=facts.caller_memberships, active=other, eligible=other)


def judge(snapshot: Snapshot, environment: EnvironmentFacts) -> Finding:
    """PASS when the account gets in, FAIL when it certainly does not, else UNKNOWN."""
    evidence = _evidence(environment)
    if environment.closed:
        summary = f"The environment is {environment.state}: nobody can back it up now."
        return _fail(environment, summary, _OPEN, evidence)
    if environment.discovered is None:
        return _undiscovered(snapshot, environment, evidence)
    access = environment.access
    if access is None or isinstance(access, Unread):
        return unknown(
            ID,
            "The environment could not be asked.",
            access,
            environment_id=environment.id,
            evidence=evidence,
        )
    return _judge_entry(snapshot, environment, access, evidence)


def _undiscovered(snapshot: Snapshot, environment: EnvironmentFacts, evidence: dict[str, Any]) -> Finding:
    if isinstance(snapshot.discovered, Unread):
        return unknown(
            ID,
            "Discovery could not be read.",
            snapshot.discovered,
            environment_id=environment.id,
            evidence=evidence,
        )
    if not snapshot.subject_is_signed_in:
        summary = "The environment is out of the signed-in account's own reach: nothing is known of the subject there."
        return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
    summary = "The environment exists in the tenant but is out of the account's reach: no user, or a disabled one."
    return _fail(environment, summary, _ADD_USER, evidence)


def _judge_entry(
    snapshot: Snapshot, environment: EnvironmentFacts, access: EnvironmentAccess, evidence: dict[str, Any]
) -> Finding:
    entry = entry_of(access, subject_is_signed_in=snapshot.subject_is_signed_in)
    if isinstance(access.refusal, Refusal):
        evidence["refused"] = f"{access.refusal.status} {access.refusal.code}"
    match entry:
        case Entry.OPEN if not snapshot.subject_is_signed_in:
            summary = "The account has an enabled user there; only itself can show that discovery lists it too."
            return unknown(ID, summary, environment_id=environment.id, evidence=evidence, remedy=_SIGN_IN)
        case Entry.OPEN | Entry.NO_ROLE:
            return Finding(ID, Status.PASS, "The environment answers the account.", environment.id, evidence)
        case Entry.NO_USER:
            return _fail(environment, "The account has no user in the environment.", _ADD_USER, evidence)
        case Entry.DISABLED_USER:
            return _fail(environment, "The account's user in the environment is disabled.", _ENABLE_USER, evidence)
        case Entry.CLOSED:
            return _fail(environment, "The environment is disabled or in administration mode.", _OPEN, evidence)
        case Entry.UNKNOWN:
            cause = access.user if isinstance(access.user, Unread) else None
            summary = "Whether the account can enter could not be determined."
            return unknown(ID, summary, cause, environment_id=environment.id, evidence=evidence)


def _fail(environment: EnvironmentFacts, summary: str, remedy: Remedy, evidence: dict[str, Any]) -> Finding:
    return Finding(ID, Status.FAIL, summary, environment.id, evidence, remedy)


def _evidence(environment: EnvironmentFacts) -> dict[str, Any]:
    listed = environment.administered
    shown: dict[str, Any] = {
        "discovered": environment.discovered is not None,
        "in_admin_list": listed is not None,
        "state": environment.state,
        "security_group_id": listed.security_group_id if listed else None,
        "kind": listed.sku if listed else None,
    }
    return {name: value for name, value in shown.items() if value is not None}
