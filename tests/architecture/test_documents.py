"""What the documents say is so: commands, options, variables, exit codes, requirements, examples."""

from __future__ import annotations

import argparse
import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keepit_dynamics import ConfigurationError
from keepit_dynamics.cli.exits import Exit
from keepit_dynamics.cli.main import make_parser
from keepit_dynamics.cli.options import make_builder
from keepit_dynamics.readiness.requirements import REQUIREMENT_SETS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
VARIABLES = re.compile(r"KEEPIT_[A-Z_]+")


def text_of(name: str) -> str:
    """A page, whole."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return [textwrap.dedent(block) for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]


def rows(text: str, first: str) -> list[list[str]]:
    """The table of a page whose header starts with a word, row by row."""
    table = text.partition(f"\n| {first} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def parsers() -> Iterator[argparse.ArgumentParser]:
    """The parser of every command."""
    for action in make_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


@pytest.mark.parametrize("word", ["keepit-dynamics demo", "pytest"])
def test_the_readme_has_each_command_once(word: str) -> None:
    """One line that makes an environment, installs and runs; the CI takes it from there."""
    found = [line for line in text_of("README.md").splitlines() if line.startswith("python3 -m venv") and word in line]
    assert len(found) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_and_commands_that_are_named_exist(page: Path) -> None:
    """Nobody types what is not there."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if "pip install" not in line]
    named = {word for line in lines for word in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert named <= {option for parser in parsers() for option in parser._option_string_actions}
    commands = {word for line in lines for word in re.findall(r"(?:^|[`'])keepit-dynamics ([a-z]+)", line)}
    assert commands <= {parser.prog.split()[-1] for parser in parsers()}


def test_variables_are_those_that_are_read() -> None:
    """Every row of the table names its option, and the README no other variable."""
    listed = {
        name: row[1].strip("`") for row in rows(text_of("docs/reference.md"), "variable") for name in names_in(row)
    }
    check = next(parser for parser in parsers() if parser.prog.endswith(" check"))
    for name, option in listed.items():
        if option:
            assert option in check._option_string_actions
            assert name == "KEEPIT_DYNAMICS_" + option.removeprefix("--").replace("-", "_").upper()
    assert {name for page in PAGES for name in VARIABLES.findall(page.read_text(encoding="utf-8"))} <= set(listed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEEPIT_DYNAMICS_ENDPOINTS", "/nowhere/e.json"),
        ("KEEPIT_DYNAMICS_CLOUD", "moon"),
        ("KEEPIT_DYNAMICS_SIGN_IN", "moon"),
        ("KEEPIT_DYNAMICS_REGION", "moon"),
        ("KEEPIT_TOKEN_NAME", "alone"),
    ],
)
def test_a_variable_is_read(name: str, value: str) -> None:
    """A value that cannot be used is noticed, so the variable is looked at."""
    with pytest.raises(ConfigurationError):
        make_builder(argparse.Namespace(), {name: value})


@pytest.mark.parametrize("page", ["README.md", "docs/reference.md"])
def test_exit_codes_are_those_of_the_command_line(page: str) -> None:
    """The same numbers, in order."""
    assert [int(row[0]) for row in rows(text_of(page), "code")] == list(Exit)


def test_every_requirement_is_explained() -> None:
    """The table has the set's ids in the set's order, and the page names every other one."""
    page = text_of("docs/requirements.md")
    assert [row[0].strip("`") for row in rows(page, "id")] == [rule.id for rule in REQUIREMENT_SETS["dynamics_ce"]]
    for name, rules in REQUIREMENT_SETS.items():
        assert f"`{name}`" in page
        assert [rule.id for rule in rules if f"`{rule.id}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that a page points to is there."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_are_python(page: Path) -> None:
    """Each block compiles, with ``await`` as a notebook allows it."""
    for block in blocks(page.read_text(encoding="utf-8"), "python"):
        compile(block, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_example_of_the_sandbox_runs() -> None:
    """What the page shows is what one gets: a report that is not ready, and the requests it took."""
    names: dict[str, Any] = {}
    exec("\n".join(blocks(text_of("docs/how-to/sandbox.md"), "python")), names)  # noqa: S102  # our own page
    assert not names["report"].ready
    assert names["world"].journal.requests("graph")


def names_in(row: list[str]) -> list[str]:
    """The variables of a table's row."""
    return VARIABLES.findall(row[0])
