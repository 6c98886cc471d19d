"""Turn the tenant file's environments into the sandbox's state."""

from __future__ import annotations

import re
import unicodedata

from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.role_names import BUILT_IN_ROLES, display_name
from keepit_dynamics.sandbox.powerplatform.state import Environment, Team
from keepit_dynamics.sandbox.tenant_file import (
    EnvironmentSpec,
    EnvironmentUserSpec,
    TeamSpec,
    TenantFileError,
    derived_id,
)

__all__ = ["build_environments"]

_TEAM_TYPES = {"owner": 0, "access": 1, "security_group": 2, "office_group": 3}


def build_environments(specs: tuple[EnvironmentSpec, ...], directory: Directory, base_url: str) -> list[Environment]:
    """Make every environment of a tenant file, with distinct url names."""
    ids = [_environment_id(spec, directory.tenant_id) for spec in specs]
    names = _url_names(specs, ids)
    return [
        _build(spec, environment_id, name, directory, base_url)
        for spec, environment_id, name in zip(specs, ids, names, strict=True)
    ]


def _environment_id(spec: EnvironmentSpec, tenant_id: str) -> str:
    if spec.id:
        return spec.id
    if spec.sku == "Default":
        return f"Default-{tenant_id}"
    return derived_id("environment", tenant_id, spec.name)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _url_names(specs: tuple[EnvironmentSpec, ...], ids: list[str]) -> list[str]:
    """Names given in the file go first, so that a derived one never takes a given one away."""
    names = [""] * len(specs)
    taken: set[str] = set()
    for index in sorted(range(len(specs)), key=lambda index: not specs[index].url_name):
        wanted = specs[index].url_name or _slug(specs[index].name)
        start = ids[index].removeprefix("Default-")[:8].lower()
        if not wanted or wanted in taken:
            wanted = f"{wanted}-{start}".strip("-")
        names[index] = wanted
        taken.add(wanted)
    return names


def _build(
    spec: EnvironmentSpec,
    environment_id: str,
    url_name: str,
    directory: Directory,
    base_url: str,
) -> Environment:
    organization_id = (spec.organization_id or derived_id("organization", environment_id)).lower()
    environment = Environment(
        spec=spec,
        tenant_id=directory.tenant_id,
        id=environment_id,
        organization_id=organization_id,
        unique_name=spec.unique_name or "unq" + organization_id.replace("-", "")[:29],
        url_name=url_name,
        address=f"{base_url}/env/{url_name}",
        tables=spec.tables,
    )
    environment.unit(spec.name)
    for template in BUILT_IN_ROLES:
        environment.add_role(display_name(template, spec.language))
    for user in spec.users:
        _add_user(environment, user, directory)
    for team in spec.teams:
        _add_team(environment, team, directory)
    return environment


def _add_user(environment: Environment, spec: EnvironmentUserSpec, directory: Directory) -> None:
    """A row whose account is not in the tenant is one that Entra has deleted."""
    user = directory.user(spec.upn)
    object_id = user.id if user else derived_id("deleted user", environment.tenant_id, spec.upn.lower())
    unit = environment.unit(spec.business_unit)
    row = environment.add_user(object_id, spec.upn, user.name if user else spec.upn, unit.id)
    row.access_mode = spec.access_mode
    row.disabled = spec.disabled
    for role in spec.roles:
        environment.grant(row, environment.role_named(role, row.unit_id))


def _add_team(environment: Environment, spec: TeamSpec, directory: Directory) -> None:
    """Members without a user row are left out: a team holds rows, not accounts."""
    if spec.type not in _TEAM_TYPES:
        raise TenantFileError(f"{environment.spec.name}: the team {spec.name} has the unknown type {spec.type}")
    if spec.type == "access" and spec.roles:
        raise TenantFileError(f"{environment.spec.name}: the access team {spec.name} cannot hold roles")
    group = directory.group(spec.group) if spec.group else None
    unit_id = environment.root_unit.id
    team = Team(
        id=derived_id("team", environment.id, spec.name),
        name=spec.name,
        type=_TEAM_TYPES[spec.type],
        unit_id=unit_id,
        version=environment.next_version(),
        group_id=group.id if group else None,
    )
    environment.teams.append(team)
    for role in spec.roles:
        environment.grant(team, environment.role_named(role, unit_id))
    accounts = [directory.user(upn) for upn in spec.members]
    rows = [environment.user(account.id) for account in accounts if account]
    team.member_ids.update(row.id for row in rows if row)
