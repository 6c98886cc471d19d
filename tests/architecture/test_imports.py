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


APART = ("sandbox", "cli", "display")
"""Nothing of these is loaded before somebody asks for it."""


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


def test_msal_is_loaded_by_a_sign_in_only() -> None:
    """Each import of it stands inside a function."""
    at_load = [name for name, tree in modules() for target, now in imports(tree) if now and target.startswith("msal")]
    assert at_load == []


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after a statement."""
    code = f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_else() -> None:
    """Names load on first use, so that the import itself needs no other package."""
    loaded = loaded_by("import keepit_dynamics")
    assert {name for name in loaded if name.startswith("keepit_dynamics")} == {"keepit_dynamics"}
    assert not loaded & {"attr", "anyio", "cattrs", "httpx", "msal", "tenacity"}


@pytest.mark.parametrize("statement", ["import keepit_dynamics.aio", "from keepit_dynamics import ConnectorBuilder"])
def test_the_facade_loads_nothing_heavy(statement: str) -> None:
    """Neither MSAL nor the sandbox, the command line or displays, nor what only those need."""
    heavy = ("msal", "jwt", "cryptography", "uvicorn", "trustme", *(f"keepit_dynamics.{part}" for part in APART))
    loaded = loaded_by(statement)
    assert "keepit_dynamics.builder" in loaded
    assert [name for name in loaded if name.startswith(heavy)] == []
