"""The built-in example tenants."""

from __future__ import annotations

import json
from importlib import resources

from keepit_dynamics.sandbox.tenant_file import TenantFile, TenantFileError, parse_tenant_file

__all__ = ["load_scenario", "scenario_names"]


def scenario_names() -> list[str]:
    """The names of the built-in tenants."""
    files = resources.files("keepit_dynamics.sandbox").joinpath("scenarios").iterdir()
    return sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json"))


def load_scenario(name: str) -> TenantFile:
    """A built-in tenant; raises TenantFileError that lists the names where there is no such one."""
    if name not in scenario_names():
        raise TenantFileError(f"There is no scenario {name!r}. Known: {', '.join(scenario_names())}.")
    file = resources.files("keepit_dynamics.sandbox").joinpath("scenarios", f"{name}.json")
    return parse_tenant_file(json.loads(file.read_text(encoding="utf-8")))
