"""What a tenant file may not say: unknown words, names that lead nowhere, and what no tenant could hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from keepit_dynamics.sandbox.tenant_spec import EnvironmentSpec, TeamSpec, TenantFile, TenantFileError, is_guid

__all__ = ["check_tenant"]

_USER_TYPES = ("Member", "Guest")
_SIGN_INS = ("ok", "mfa", "blocked_by_policy", "consent_required", "disabled")
_ROLE_KINDS = ("active", "eligible")
_SKU_STATES = ("Enabled", "Warning", "Suspended", "Deleted", "LockedOut")
_ENVIRONMENT_SKUS = ("Production", "Sandbox", "Trial", "Developer", "Default", "Teams")
_ENVIRONMENT_STATES = ("enabled", "disabled")
_TEAM_TYPES = ("owner", "access", "security_group", "office_group")
_JOB_STATES = ("queued", "running", "successful", "incomplete", "unsuccessful", "cancelled")
_READS = (
    *("user", "users", "organization", "licenseDetails", "subscribedSkus", "groups", "members"),
    *("memberOf", "transitiveMemberOf", "checkMemberGroups", "checkMemberObjects"),
    *("getMemberGroups", "getMemberObjects", "scopedRoleMemberOf", "directoryRoles", "roleDefinitions"),
    *("roleAssignments", "roleAssignmentSchedules", "roleAssignmentScheduleInstances"),
    *("roleEligibilitySchedules", "roleEligibilityScheduleInstances"),
    *("assignmentScheduleInstances", "eligibilityScheduleInstances"),
    *("servicePrincipals", "oauth2PermissionGrants", "appRoleAssignments"),
)
"""Reads by the last fixed word of their route."""
_SCOPE = re.compile(r"/|/administrativeUnits/[^/]+")


def check_tenant(tenant: TenantFile) -> None:
    """Refuse a tenant that cannot be; raises TenantFileError with every problem and its place."""
    problems = [
        *_tenant(tenant),
        *_users(tenant),
        *_groups(tenant),
        *_roles(tenant),
        *_skus(tenant),
        *_consents(tenant),
        *_twice("environments", (one.name for one in tenant.environments)),
        *(problem for one in tenant.environments for problem in _environment(tenant, one)),
        *_keepit(tenant),
    ]
    if problems:
        raise TenantFileError("The tenant file cannot be loaded:\n  " + "\n  ".join(problems))


def _tenant(tenant: TenantFile) -> Iterator[str]:
    if tenant.version != 1:
        yield f"version: {tenant.version} is not known; 1 is."
    yield from _guid("tenant: id", tenant.tenant.id)
    for read in tenant.directory.allowed_reads or ():
        yield from _word("directory: allowed_reads", read, _READS)


def _users(tenant: TenantFile) -> Iterator[str]:
    yield from _twice("users", (user.upn for user in tenant.users))
    ids = [*(user.id for user in tenant.users), *(group.id for group in tenant.groups)]
    yield from _twice("ids of users and groups", filter(None, ids))
    for user in tenant.users:
        place = f"users {user.upn}"
        yield from _guid(f"{place}: id", user.id)
        yield from _word(f"{place}: type", user.type, _USER_TYPES)
        yield from _word(f"{place}: sign_in", user.sign_in, _SIGN_INS)
        for license_ in user.licenses:
            yield from _guid(f"{place}, licence {license_.sku}: sku_id", license_.sku_id, needed=True)
            for plan in license_.plans or ():
                yield from _guid(f"{place}, plan {plan.name}: id", plan.id, needed=True)


def _groups(tenant: TenantFile) -> Iterator[str]:
    people, groups = _people(tenant), {group.name.casefold() for group in tenant.groups}
    yield from _twice("groups", (group.name for group in tenant.groups))
    for group in tenant.groups:
        yield from _guid(f"groups {group.name}: id", group.id)
        for member in group.members:
            if member.casefold() in groups and group.role_assignable:
                yield f"groups {group.name}: a role-assignable group cannot hold the group {member}."
            if member.casefold() == group.name.casefold():
                yield f"groups {group.name}: a group cannot hold itself."
            if member.casefold() not in people | groups:
                yield f"groups {group.name}: there is no user or group {member}."


def _roles(tenant: TenantFile) -> Iterator[str]:
    groups = {group.name.casefold(): group for group in tenant.groups}
    for grant in tenant.role_assignments:
        place = f"role_assignments {grant.role} of {grant.principal}"
        yield from _word(f"{place}: kind", grant.kind, _ROLE_KINDS)
        if not _SCOPE.fullmatch(grant.scope):
            yield f"{place}: scope is / or /administrativeUnits/ID, not {grant.scope!r}."
        if grant.activated and grant.kind != "active":
            yield f"{place}: what was activated is active."
        holder = groups.get(grant.principal.casefold())
        if holder is None and grant.principal.casefold() not in _people(tenant):
            yield f"{place}: there is no such user or group."
        if holder is not None and not holder.role_assignable:
            yield f"{place}: the group is not role-assignable."


def _skus(tenant: TenantFile) -> Iterator[str]:
    yield from _twice("skus", (sku.sku_id for sku in tenant.skus))
    for sku in tenant.skus:
        yield from _guid(f"skus {sku.sku}: sku_id", sku.sku_id, needed=True)
        yield from _word(f"skus {sku.sku or sku.sku_id}: status", sku.status, _SKU_STATES)


def _consents(tenant: TenantFile) -> Iterator[str]:
    for consent in tenant.consents:
        place = f"consents {consent.app_id}"
        yield from _guid(f"{place}: app_id", consent.app_id, needed=True)
        if consent.principal is not None and consent.principal.casefold() not in _people(tenant):
            yield f"{place}: there is no user {consent.principal}."
        if consent.all_principals and consent.principal is not None:
            yield f"{place}: it is for all principals or for {consent.principal}."


def _environment(tenant: TenantFile, environment: EnvironmentSpec) -> Iterator[str]:
    place = f"environments {environment.name}"
    yield from _word(f"{place}: sku", environment.sku, _ENVIRONMENT_SKUS)
    yield from _word(f"{place}: state", environment.state, _ENVIRONMENT_STATES)
    yield from _guid(f"{place}: organization_id", environment.organization_id)
    if environment.security_group is not None:
        yield from _group(place, tenant, environment.security_group)
    yield from _twice(f"{place}, users", (user.upn for user in environment.users))
    for user in environment.users:
        yield from _person(place, tenant, user.upn)
        if user.access_mode not in range(6):
            yield f"{place}: the access mode of {user.upn} is one of 0 to 5, not {user.access_mode}."
    for team in environment.teams:
        yield from _team(f"{place}, team {team.name}", tenant, team)


def _team(place: str, tenant: TenantFile, team: TeamSpec) -> Iterator[str]:
    yield from _word(f"{place}: type", team.type, _TEAM_TYPES)
    if team.type == "access" and team.roles:
        yield f"{place}: an access team holds no roles."
    if team.type in {"security_group", "office_group"} and team.group is None:
        yield f"{place}: a group team has a group behind it."
    if team.group is not None:
        yield from _group(place, tenant, team.group)
    for member in team.members:
        yield from _person(place, tenant, member)


def _keepit(tenant: TenantFile) -> Iterator[str]:
    for connector in tenant.keepit.connectors:
        for job in connector.jobs:
            yield from _word(f"keepit, connector {connector.name}: job state", job.state, _JOB_STATES)
    yield from _twice("keepit, tokens", (token.name for token in tenant.keepit.tokens))
    yield from _twice("keepit, connections", (connection.id for connection in tenant.keepit.connections))


def _people(tenant: TenantFile) -> set[str]:
    return {user.upn.casefold() for user in tenant.users}


def _person(place: str, tenant: TenantFile, upn: str) -> Iterator[str]:
    if upn.casefold() not in _people(tenant):
        yield f"{place}: there is no user {upn}."


def _group(place: str, tenant: TenantFile, name: str) -> Iterator[str]:
    if name.casefold() not in {group.name.casefold() for group in tenant.groups}:
        yield f"{place}: there is no group {name}."


def _word(place: str, word: str, known: tuple[str, ...]) -> Iterator[str]:
    if word not in known:
        yield f"{place} is one of {', '.join(known)}, not {word!r}."


def _guid(place: str, text: str, *, needed: bool = False) -> Iterator[str]:
    if (text or needed) and not is_guid(text):
        yield f"{place} is a GUID, not {text!r}."


def _twice(place: str, names: Iterable[str]) -> Iterator[str]:
    counted = Counter(name.casefold() for name in names)
    yield from (f"{place}: there are several {name}." for name, times in counted.items() if times > 1)
