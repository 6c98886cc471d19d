"""What a tenant file may not say: unknown words, names that lead nowhere, and what no tenant could hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keepit_dynamics.sandbox.tenant_file import EnvironmentSpec, TenantFile, TenantFileError

__all__ = ["check_tenant"]

_USER_TYPES = ("Member", "Guest")
_SIGN_INS = ("ok", "mfa", "blocked_by_policy", "consent_required", "disabled")
_ROLE_KINDS = ("active", "eligible")
_SKU_STATES = ("Enabled", "Warning", "Suspended", "Deleted", "LockedOut")
_ENVIRONMENT_SKUS = ("Production", "Sandbox", "Trial", "Developer", "Default", "Teams")
_ENVIRONMENT_STATES = ("enabled", "disabled")
_TEAM_TYPES = ("owner", "access", "security_group", "office_group")
_JOB_STATES = ("queued", "running", "successful", "incomplete", "unsuccessful", "cancelled")


def check_tenant(tenant: TenantFile) -> None:
    """Refuse a tenant that cannot be; raises TenantFileError with every problem and its place."""
    problems = [
        *_version(tenant),
        *_users(tenant),
        *_groups(tenant),
        *_roles(tenant),
        *_skus(tenant),
        *(problem for one in tenant.environments for problem in _environment(tenant, one)),
        *_keepit(tenant),
    ]
    if problems:
        raise TenantFileError("The tenant file cannot be loaded:\n  " + "\n  ".join(problems))


def _version(tenant: TenantFile) -> Iterator[str]:
    if tenant.version != 1:
        yield f"version: {tenant.version} is not known; 1 is."


def _users(tenant: TenantFile) -> Iterator[str]:
    names = [user.upn.casefold() for user in tenant.users]
    for user in tenant.users:
        yield from _word(f"users {user.upn}: type", user.type, _USER_TYPES)
        yield from _word(f"users {user.upn}: sign_in", user.sign_in, _SIGN_INS)
        if names.count(user.upn.casefold()) > 1:
            yield f"users {user.upn}: there are several of this name."


def _groups(tenant: TenantFile) -> Iterator[str]:
    people, groups = _people(tenant), {group.name.casefold(): group for group in tenant.groups}
    for group in tenant.groups:
        for member in group.members:
            if member.casefold() in groups and group.role_assignable:
                yield f"groups {group.name}: a role-assignable group cannot hold the group {member}."
            if member.casefold() not in people and member.casefold() not in groups:
                yield f"groups {group.name}: there is no user or group {member}."


def _roles(tenant: TenantFile) -> Iterator[str]:
    groups = {group.name.casefold(): group for group in tenant.groups}
    for grant in tenant.role_assignments:
        place = f"role_assignments {grant.role} of {grant.principal}"
        yield from _word(f"{place}: kind", grant.kind, _ROLE_KINDS)
        holder = groups.get(grant.principal.casefold())
        if holder is None and grant.principal.casefold() not in _people(tenant):
            yield f"{place}: there is no such user or group."
        if holder is not None and not holder.role_assignable:
            yield f"{place}: the group is not role-assignable."


def _skus(tenant: TenantFile) -> Iterator[str]:
    for sku in tenant.skus:
        yield from _word(f"skus {sku.sku or sku.sku_id}: status", sku.status, _SKU_STATES)


def _environment(tenant: TenantFile, environment: EnvironmentSpec) -> Iterator[str]:
    place = f"environments {environment.name}"
    yield from _word(f"{place}: sku", environment.sku, _ENVIRONMENT_SKUS)
    yield from _word(f"{place}: state", environment.state, _ENVIRONMENT_STATES)
    groups = {group.name.casefold() for group in tenant.groups}
    if environment.security_group is not None and environment.security_group.casefold() not in groups:
        yield f"{place}: there is no group {environment.security_group}."
    for user in environment.users:
        if user.upn.casefold() not in _people(tenant):
            yield f"{place}: there is no user {user.upn}."
        if user.access_mode not in range(6):
            yield f"{place}: the access mode of {user.upn} is one of 0 to 5, not {user.access_mode}."
    for team in environment.teams:
        yield from _word(f"{place}, team {team.name}: type", team.type, _TEAM_TYPES)
        if team.type == "access" and team.roles:
            yield f"{place}, team {team.name}: an access team holds no roles."


def _keepit(tenant: TenantFile) -> Iterator[str]:
    for connector in tenant.keepit.connectors:
        for job in connector.jobs:
            yield from _word(f"keepit, connector {connector.name}: job state", job.state, _JOB_STATES)
    names = [token.name for token in tenant.keepit.tokens]
    yield from (f"keepit, tokens: {name} is there twice." for name in sorted({n for n in names if names.count(n) > 1}))


def _people(tenant: TenantFile) -> Mapping[str, object]:
    return {user.upn.casefold(): user for user in tenant.users}


def _word(place: str, word: str, known: tuple[str, ...]) -> Iterator[str]:
    if word not in known:
        yield f"{place} is one of {', '.join(known)}, not {word!r}."
