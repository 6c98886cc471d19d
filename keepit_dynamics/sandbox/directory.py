"""The Entra directory of a tenant: users, groups and directory roles, and an administrator's hand in them."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.tenant_spec import LicenseSpec, TenantFile, UserSpec, derived_id, is_guid

__all__ = ["ROLE_TEMPLATES", "Directory", "Group", "RoleGrant", "User"]

ROLE_TEMPLATES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Dynamics 365 Administrator": "44367163-eba1-44c3-98af-f5787879f96a",
    "Power Platform Administrator": "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Dynamics 365 Business Central Administrator": "963797fb-eb3b-4cde-8ce3-5878b3f32a3f",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "License Administrator": "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
    "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Microsoft 365 Backup Administrator": "1707125e-0aa2-4d4d-8655-a7c786c76a25",
}
"""Built-in roles by display name (contracts/entra-and-graph.md 12.1)."""

_ACTIVATION = timedelta(hours=4)


@attrs.define
class User:
    """A user object."""

    id: str
    upn: str
    name: str
    enabled: bool
    type: str
    personal: bool
    sign_in: str
    password: str = attrs.field(repr=False)
    licenses: tuple[LicenseSpec, ...]


@attrs.frozen
class Group:
    """A group and its direct members, users and groups alike."""

    id: str
    name: str
    role_assignable: bool
    member_ids: tuple[str, ...]


@attrs.frozen
class RoleGrant:
    """A directory role held by a user or a group."""

    role_id: str
    role_name: str
    built_in: bool
    principal_id: str
    scope: str
    kind: str
    activated: bool
    starts: datetime
    ends: datetime | None

    def holds(self, present: datetime) -> bool:
        """Whether it has not ended."""
        return self.ends is None or present < self.ends


class Directory:
    """One tenant's directory."""

    def __init__(self, spec: TenantFile, clock: Clock) -> None:
        self.spec = spec
        self.tenant_id = (spec.tenant.id or derived_id("tenant", spec.tenant.name)).lower()
        self.name = spec.tenant.name
        self.domains = spec.tenant.domains or (f"{derived_id('domain', spec.tenant.name)[:8]}.example",)
        self.pim = spec.tenant.pim
        self._clock = clock
        self._lock = threading.RLock()
        self._users = [self._user_of(user) for user in spec.users]
        self._groups = [self._group_of(name) for name in (group.name for group in spec.groups)]
        self._grants: list[RoleGrant] = []
        for grant in spec.role_assignments:
            self.assign_role(
                grant.role,
                grant.principal,
                scope=grant.scope,
                kind=grant.kind,
                ends=grant.ends,
                activated=grant.activated,
            )

    def user(self, key: str) -> User | None:
        """A user by object id or UPN."""
        wanted = key.casefold()
        return next((user for user in self._users if wanted in {user.id, user.upn.casefold()}), None)

    def users(self) -> list[User]:
        """All users, personal accounts among them."""
        return list(self._users)

    def group(self, key: str) -> Group | None:
        """A group by object id or name."""
        wanted = key.casefold()
        return next((group for group in self._groups if wanted in {group.id, group.name.casefold()}), None)

    def groups(self) -> list[Group]:
        """All groups."""
        return list(self._groups)

    def is_member(self, user_id: str, group_key: str) -> bool:
        """Whether a user is a direct member of a group."""
        group = self.group(group_key)
        return group is not None and user_id.lower() in group.member_ids

    def groups_of(self, principal_id: str) -> list[Group]:
        """The groups a principal is in, transitively."""
        found: list[Group] = []
        frontier = {principal_id.lower()}
        while frontier:
            new = [group for group in self._groups if group not in found and frontier & set(group.member_ids)]
            found += new
            frontier = {group.id for group in new}
        return found

    def grants(self) -> list[RoleGrant]:
        """All role grants that have not ended."""
        present = self._clock.now()
        with self._lock:
            return [grant for grant in self._grants if grant.holds(present)]

    def active_roles(self, user_id: str) -> frozenset[str]:
        """Template ids of the roles held actively in the whole tenant, directly or through a group."""
        groups = {group.id for group in self.groups_of(user_id) if group.role_assignable}
        return self.roles_of({user_id.lower()} | groups)

    def roles_of(self, principals: Collection[str]) -> frozenset[str]:
        """Template ids of the roles assigned actively, in the whole tenant, to one of the principals itself."""
        return frozenset(
            grant.role_id
            for grant in self.grants()
            if grant.kind == "active" and grant.scope == "/" and grant.principal_id in principals
        )

    def role_object_id(self, role_id: str) -> str:
        """The tenant's own id of an activated role."""
        return derived_id("directoryRole", self.tenant_id, role_id)

    def service_principal_id(self, app_id: str) -> str:
        """The tenant's own id of an application."""
        return derived_id("servicePrincipal", self.tenant_id, app_id.lower())

    def assign_role(
        self,
        role: str,
        principal: str,
        *,
        scope: str = "/",
        kind: str = "active",
        ends: datetime | None = None,
        activated: bool = False,
    ) -> None:
        """Give a role to a user or a group, as an administrator does."""
        present = self._clock.now()
        until = ends if ends is not None or not activated else present + _ACTIVATION
        role_id, name, built_in = self._role(role)
        principal_id = self._principal(principal)
        with self._lock:
            self._grants.append(
                RoleGrant(role_id, name, built_in, principal_id, scope, kind, activated, present, until)
            )

    def remove_role(self, role: str, principal: str) -> None:
        """Take a role away, active and eligible."""
        role_id, principal_id = self._role(role)[0], self._principal(principal)
        with self._lock:
            self._grants = [one for one in self._grants if (one.role_id, one.principal_id) != (role_id, principal_id)]

    def assign_license(self, upn: str, sku_id: str, sku: str) -> None:
        """Assign a licence, all plans on."""
        user = self._known(upn)
        with self._lock:
            user.licenses = (*user.licenses, LicenseSpec(sku_id, sku))

    def enable(self, upn: str) -> None:
        """Enable an account."""
        self._known(upn).enabled = True

    def disable(self, upn: str) -> None:
        """Disable an account."""
        self._known(upn).enabled = False

    def _known(self, upn: str) -> User:
        user = self.user(upn)
        if user is None:
            raise KeyError(f"There is no user {upn}.")
        return user

    def _role(self, role: str) -> tuple[str, str, bool]:
        for name, template in ROLE_TEMPLATES.items():
            if role.casefold() in {name.casefold(), template}:
                return template, name, True
        custom_id = role.lower() if is_guid(role) else derived_id("roleDefinition", self.tenant_id, role)
        return custom_id, role, False

    def _principal(self, key: str) -> str:
        found = self.user(key) or self.group(key)
        if found is None:
            raise KeyError(f"There is no user or group {key}.")
        return found.id

    def _user_of(self, spec: UserSpec) -> User:
        user_id = (spec.id or derived_id("user", self.tenant_id, spec.upn.casefold())).lower()
        return User(
            id=user_id,
            upn=spec.upn,
            name=spec.name or spec.upn.partition("@")[0],
            enabled=spec.enabled and spec.sign_in != "disabled",
            type=spec.type,
            personal=spec.personal,
            sign_in=spec.sign_in,
            password=spec.password,
            licenses=spec.licenses,
        )

    def _group_id(self, name: str) -> str:
        spec = next(group for group in self.spec.groups if group.name.casefold() == name.casefold())
        return (spec.id or derived_id("group", self.tenant_id, spec.name)).lower()

    def _group_of(self, name: str) -> Group:
        spec = next(group for group in self.spec.groups if group.name == name)
        members = []
        for member in spec.members:
            user = self.user(member)
            members.append(user.id if user is not None else self._group_id(member))
        return Group(self._group_id(name), name, spec.role_assignable, tuple(members))
