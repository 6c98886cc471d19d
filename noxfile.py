"""What people run while they work; the same checks as in ``.ci/run``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nox

_PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = [text.rpartition(" ")[2] for text in _PROJECT["classifiers"] if "Python :: 3." in text]
nox.options.sessions = ["lint", "types", "tests", "docs", "demo"]
nox.options.default_venv_backend = "venv"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The test suite on every supported Python."""
    session.install("--editable", ".[all,test]")
    session.run("pytest", "-q", "-n", "2", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style."""
    session.install("--upgrade", "pip>=25.1")
    session.install("--group", "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Both type checkers."""
    session.install("--upgrade", "pip>=25.1")
    session.install("--editable", ".[all,test]", "--group", "types")
    session.run("mypy")
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, warnings as errors."""
    session.install("--upgrade", "pip>=25.1")
    session.install("--editable", ".[all]", "--group", "docs")
    session.run("sphinx-build", "-W", "-n", "-b", "html", "docs", "docs/_build")


@nox.session
def demo(session: nox.Session) -> None:
    """The whole story."""
    session.install(".[all]")
    session.run("keepit-dynamics", "demo")
