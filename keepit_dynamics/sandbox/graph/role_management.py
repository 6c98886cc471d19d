"""The routes of role definitions, role assignments and their schedules (contracts/entra-and-graph.md 12.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from keepit_dynamics.sandbox.graph import roles
from keepit_dynamics.sandbox.graph.answers import no_segment
from keepit_dynamics.sandbox.wire import Response

if TYPE_CHECKING:
    from keepit_dynamics.sandbox.graph.keys import Key
    from keepit_dynamics.sandbox.graph.routes import Route

__all__ = ["RoleManagement"]

_MINE = "filterByCurrentUser(on='principal')"
_SCHEDULE_COLUMNS = ("principalId", "roleDefinitionId", "directoryScopeId", "assignmentType", "memberType")


@attrs.frozen
class RoleManagement:
    """The part of a request's way that leads through roles."""

    route: Route

    def answer(self, name: str, rest: Sequence[str | Key]) -> Response:
        """Answer by the path below ``roleManagement/directory``."""
        match name, rest:
            case "roleDefinitions", _:
                columns = ("id", "templateId", "displayName", "isBuiltIn")
                return self.route.listed(name, roles.definitions(self.route.directory), columns, rest)
            case "roleAssignments", []:
                self.route.caller.read(name)
                columns = ("id", "principalId", "roleDefinitionId", "directoryScopeId")
                return self._expanded(self.route.filtered(roles.assignments(self.route.directory), columns))
            case "roleAssignmentScheduleInstances" | "roleEligibilityScheduleInstances", []:
                self.route.caller.read(name)
                rows = roles.schedules(self.route.directory, eligible="Eligibility" in name)
                return self._expanded(self.route.filtered(rows, _SCHEDULE_COLUMNS))
            case "roleAssignmentScheduleInstances" | "roleEligibilityScheduleInstances", [mine] if mine == _MINE:
                self.route.caller.read(name)
                rows = roles.schedules_of(self.route.directory, self.route.caller.me(), eligible="Eligibility" in name)
                return self._expanded(self.route.filtered(rows, _SCHEDULE_COLUMNS))
        raise no_segment(str(rest[-1] if rest else name))

    def of_groups(self, name: str, rest: Sequence[str | Key]) -> Response:
        """PIM for groups: tenant files have no such memberships."""
        if name not in {"assignmentScheduleInstances", "eligibilityScheduleInstances"} or rest not in ([], [_MINE]):
            raise no_segment(str(rest[-1] if rest else name))
        self.route.caller.read(name)
        roles.need_pim(self.route.directory)
        return self.route.page([])

    def _expanded(self, rows: Sequence[dict[str, Any]]) -> Response:
        members = [one.strip().partition("(")[0] for one in self.route.request.params.get("$expand", "").split(",")]
        return self.route.page([roles.expanded(self.route.directory, row, members) for row in rows])
