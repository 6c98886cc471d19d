"""The System Administrator security role, by its template, direct or through a team (dataverse.md 4.4, 4.5)."""

from __future__ import annotations

from typing import Any

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.dataverse.access import EnvironmentAccess
from keepit_dynamics.readiness.entry import Entry, entry_of, reach_first
from keepit_dynamics.readiness.finding import Finding, Remedy, Status, unknown
from keepit_dynamics.readiness.snapshot import EnvironmentFacts, Snapshot

__all__ = ["ID", "judge"]

ID = "system-administrator"
_ASSIGN = Remedy(
    "Assign the System Administrator security role to the account in this environment.",
    (
        "In the Power Platform admin centre open Manage > Environments and choose the environment.",
        "Under Access > Users choose See all, pick the account, then Manage security roles.",
        "Tick System Administrator and save. A System Administrator of the environment may do this.",
        "A Global, Power Platform or Dynamics 365 Administrator can make itself one: Membership > Add me.",
    ),
)


def judge(snapshot: Snapshot, environment: EnvironmentFacts) -> Finding:
    """PASS when the role is held, FAIL when it certainly is not, else UNKNOWN."""
    access = environment.access
    if access is None or isinstance(access, Unread):
        summary = "The role is not known: the environment could not be asked."
        return unknown(ID, summary, access, environment_id=environment.id, remedy=reach_first(environment))
    entry = entry_of(access, subject_is_signed_in=snapshot.subject_is_signed_in)
    if entry is Entry.NO_ROLE:
        return _fail(environment, "The account has a user in the environment, but not the role.", access)
    if entry is not Entry.OPEN and isinstance(access.user, Unread | None):
        summary = "The role is not known: the account's user could not be read."
        cause = access.user if isinstance(access.user, Unread) else None
        return unknown(ID, summary, cause, environment_id=environment.id)
    return _judge_roles(snapshot, environment, access)


def _judge_roles(snapshot: Snapshot, environment: EnvironmentFacts, access: EnvironmentAccess) -> Finding:
    direct = [role for role in _known(access.roles) if role.is_system_administrator]
    through = [held for held in _known(access.team_roles) if held.role.is_system_administrator]
    hint = environment.discovered.is_user_sys_admin if environment.discovered else None
    evidence = _evidence(access, direct=bool(direct), teams=[team.name for held in through for team in held.teams])
    if direct or through:
        if direct and hint is False and snapshot.subject_is_signed_in:
            # Whether discovery counts roles through teams is not known, so only a direct one can contradict it.
            summary = (
                "The account has the role, but discovery does not call it a System Administrator: ask again later."
            )
            return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
        how = "directly" if direct else "through a team"
        return Finding(ID, Status.PASS, f"System Administrator, {how}.", environment.id, evidence)
    later = [role for role in _known(access.directory_roles or ()) if role.is_system_administrator]
    if later:
        summary = "The role comes through a group team whose membership is not written yet; run the check again."
        return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
    cause = _first_unread(access)
    if cause is not None:
        return unknown(ID, "Not all of the account's roles could be read.", cause, environment_id=environment.id)
    if hint and snapshot.subject_is_signed_in:
        summary = "Discovery calls the account a System Administrator, its roles do not: ask again in a while."
        return unknown(ID, summary, environment_id=environment.id, evidence=evidence)
    return _fail(environment, "The account is not System Administrator.", access)


def _first_unread(access: EnvironmentAccess) -> Unread | None:
    """What is missing for a no: roles, team roles, and the look at what groups would give."""
    if access.directory_roles is None:
        return Unread("What Entra groups would give was not asked.")
    facts = (access.roles, access.team_roles, access.directory_roles)
    return next((fact for fact in facts if isinstance(fact, Unread)), None)


def _known(fact: Any) -> Any:
    return () if isinstance(fact, Unread) else fact


def _evidence(access: EnvironmentAccess, **more: Any) -> dict[str, Any]:
    names = sorted(role.name or role.id for role in _known(access.roles))
    return {"roles": names, **{name: value for name, value in more.items() if value}}


def _fail(environment: EnvironmentFacts, summary: str, access: EnvironmentAccess) -> Finding:
    return Finding(ID, Status.FAIL, summary, environment.id, _evidence(access), _ASSIGN)
