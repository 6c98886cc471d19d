"""Imports point down only, and the doors stay where they are: read off the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "keepit_dynamics"

LAYERS = (
    {"errors"},
    {"_core"},
    {"clouds"},
    {"auth"},
    {"graph", "dataverse", "keepit"},
    {"licensing"},
    {"readiness", "provisioning"},
    {"outcome"},
    {"builder"},
    {"", "aio"},
    {"display"},
    {"cli"},
    {"__main__"},
)
"""From the bottom up; those on one line never import each other, but for the package's own root and ``aio``."""

LATE = {
    ("errors", "readiness"),
    ("errors", "provisioning"),
    ("readiness", "display"),
    ("provisioning", "display"),
}
"""Upward only for the type checker, or when a notebook asks a report to show itself."""


def part_of(module: str) -> str:
    """The part of the package that a module belongs to."""
    return module.removeprefix("keepit_dynamics").lstrip(".").partition(".")[0]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module with its syntax tree."""
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
        yield name.removesuffix(".__init__"), ast.parse(file.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """What is imported, and whether that happens at load time."""
    late = {id(node) for outer in ast.walk(tree) if is_late(outer) for node in ast.walk(outer)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) not in late


def is_late(node: ast.AST) -> bool:
    """Whether what is below is not imported at load time: a function, or a block for the type checker."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_every_part_has_its_layer() -> None:
    """No part of the package stands outside the layers."""
    known = {part for layer in LAYERS for part in layer} | {"sandbox"}
    assert {part_of(name) for name, _ in modules()} == known


def test_imports_point_down() -> None:
    """A part imports from lower layers and from itself, never up and never sideways."""
    height = {part: level for level, layer in enumerate(LAYERS) for part in layer} | {"aio": 9.5}
    wrong = [
        f"{name} imports {target}"
        for name, tree in modules()
        for target, at_load in imports(tree)
        if target.startswith("keepit_dynamics") and "sandbox" not in {part_of(name), part_of(target)}
        if part_of(target) != part_of(name) and height[part_of(target)] >= height[part_of(name)]
        if at_load or (part_of(name), part_of(target)) not in LATE
    ]
    assert wrong == []


def test_the_sandbox_stands_apart() -> None:
    """It imports nothing of the rest, and nobody imports it but the command line."""
    for name, tree in modules():
        targets = [target for target, _ in imports(tree) if target.startswith("keepit_dynamics")]
        if part_of(name) == "sandbox":
            assert [target for target in targets if part_of(target) != "sandbox"] == [], name
        elif part_of(name) != "cli":
            assert [target for target in targets if part_of(target) == "sandbox"] == [], name


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("httpx", {"keepit_dynamics._core.network", "keepit_dynamics.sandbox.transport"}),
        ("msal", {"keepit_dynamics.auth.session"}),
        ("tenacity", {"keepit_dynamics._core.retry"}),
        ("defusedxml", {"keepit_dynamics._core.xml", "keepit_dynamics.sandbox.keepit.documents"}),
        ("rich", {"keepit_dynamics.display.terminal", "keepit_dynamics.cli.ui"}),
    ],
)
def test_each_library_enters_through_its_door(library: str, doors: set[str]) -> None:
    """An outside library is known to one module on each side of the wire."""
    found = {name for name, tree in modules() for target, _ in imports(tree) if target.partition(".")[0] == library}
    assert found == doors


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Neither MSAL nor the sandbox, the command line or displays are loaded."""
    code = (
        "import sys, keepit_dynamics, keepit_dynamics.aio\n"
        "heavy = ('msal', 'uvicorn', 'trustme', 'keepit_dynamics.sandbox', 'keepit_dynamics.cli', "
        "'keepit_dynamics.display')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
