"""Who asks, and what its application was granted (contracts/entra-and-graph.md 10)."""

from __future__ import annotations

import attrs

from keepit_dynamics.sandbox.consents import consents_of
from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.graph.answers import GraphRefused, denied
from keepit_dynamics.sandbox.tokens import Claims

__all__ = ["Caller", "caller_of"]

_DIRECTORY = "Directory.Read.All"
_PROFILES = frozenset({"User.Read.All", _DIRECTORY})
_LICENCES = frozenset({"LicenseAssignment.Read.All", _DIRECTORY})
_ROLES = frozenset({"RoleManagement.Read.Directory", _DIRECTORY})
_APPLICATIONS = frozenset({"Application.Read.All", _DIRECTORY})
_SCOPES = {
    "user": _PROFILES | {"User.ReadBasic.All"},
    "users": _PROFILES | {"User.ReadBasic.All"},
    "organization": frozenset({"User.Read", "Organization.Read.All", _DIRECTORY}),
    "licenseDetails": _LICENCES | _PROFILES,
    "subscribedSkus": _LICENCES | {"Organization.Read.All"},
    "memberOf": _PROFILES | {"GroupMember.Read.All"},
    "transitiveMemberOf": _PROFILES | {"GroupMember.Read.All"},
    "checkMemberObjects": _PROFILES,
    "getMemberObjects": _PROFILES,
    "directoryRoles": _ROLES,
    "roleDefinitions": _ROLES | {"RoleManagement.Read.All"},
    "roleAssignments": _ROLES | {"RoleManagement.Read.All"},
    "roleAssignmentScheduleInstances": frozenset(
        {"RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory"}
    ),
    "roleEligibilityScheduleInstances": frozenset(
        {"RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory"}
    ),
    "assignmentScheduleInstances": frozenset({"PrivilegedAssignmentSchedule.Read.AzureADGroup"}),
    "eligibilityScheduleInstances": frozenset({"PrivilegedEligibilitySchedule.Read.AzureADGroup"}),
    "servicePrincipals": _APPLICATIONS,
    "appRoleAssignments": _APPLICATIONS,
    "oauth2PermissionGrants": frozenset({_DIRECTORY, "DelegatedPermissionGrant.ReadWrite.All"}),
}
"""Scopes of which one is needed, by the last fixed word of the route."""
_OWN = frozenset({"user", "licenseDetails", "memberOf", "transitiveMemberOf", "checkMemberObjects", "getMemberObjects"})
"""Reads for which ``User.Read`` is enough where the caller asks about itself."""


@attrs.frozen
class Caller:
    """A signed-in user, or an application on its own; ``scopes`` None means that nothing limits it."""

    directory: Directory
    user: User | None
    scopes: frozenset[str] | None

    def me(self) -> User:
        """The signed-in user."""
        if self.user is None:
            text = "/me request is only valid with delegated authentication flow."
            raise GraphRefused(400, "BadRequest", text)
        return self.user

    def read(self, word: str, *, about: User | None = None) -> None:
        """Refuse a read that the tenant file or the application's scopes do not allow."""
        allowed = self.directory.spec.directory.allowed_reads
        if allowed is not None and word not in allowed:
            raise denied()
        own = about is not None and about is self.user and word in _OWN
        if not self.holds(*_SCOPES[word], *(("User.Read",) if own else ())):
            raise denied()

    def holds(self, *scopes: str) -> bool:
        """Whether one of the scopes was granted."""
        return self.scopes is None or not self.scopes.isdisjoint(scopes)


def caller_of(directory: Directory, claims: Claims) -> Caller:
    """The caller behind a token; a listed application's token limits it to the scopes it was issued with."""
    user = directory.user(claims.oid)
    if user is None and claims.oid != directory.service_principal_id(claims.app_id):
        raise GraphRefused(401, "InvalidAuthenticationToken", "The user is not in this tenant.")
    listed = consents_of(directory, claims.app_id)
    return Caller(directory, user, frozenset(claims.scopes) if listed else None)
