"""Self-elevation: a tenant administrator becomes System Administrator of one environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory, RoleGrant
from keepit_dynamics.sandbox.powerplatform.access import ADMINISTRATORS, Access
from keepit_dynamics.sandbox.powerplatform.enrolment import Obstacle, enrol, obstacle
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.powerplatform.role_names import SYSTEM_ADMINISTRATOR, display_name
from keepit_dynamics.sandbox.powerplatform.state import Environment
from keepit_dynamics.sandbox.tenant_file import derived_id
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["USER_MANAGEMENT", "Elevation"]

USER_MANAGEMENT = "/usermanagement/"

_API_VERSIONS = ("2022-03-01-preview", "2024-10-01")


@attrs.frozen
class Elevation:
    """Answers the calls below ``/usermanagement/``; only the caller can be elevated."""

    environments: Sequence[Environment]
    directory: Directory
    clock: Clock
    delay: timedelta

    def answer(self, request: Request, caller: str) -> Response:
        """Answer a request. Refusals of this API have no wrapper around code and message."""
        correlation = {"x-ms-correlation-id": derived_id("elevation", caller, request.path)}
        try:
            return Response.of_json(self._apply(request, caller), headers=correlation)
        except Refused as refused:
            return Response.of_json(refused.flat(), refused.status, correlation)

    def _apply(self, request: Request, caller: str) -> dict[str, Any]:
        environment = self._target(request)
        if not self._grants(caller):
            raise Refused(403, "Forbidden", "The caller is not authorized to perform the request.")
        environment.settle(self.clock.now())
        access = Access(environment, self.directory)
        hindrance = obstacle(access, caller)
        if hindrance:
            return _failure(environment, hindrance)
        environment.pending.append((self.clock.now() + self.delay, lambda: _elevate(access, caller)))
        end = self._end_of_activation(caller)
        if end is not None:
            environment.pending.append((end, lambda: _revoke(access, caller)))
        environment.settle(self.clock.now())
        row = environment.user(caller)
        row_id = row.id if row else derived_id("systemuser", environment.id, caller)
        return _success(environment, row_id, caller)

    def _grants(self, caller: str) -> list[RoleGrant]:
        """The administrator roles held now and by the caller in person: through a group does not do."""
        return [
            grant
            for grant in self.directory.grants()
            if grant.principal_id == caller.lower()
            and grant.role_id in ADMINISTRATORS
            and (grant.kind, grant.scope) == ("active", "/")
        ]

    def _end_of_activation(self, caller: str) -> datetime | None:
        """When the elevation ends: with the activation it rests on, unless another role is held for good."""
        ends = [grant.ends if grant.activated else None for grant in self._grants(caller)]
        known = [end for end in ends if end is not None]
        return max(known) if len(known) == len(ends) else None

    def _target(self, request: Request) -> Environment:
        if request.params.get("api-version") not in _API_VERSIONS:
            raise Refused(
                400,
                "ApiVersionInvalid",
                "API version must be specified using the api-version query string parameter. "
                f"Supported API versions are: {', '.join(_API_VERSIONS)}",
            )
        match request.method, request.segments:
            case "POST", ["usermanagement", "environments", name, "user", "applyAdminRole"]:
                found = [e for e in self.environments if e.id.lower() == name.lower() and e.spec.dataverse]
                if found:
                    return found[0]
                raise Refused(404, "EnvironmentNotFound", f"The environment '{name}' could not be found.")
        raise Refused(404, "NotFound", "The requested resource was not found.")


def _elevate(access: Access, object_id: str) -> None:
    """The access mode of a row that exists stays as it is."""
    row = enrol(access, object_id)
    name = display_name(SYSTEM_ADMINISTRATOR, access.environment.spec.language)
    access.environment.grant(row, access.environment.role_named(name, row.unit_id))


def _revoke(access: Access, object_id: str) -> None:
    row = access.environment.user(object_id)
    if row is not None:
        administrators = {role.id for role in access.environment.roles if role.is_system_administrator}
        row.role_ids = [role_id for role_id in row.role_ids if role_id not in administrators]
        row.version = access.environment.next_version()


def _steps(environment: Environment) -> list[str]:
    return [
        "SyncMode: Default",
        f"Instance {environment.organization_id} exists",
        f"Instance {environment.organization_id} in enabled state",
        f"Instance Url found {environment.address}",
        "User found in AD tenant",
        "User in enabled state in AD tenant",
    ]


def _entry(subject: str, description: str | None, code: str | None) -> dict[str, str | None]:
    return {"Subject": subject, "Description": description, "Code": code}


def _success(environment: Environment, row_id: str, object_id: str) -> dict[str, Any]:
    last = f"SystemUser with Id:{row_id}, objectId:{object_id} exists in instance"
    description = json.dumps([*_steps(environment), last], separators=(",", ":"))
    return {"errors": [], "information": [_entry("Result", description, "UserExists")]}


def _failure(environment: Environment, hindrance: Obstacle) -> dict[str, Any]:
    """Failures come with status 200: who looks at the status alone takes them for success."""
    description = json.dumps(_steps(environment), separators=(",", ":"))
    return {
        "errors": [
            _entry("Result", hindrance.message, hindrance.code),
            _entry("InnerException", None, None),
            _entry("AdditionalData", None, None),
        ],
        "information": [{"Subject": "Result", "Description": description}],
    }
