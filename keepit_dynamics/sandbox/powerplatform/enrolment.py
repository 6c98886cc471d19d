"""Bring an account into an environment: what stands in the way, and the row that is made."""

from __future__ import annotations

import attrs

from keepit_dynamics.sandbox.powerplatform.access import ADMINISTRATORS, Access
from keepit_dynamics.sandbox.powerplatform.state import UserRow

__all__ = ["Obstacle", "enrol", "obstacle"]

_READ_WRITE, _ADMINISTRATIVE = 0, 1


@attrs.frozen
class Obstacle:
    """Why an account cannot be added, in the words of the platform's user synchronisation."""

    code: str
    message: str


def obstacle(access: Access, object_id: str) -> Obstacle | None:
    """What keeps an account out of an environment; an administrator needs no licence."""
    account = access.directory.user(object_id)
    if account is None:
        return Obstacle("userNotFound", f"User {object_id} was not found in the tenant")
    if not account.enabled:
        return Obstacle("userNotEnabled", f"User {object_id} is not enabled in the tenant")
    if not access.in_group(account.id):
        group = access.directory.group(access.environment.spec.security_group or "")
        named = group.id if group else access.environment.spec.security_group
        return Obstacle("userNotPartOfSecurityGroup", f"User {object_id} is not part of security group {named}")
    if not account.licenses and not access.directory.active_roles(account.id) & ADMINISTRATORS:
        return Obstacle("userNotLicensed", f"User {object_id} is not licensed")
    return None


def enrol(access: Access, object_id: str) -> UserRow:
    """The account's row, made without roles where there is none: unlicensed administrators may only administer."""
    environment, account = access.environment, access.directory.user(object_id)
    row = environment.user(object_id)
    if row is not None or account is None:
        return row or environment.add_user(object_id, object_id, object_id, environment.root_unit.id)
    row = environment.add_user(account.id, account.upn, account.name, environment.root_unit.id)
    row.access_mode = _READ_WRITE if account.licenses else _ADMINISTRATIVE
    row.setup_user = not account.licenses
    return row
