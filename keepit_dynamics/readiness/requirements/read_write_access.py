"""Access mode Read-Write, and the user enabled, in an environment (contracts/dataverse.md 4.1)."""

from __future__ import annotations

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.dataverse.access import SystemUser
from keepit_dynamics.readiness.entry import Entry, entry_of, reach_first
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["ID", "judge"]

ID = "read-write-access"
_MODES = ("Read-Write", "Administrative", "Read", "Support User", "Non-interactive", "Delegated Admin")
_SET_MODE = Remedy(
    "Set the account's access mode to Read-Write in this environment.",
    (
        "Check that the account has a Dynamics licence; without one the mode cannot be Read-Write.",
        "In the Power Platform admin centre open the environment, Access > Users > See all.",
        "Pick the account, then Manage user in Dynamics 365.",
        "Under Administration > Client Access License (CAL) Information set Access Mode to Read-Write and save.",
        "A System Administrator of the environment with Read-Write access may do this.",
    ),
)
_ENABLE = Remedy(
    "Enable the account's user in this environment.",
    (
        "Check that the account has a Dynamics licence and is in the environment's security group.",
        "In the Power Platform admin centre open the environment, Access > Users, and enable or refresh the user.",
    ),
)


def judge(snapshot: Snapshot, environment: EnvironmentFacts) -> Finding:
    """PASS for an enabled Read-Write user, FAIL for another mode or a disabled one, else UNKNOWN."""
    access = environment.access
    if access is None or isinstance(access, Unread):
        summary = "The access mode is not known: the environment could not be asked."
        return unknown(ID, summary, access, environment_id=environment.id, remedy=reach_first(environment))
    entry = entry_of(access, subject_is_signed_in=snapshot.subject_is_signed_in)
    if entry is Entry.DISABLED_USER:
        return Finding(ID, Status.FAIL, "The account's user is disabled.", environment.id, remedy=_ENABLE)
    if isinstance(access.user, SystemUser):
        return _judge_user(environment, access.user)
    summary = "The access mode is not known: the account's user could not be read."
    return unknown(ID, summary, access.user, environment_id=environment.id)


def _judge_user(environment: EnvironmentFacts, user: SystemUser) -> Finding:
    evidence = {"access_mode": user.access_mode, "disabled": user.disabled}
    if user.access_mode is None or user.disabled is None:
        summary = "The access mode, or whether the user is enabled, is masked."
        return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
    if user.access_mode not in range(len(_MODES)):
        summary = f"The access mode {user.access_mode} is not a known one."
        return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
    if user.access_mode != 0:
        summary = f"The access mode is {_MODES[user.access_mode]}, not Read-Write."
        return Finding(ID, Status.FAIL, summary, environment.id, evidence, _SET_MODE)
    return Finding(ID, Status.PASS, "Read-Write, and enabled.", environment.id, evidence)
