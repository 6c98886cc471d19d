"""The subject is an enabled work or school account that is a member of the tenant (entra-and-graph.md 4)."""

from __future__ import annotations

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.graph.models import DirectoryUser
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = ["ID", "judge"]

ID = "work-account"
_OTHER = Remedy(
    "Use a work account that is a member of this tenant.",
    (
        "In the Microsoft Entra admin centre open Users > All users.",
        "Choose or create a user of type Member whose sign-in name is in one of the tenant's own domains.",
        "Run the check for that account.",
    ),
)
_UNTOLD = Unread("The directory left these properties out.", needs="User.Read.All")
_ENABLE = Remedy(
    "Enable the account.",
    ("In the Microsoft Entra admin centre open Users, choose the account, edit Account status, enable it.",),
)


def judge(snapshot: Snapshot) -> Finding:
    """PASS for an enabled member; FAIL for a guest, a personal or a disabled account; else UNKNOWN."""
    user = snapshot.directory.user
    if isinstance(user, Unread):
        if user.status == 404:
            return Finding(ID, Status.FAIL, f"{snapshot.subject} does not exist in this tenant.", remedy=_OTHER)
        return unknown(ID, f"The account {snapshot.subject} could not be read.", user)
    evidence: dict[str, object] = {
        "upn": user.user_principal_name,
        "user_type": user.user_type,
        "enabled": user.account_enabled,
    }
    if user.user_type not in {None, "Member", "Guest"}:
        return unknown(ID, f"The directory calls the account a {user.user_type!r}, an unknown type.", evidence=evidence)
    if user.user_type == "Guest":
        return Finding(ID, Status.FAIL, "The account is a guest of this tenant.", evidence=evidence, remedy=_OTHER)
    if user.account_enabled is False:
        return Finding(ID, Status.FAIL, "The account is disabled.", evidence=evidence, remedy=_ENABLE)
    return _judge_member(snapshot, user, evidence)


def _judge_member(snapshot: Snapshot, user: DirectoryUser, evidence: dict[str, object]) -> Finding:
    if user.account_enabled is None:
        # Told only to those who may read more than names; without it, nothing else that is missing can be trusted.
        return unknown(
            ID, "Whether the account is enabled, and of which type, could not be read.", _UNTOLD, evidence=evidence
        )
    if user.user_type is None and (user.creation_type is not None or not snapshot.subject_is_signed_in):
        # Old synchronised accounts have no type; of the signed-in one its token has shown that it is at home here.
        return unknown(ID, "Whether the account is a member or a guest could not be read.", evidence=evidence)
    return Finding(ID, Status.PASS, "An enabled work account, member of this tenant.", evidence=evidence)
