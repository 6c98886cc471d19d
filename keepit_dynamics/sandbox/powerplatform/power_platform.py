"""The Power Platform of one tenant: discovery, administration and every environment's Web API."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import Access
from keepit_dynamics.sandbox.powerplatform.admin import Admin
from keepit_dynamics.sandbox.powerplatform.build import build_environments
from keepit_dynamics.sandbox.powerplatform.dataverse.service import EnvironmentService, Intercept
from keepit_dynamics.sandbox.powerplatform.discovery import Discovery
from keepit_dynamics.sandbox.powerplatform.enrolment import enrol
from keepit_dynamics.sandbox.powerplatform.refusal import Door
from keepit_dynamics.sandbox.powerplatform.state import Environment, UserRow
from keepit_dynamics.sandbox.tenant_file import TenantFile
from keepit_dynamics.sandbox.tokens import Tokens
from keepit_dynamics.sandbox.wire import Service

__all__ = ["PowerPlatform"]


class PowerPlatform:
    """The services, and what a human administrator does in an admin centre.

    ``intercept``, where it is set, is asked to carry out each part of a batch:
    ``intercept("dataverse", method, path_and_query, act)``. ``sync_delay`` is how long users that are added
    or elevated through the admin services take to arrive in the environment.
    """

    def __init__(self, spec: TenantFile, directory: Directory, tokens: Tokens, clock: Clock, base_url: str) -> None:
        self.intercept: Intercept | None = None
        self.sync_delay = timedelta()
        self._directory = directory
        self._lock = threading.RLock()
        authority = f"{base_url}/{directory.tenant_id}"
        environments = build_environments(spec.environments, directory, base_url)
        self._environments = {environment.spec.name: environment for environment in environments}

        def door(audience: str) -> Door:
            return Door(tokens, audience, authority)

        self.discovery: Service = Discovery(environments, directory, door(f"{base_url}/discovery"), clock, self._lock)
        self.admin: Service = Admin(
            environments, directory, door(f"{base_url}/admin"), clock, self._lock, lambda: self.sync_delay
        )
        self._services = {
            environment.url_name: EnvironmentService(
                environment, directory, door(environment.address), clock, self._lock, lambda: self.intercept
            )
            for environment in environments
            if environment.spec.dataverse
        }

    def environment(self, url_name: str) -> EnvironmentService | None:
        """The Web API of the environment with a url name; None where there is none with Dataverse."""
        return self._services.get(url_name.lower())

    def slow_ms(self, url_name: str) -> int:
        """How long the doors to the sandbox hold back each answer of an environment."""
        service = self.environment(url_name)
        return service.slow_ms if service else 0

    def add_user(self, environment: str, upn: str, *, access_mode: int = 0, roles: Sequence[str] = ()) -> None:
        """Add a user to an environment, enabled, with an access mode and roles."""
        with self._lock:
            row = self._row(environment, upn, make=True)
            row.access_mode, row.disabled = access_mode, False
            for role in roles:
                self.grant_role(environment, upn, role)

    def grant_role(self, environment: str, upn: str, role: str) -> None:
        """Give a user a security role by its name in any language."""
        with self._lock:
            row = self._row(environment, upn)
            world = self._environments[environment]
            world.grant(row, world.role_named(role, row.unit_id))

    def set_access_mode(self, environment: str, upn: str, mode: int) -> None:
        """Set a user's access mode."""
        with self._lock:
            row = self._row(environment, upn)
            row.access_mode = mode
            row.version = self._environments[environment].next_version()

    def _row(self, name: str, upn: str, *, make: bool = False) -> UserRow:
        environment = self._named(name)
        user = self._directory.user(upn)
        if user is None:
            raise KeyError(f"There is no user {upn} in the tenant.")
        row = environment.user(user.id)
        if row is None and not make:
            raise KeyError(f"{upn} has no user row in {name}.")
        return row or enrol(Access(environment, self._directory), user.id)

    def _named(self, name: str) -> Environment:
        environment = self._environments.get(name)
        if environment is None or not environment.spec.dataverse:
            raise KeyError(f"There is no environment {name} with Dataverse.")
        return environment
