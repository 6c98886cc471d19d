"""What Microsoft Graph tells of accounts and directory roles, as frozen facts without judgement."""

from __future__ import annotations

from datetime import datetime

import attrs

from keepit_dynamics.graph.licenses import AssignedLicense, AssignedPlan, LicenseAssignmentState

__all__ = [
    "ROLE_TEMPLATE_IDS",
    "DirectoryRole",
    "DirectoryUser",
    "Organization",
    "RoleAssignment",
    "RoleScheduleInstance",
]

ROLE_TEMPLATE_IDS = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Dynamics 365 Administrator": "44367163-eba1-44c3-98af-f5787879f96a",
    "Power Platform Administrator": "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
}
"""Template ids of the directory roles that matter here (contracts/entra-and-graph.md 12.1)."""


@attrs.frozen
class DirectoryUser:
    """A user object; None stands for what the answer did not say."""

    id: str
    user_principal_name: str | None = None
    display_name: str | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    creation_type: str | None = None
    external_user_state: str | None = None
    assigned_licenses: tuple[AssignedLicense, ...] | None = None
    assigned_plans: tuple[AssignedPlan, ...] | None = None
    license_assignment_states: tuple[LicenseAssignmentState, ...] | None = None


@attrs.frozen
class Organization:
    """The tenant."""

    id: str | None = None
    display_name: str | None = None
    tenant_type: str | None = None


@attrs.frozen
class DirectoryRole:
    """A directory role's own object in this tenant; its template tells which role it is."""

    id: str
    role_template_id: str | None = None


@attrs.frozen
class RoleAssignment:
    """An active assignment of a directory role to a user or a group."""

    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None = None
    app_scope_id: str | None = None
    condition: str | None = None

    @property
    def tenant_wide(self) -> bool:
        """Whether it holds in the whole tenant (contracts/entra-and-graph.md 12.4)."""
        return self.directory_scope_id == "/" and self.app_scope_id in {None, "/"} and self.condition is None


@attrs.frozen
class RoleScheduleInstance:
    """An assignment, active or eligible, as Privileged Identity Management shows it."""

    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None = None
    app_scope_id: str | None = None
    assignment_type: str | None = None
    member_type: str | None = None
    start: datetime | None = attrs.field(default=None, metadata={"wire": "startDateTime"})
    end: datetime | None = attrs.field(default=None, metadata={"wire": "endDateTime"})

    @property
    def tenant_wide(self) -> bool:
        """Whether it holds in the whole tenant."""
        return self.directory_scope_id == "/" and self.app_scope_id in {None, "/"}

    def covers(self, present: datetime) -> bool:
        """Whether the present lies between start and end."""
        return (self.start is None or self.start <= present) and (self.end is None or present < self.end)
