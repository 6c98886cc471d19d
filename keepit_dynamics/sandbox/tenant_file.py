"""The tenant file: one world for the sandbox, in plain data (JSON, version 1).

Reading checks the words used, the names that lead nowhere, and what Entra or Dataverse could not hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import GenericAlias
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn
from cattrs.v import transform_error

from keepit_dynamics.sandbox.tenant_rules import check_tenant
from keepit_dynamics.sandbox.tenant_spec import (
    AccountSpec,
    BehaviourSpec,
    ConnectionSpec,
    ConnectorSpec,
    ConsentSpec,
    DirectorySpec,
    EnvironmentSpec,
    EnvironmentUserSpec,
    GroupSpec,
    JobSpec,
    KeepitSpec,
    LicenseSpec,
    PlanSpec,
    RoleAssignmentSpec,
    SkuSpec,
    SnapshotSpec,
    TableSpec,
    TeamSpec,
    TenantFile,
    TenantFileError,
    TenantSpec,
    TokenSpec,
    UserSpec,
    derived_id,
)

__all__ = [
    "AccountSpec",
    "BehaviourSpec",
    "ConnectionSpec",
    "ConnectorSpec",
    "ConsentSpec",
    "DirectorySpec",
    "EnvironmentSpec",
    "EnvironmentUserSpec",
    "GroupSpec",
    "JobSpec",
    "KeepitSpec",
    "LicenseSpec",
    "PlanSpec",
    "RoleAssignmentSpec",
    "SkuSpec",
    "SnapshotSpec",
    "TableSpec",
    "TeamSpec",
    "TenantFile",
    "TenantFileError",
    "TenantSpec",
    "TokenSpec",
    "UserSpec",
    "derived_id",
    "load_tenant_file",
    "parse_tenant_file",
]


def _converter() -> Converter:
    """A converter that takes nothing for anything else: "false" is no bool, and a text is no list."""
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(datetime, lambda text, _: _aware(datetime.fromisoformat(text)))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _object(cls, converter))
    converter.register_structure_hook_factory(_is_tuple, lambda kind: _array(kind, converter))
    return converter


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(value)
        return value

    return structure


def _object(cls: type, converter: Converter) -> Callable[[Any, Any], Any]:
    structure: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)

    def checked(value: Any, kind: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(value)  # noqa: TRY004  # cattrs words it with its place
        return structure(value, kind)

    return checked


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _array(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    items: Any = GenericAlias(list, get_args(kind)[:1])

    def checked(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError(value)  # noqa: TRY004  # cattrs words it with its place
        return tuple(converter.structure(value, items))

    return checked


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def parse_tenant_file(data: Any) -> TenantFile:
    """Read a tenant file's JSON value; raises TenantFileError with every problem and its place."""
    if not isinstance(data, dict):
        raise TenantFileError("A tenant file is a JSON object.")
    try:
        parsed = _converter().structure(data, TenantFile)
    except (BaseValidationError, TypeError, ValueError) as error:
        problems = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        raise TenantFileError("The tenant file cannot be read:\n  " + "\n  ".join(problems)) from error
    check_tenant(parsed)
    return parsed


def load_tenant_file(path: str | Path) -> TenantFile:
    """Read a tenant file from disk."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TenantFileError(f"The tenant file {path} cannot be read: {error}") from error
    return parse_tenant_file(data)
