"""The environment admin API: what the tenant owns, adding a user, and the self-elevation call."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory
from keepit_dynamics.sandbox.powerplatform.access import ADMINISTRATORS, Access
from keepit_dynamics.sandbox.powerplatform.elevation import USER_MANAGEMENT, Elevation
from keepit_dynamics.sandbox.powerplatform.enrolment import enrol, obstacle
from keepit_dynamics.sandbox.powerplatform.environment_json import PROVIDER, environment_json
from keepit_dynamics.sandbox.powerplatform.refusal import Door, Refused
from keepit_dynamics.sandbox.powerplatform.state import Environment
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Admin"]

_API_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-preview)?")
_ADMIN_SCOPE = "scopes/admin/"


class Admin:
    """Answers ``/providers/Microsoft.BusinessAppPlatform/...`` and ``/usermanagement/...``."""

    def __init__(
        self,
        environments: Sequence[Environment],
        directory: Directory,
        door: Door,
        clock: Clock,
        lock: threading.RLock,
        delay: Callable[[], timedelta],
    ) -> None:
        self._environments = environments
        self._directory = directory
        self._door = door
        self._clock = clock
        self._lock = lock
        self._delay = delay

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        claims = self._door.admit(request)
        if isinstance(claims, Response):
            return claims
        if request.path.startswith(USER_MANAGEMENT):
            with self._lock:
                elevation = Elevation(self._environments, self._directory, self._clock, self._delay())
                return elevation.answer(request, claims.oid)
        try:
            with self._lock:
                return self._answer(request, claims.oid)
        except Refused as refused:
            return Response.of_json(refused.wrapped(), refused.status)

    def _answer(self, request: Request, caller: str) -> Response:
        if not _API_VERSION.fullmatch(request.params.get("api-version", "")):
            raise Refused(
                400,
                "ApiVersionInvalid",
                "API version must be specified using the api-version query string parameter.",
            )
        for environment in self._environments:
            environment.settle(self._clock.now())
        path = request.path.rstrip("/").removeprefix(f"{PROVIDER}/")
        parts = path.removeprefix(_ADMIN_SCOPE).split("/")
        scope = _ADMIN_SCOPE if path.startswith(_ADMIN_SCOPE) else ""
        match request.method, parts:
            case "GET", ["environments"]:
                visible = self._administered(caller) if scope else self._usable(caller)
                return self._json(visible, scope)
            case "GET", ["environments", name]:
                return self._one(name, scope, caller)
            case "POST", ["environments", name, "addUser"] if scope:
                return self._add_user(self._find(name), request, caller)
        raise Refused(404, "NotFound", f"The path '{request.path}' does not lead to a resource.")

    def _is_administrator(self, caller: str) -> bool:
        return bool(self._directory.active_roles(caller) & ADMINISTRATORS)

    def _administered(self, caller: str) -> list[Environment]:
        """Everything for the three directory roles while active, nothing for anybody else; never a refusal."""
        return list(self._environments) if self._is_administrator(caller) else []

    def _usable(self, caller: str) -> list[Environment]:
        rows = [(environment, environment.user(caller)) for environment in self._environments]
        return [
            environment
            for environment, row in rows
            if row and not Access(environment, self._directory).is_disabled(row)
        ]

    def _json(self, environments: Sequence[Environment], scope: str) -> Response:
        return Response.of_json({"value": [environment_json(e, self._directory, scope=scope) for e in environments]})

    def _one(self, name: str, scope: str, caller: str) -> Response:
        environment = self._find(name)
        visible = self._administered(caller) if scope else self._usable(caller)
        if environment not in visible:
            raise Refused(
                403,
                "EnvironmentAccess",
                f"The user with object id '{caller}' does not have permission to access the environment '{name}'.",
            )
        return Response.of_json(environment_json(environment, self._directory, scope=scope))

    def _find(self, name: str) -> Environment:
        for environment in self._environments:
            if environment.id.lower() == name.lower() or (name == "~Default" and environment.spec.sku == "Default"):
                return environment
        raise Refused(404, "EnvironmentNotFound", f"The environment '{name}' could not be found in the tenant.")

    def _add_user(self, environment: Environment, request: Request, caller: str) -> Response:
        """Synchronise a user into Dataverse. The row appears later, without any role."""
        if not environment.spec.dataverse:
            raise Refused(400, "EnvironmentNotLinked", f"The environment '{environment.id}' has no database.")
        self._check_may_add(environment, caller)
        object_id = _object_id(request)
        access = Access(environment, self._directory)
        hindrance = obstacle(access, object_id)
        if hindrance:
            raise Refused(400, hindrance.code, hindrance.message)
        environment.pending.append((self._clock.now() + self._delay(), lambda: _enrolled(access, object_id)))
        return Response(200)

    def _check_may_add(self, environment: Environment, caller: str) -> None:
        row = environment.user(caller)
        access = Access(environment, self._directory)
        administers = row is not None and not access.is_disabled(row) and access.is_system_administrator(row)
        if not administers and not self._is_administrator(caller):
            raise Refused(
                403,
                "EnvironmentAccess",
                f"The user with object id '{caller}' does not have permission to access the environment.",
            )


def _enrolled(access: Access, object_id: str) -> None:
    enrol(access, object_id)


def _object_id(request: Request) -> str:
    try:
        body = request.json()
    except (ValueError, RecursionError):
        body = None
    object_id = body.get("objectId") if isinstance(body, dict) else None
    if not isinstance(object_id, str) or not object_id:
        raise Refused(400, "InvalidRequestContent", "The request content has no objectId.")
    return object_id.lower()
