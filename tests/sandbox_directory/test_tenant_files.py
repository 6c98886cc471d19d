"""A tenant file is taken as it is written, or refused with every problem in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keepit_dynamics.sandbox import TenantFileError, load_scenario, load_tenant_file, parse_tenant_file, scenario_names

USER = {"upn": "a@contoso.example"}
GUID = "1e1a282c-9c54-43a2-9310-98ef728faace"


def tenant(**parts: Any) -> dict[str, Any]:
    """A tenant file's value with some parts."""
    return {"version": 1, "tenant": {"name": "Contoso"}, **parts}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "JSON object"),
        ({"version": 1}, "tenant"),
        (tenant(version="1"), "version"),
        (tenant(users=[{**USER, "enabled": "false"}]), r"users\[0\]\.enabled"),
        (tenant(users=[{"upn": 7}]), r"users\[0\]\.upn"),
        (tenant(users="a@contoso.example"), "users"),
        (tenant(tenant={"name": "Contoso", "domains": "contoso.example"}), "domains"),
        (tenant(role_assignments=[{"role": "x", "principal": "y", "ends": "soon"}]), "ends"),
    ],
)
def test_values_of_the_wrong_kind(data: Any, said: str) -> None:
    """Nothing is taken for something else: a text is no list, and "false" is no bool."""
    with pytest.raises(TenantFileError, match=said):
        parse_tenant_file(data)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"tenant": {"name": "Contoso", "id": "contoso"}}, "GUID"),
        ({"directory": {"allowed_reads": ["users", "licences"]}}, "licences"),
        ({"users": [{**USER, "licenses": [{"sku_id": "sales"}]}]}, "GUID"),
        ({"users": [{**USER, "id": GUID}], "groups": [{"name": "g", "id": GUID.upper()}]}, "several"),
        ({"groups": [{"name": "g", "members": ["G"]}]}, "itself"),
        ({"users": [USER], "role_assignments": [{"role": "x", "principal": USER["upn"], "scope": "all"}]}, "scope"),
        (
            {
                "users": [USER],
                "role_assignments": [{"role": "x", "principal": USER["upn"], "kind": "eligible", "activated": True}],
            },
            "activated",
        ),
        ({"consents": [{"app_id": GUID, "principal": "nobody"}]}, "nobody"),
        ({"users": [USER], "consents": [{"app_id": GUID, "principal": USER["upn"], "all_principals": True}]}, "or for"),
        ({"environments": [{"name": "e"}, {"name": "E"}]}, "several"),
        ({"environments": [{"name": "e", "users": [USER]}]}, "no user"),
        ({"environments": [{"name": "e", "security_group": "g"}]}, "no group"),
        ({"environments": [{"name": "e", "teams": [{"name": "t", "type": "security_group"}]}]}, "behind it"),
        ({"environments": [{"name": "e", "teams": [{"name": "t", "members": ["nobody"]}]}]}, "nobody"),
        ({"keepit": {"connections": [{"id": "c"}, {"id": "c"}]}}, "several"),
    ],
)
def test_what_no_tenant_could_hold(part: dict[str, Any], said: str) -> None:
    """Refused when the file is read, before there is a world."""
    with pytest.raises(TenantFileError, match=said):
        parse_tenant_file(tenant(**part))


def test_all_problems_at_once() -> None:
    """Each on a line of its own."""
    wrong = tenant(users=[{**USER, "type": "Robot"}, {"upn": "b@contoso.example", "sign_in": "never"}])
    with pytest.raises(TenantFileError) as raised:
        parse_tenant_file(wrong)
    assert len(str(raised.value).splitlines()) == 3


def test_times_without_a_zone_are_utc() -> None:
    """So that they can be compared with the sandbox's clock."""
    grant = {"role": "x", "principal": USER["upn"], "ends": "2099-12-31T12:00:00"}
    parsed = parse_tenant_file(tenant(users=[USER], role_assignments=[grant]))
    ends = parsed.role_assignments[0].ends
    assert ends is not None
    assert ends.isoformat() == "2099-12-31T12:00:00+00:00"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, or no JSON: the message names the file."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for path in (broken, tmp_path / "missing.json"):
        with pytest.raises(TenantFileError, match=path.name):
            load_tenant_file(path)


def test_every_built_in_scenario_loads() -> None:
    """An unknown one is refused with the names that there are."""
    assert all(load_scenario(name).users for name in scenario_names())
    with pytest.raises(TenantFileError, match="not-ready, ready"):
        load_scenario("nowhere")


def test_every_example_tenant_loads(shared: Path) -> None:
    """The eight that are described, expected findings aside."""
    files = [path for path in (shared / "scenarios").glob("*.json") if ".expected" not in path.name]
    assert len(files) == 8
    for path in files:
        assert load_tenant_file(path) == parse_tenant_file(json.loads(path.read_text(encoding="utf-8")))
