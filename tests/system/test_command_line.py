"""The command line against a real server: output, documents and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keepit_dynamics.__main__ import main
from keepit_dynamics.sandbox import SandboxServer, load_scenario, write_endpoints

ACCOUNT = "backup@contoso.example"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of whoever runs the tests do not count."""
    for name in ("ENDPOINTS", "CLOUD", "TENANT", "CLIENT_ID", "USERNAME", "SIGN_IN", "REGION"):
        monkeypatch.delenv(f"KEEPIT_DYNAMICS_{name}", raising=False)
    for name in ("KEEPIT_TOKEN_NAME", "KEEPIT_TOKEN_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[str]:
    """The endpoints file of a served, ready tenant."""
    yield from serve("ready", tmp_path)


@pytest.fixture
def not_ready(tmp_path: Path) -> Iterator[str]:
    """The endpoints file of a served tenant that is not ready."""
    yield from serve("not-ready", tmp_path)


def serve(scenario: str, folder: Path) -> Iterator[str]:
    """Serve a scenario and give its endpoints file."""
    with SandboxServer(load_scenario(scenario), auto_approve=(ACCOUNT,)) as server:
        write_endpoints(folder / "endpoints.json", server, username=ACCOUNT)
        yield str(folder / "endpoints.json")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """Run a command with ``--json -``: exit code, document (None where there is none), standard error."""
    code = main([*arguments, "--json", "-"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else None, captured.err


def test_demo_tells_the_whole_story(capsys: pytest.CaptureFixture[str]) -> None:
    """Not ready, fixed, ready, planned, created, first backup scheduled."""
    code, document, story = run(capsys, "demo")
    assert code == 0
    assert document["report_before"]["ready"] is False
    assert document["report_after"]["ready"] is True
    assert document["plan"]["steps"]
    assert document["connector"]["id"]
    assert document["first_backup"]["at"]
    assert document["connector"]["id"] in story


def test_check_of_an_account_that_is_not_ready(capsys: pytest.CaptureFixture[str], not_ready: str) -> None:
    """Exit code 1, and the document alone on standard output."""
    code, document, shown = run(capsys, "check", "--endpoints", not_ready, "--sign-in", "device-code")
    assert code == 1
    assert document["schema"] == "keepit-dynamics/report/1"
    assert "NOT READY" in shown


def test_check_of_a_ready_account(capsys: pytest.CaptureFixture[str], ready: str, tmp_path: Path) -> None:
    """Exit code 0; the page is written where it is wanted."""
    page = tmp_path / "report.html"
    code, document, _ = run(capsys, "check", "--endpoints", ready, "--sign-in", "device-code", "--html", str(page))
    assert code == 0
    assert document["ready"] is True
    assert "Ready" in page.read_text()


def test_plan_create_verify(capsys: pytest.CaptureFixture[str], ready: str) -> None:
    """A plan changes nothing, a create makes one connector, a second changes nothing, and verify agrees."""
    common = ("--endpoints", ready, "--sign-in", "device-code", "--name", "Dynamics", "--retention", "P1Y")
    assert run(capsys, "plan", *common)[0] == 0
    code, first, _ = run(capsys, "create", *common)
    assert code == 0
    assert first["changed"] is True
    code, second, _ = run(capsys, "create", *common)
    assert (code, second["changed"], second["connector"]["id"]) == (0, False, first["connector"]["id"])
    code, verified, _ = run(capsys, "verify", *common)
    assert (code, verified["true"]) == (0, True)
    code, drifted, _ = run(capsys, "verify", *common[:-1], "P2Y")
    assert (code, drifted["true"]) == (1, False)


def test_create_refuses_an_account_that_is_not_ready(capsys: pytest.CaptureFixture[str], not_ready: str) -> None:
    """Exit code 1, the report in the document, and nothing created."""
    common = ("--endpoints", not_ready, "--sign-in", "device-code", "--name", "Dynamics")
    code, document, _ = run(capsys, "create", *common)
    assert (code, document["created"]) == (1, False)
    assert document["report"]["ready"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "--endpoints", "nowhere.json"), "nowhere.json"),
        (("check", "--region", "mars"), "mars"),
        (("check", "--sign-in", "device-code"), "client id"),
        (("create",), "name"),
        (("create", "--name", "n", "--retention", "soon"), "soon"),
        (("sandbox", "--scenario", "nothing"), "nothing"),
    ],
)
def test_input_errors_end_with_three(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One message on standard error, nothing on standard output, exit code 3."""
    code, document, shown = run(capsys, *arguments)
    assert (code, document) == (3, None)
    assert said in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("arguments", [(), ("--no-such-option",), ("no-such-command",), ("check", "--cloud", "x")])
def test_usage_errors_end_with_three(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Usage is shown, exit code 3."""
    assert main(list(arguments)) == 3
    assert "usage:" in capsys.readouterr().err


def test_help_ends_with_zero(capsys: pytest.CaptureFixture[str]) -> None:
    """Help names every command and the exit codes."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for word in ("demo", "check", "plan", "create", "verify", "sandbox", "Exit codes"):
        assert word in shown


def test_a_wrong_keepit_secret_ends_with_three(
    capsys: pytest.CaptureFixture[str], ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables are used before the endpoints file; the secret is not shown."""
    monkeypatch.setenv("KEEPIT_TOKEN_NAME", "readiness")
    monkeypatch.setenv("KEEPIT_TOKEN_SECRET", "not-this-one")
    code, _, shown = run(capsys, "plan", "--endpoints", ready, "--name", "n")
    assert code == 3
    assert "not-this-one" not in shown
