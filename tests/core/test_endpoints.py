"""Addresses: what an endpoints file may say, and where a token may go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics.clouds import CLOUDS, KEEPIT_REGIONS, Endpoints, keepit_address
from keepit_dynamics.errors import ConfigurationError, DestinationError

FILE: dict[str, Any] = {
    "authority": "https://login.example/",
    "graph": "https://services.example/graph",
    "discovery": "https://services.example/discovery",
    "keepit": "https://keepit.example",
}
ENVIRONMENTS = {
    "public": "contoso.crm4.dynamics.com",
    "gcc": "contoso.crm9.dynamics.com",
    "gcc-high": "contoso.crm.microsoftdynamics.us",
    "dod": "contoso.crm.appsplatform.us",
    "china": "contoso.crm.dynamics.cn",
}


def test_a_file_is_read(tmp_path: Path) -> None:
    """Every key arrives; the certificate is found beside the file, and bases lose their trailing slash."""
    more = {
        "admin": "https://services.example/admin",
        "environment_hosts": ["Env.Example", "*.envs.example"],
        "ca_file": "ca.pem",
        "client_id": "client",
        "tenant": "contoso.example",
        "username": "backup@contoso.example",
        "keepit_token": {"name": "n", "secret": "s3cr3t"},
        "later": {"what": "is not known is ignored"},
    }
    file = tmp_path / "e.json"
    file.write_text(json.dumps({**FILE, **more}), encoding="utf-8")
    read = Endpoints.load(file)
    assert (read.authority, read.admin, read.ca_file) == (
        "https://login.example",
        "https://services.example/admin",
        tmp_path / "ca.pem",
    )
    assert (read.client_id, read.tenant, read.username) == ("client", "contoso.example", "backup@contoso.example")
    assert read.environment_hosts == ("env.example", "*.envs.example")
    assert read.keepit_token is not None
    assert read.keepit_token.secret.reveal() == "s3cr3t"
    assert "s3cr3t" not in repr(read)


def test_what_is_left_out_has_defaults() -> None:
    """Four addresses are enough."""
    read = Endpoints.from_data(FILE)
    assert (read.admin, read.ca_file, read.client_id, read.username, read.keepit_token) == (None,) * 5
    assert read.tenant == "organizations"


def test_all_missing_addresses_are_named_at_once() -> None:
    """One run shows every one of them."""
    with pytest.raises(ConfigurationError) as caught:
        Endpoints.from_data({"graph": "https://services.example"})
    assert len(caught.value.problems) == 3
    assert [word in str(caught.value) for word in ("authority", "discovery", "keepit")] == [True] * 3


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty, cut, a list, or no text."""
    file = tmp_path / "e.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"e\.json"):
        Endpoints.load(file)


@pytest.mark.parametrize(
    "changed",
    [
        {"graph": "http://services.example/graph"},
        {"graph": "ftp://services.example"},
        {"graph": "services.example"},
        {"keepit": "https://"},
        {"keepit": "https://name:secret@keepit.example"},
        {"admin": "http://services.example"},
        {"keepit": "https://[::1"},
        {"graph": "https://services.example:port"},
        {"ca_file": 5},
        {"environment_hosts": "localhost"},
        {"environment_hosts": 5},
        {"client_id": 5},
        {"tenant": ["contoso.example"]},
        {"keepit_token": "secret"},
        {"keepit_token": {"name": "n"}},
        {"keepit_token": {"name": "a:b", "secret": "secret"}},
        {"keepit_token": {"name": "", "secret": "secret"}},
    ],
)
def test_what_an_endpoints_file_may_not_say(changed: dict[str, Any]) -> None:
    """Each is refused with a message that names the key and shows no secret."""
    with pytest.raises(ConfigurationError) as caught:
        Endpoints.from_data({**FILE, **changed})
    assert next(iter(changed)) in str(caught.value)
    assert "name:secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost:8443", "127.0.0.1:8443", "[::1]:8443"])
def test_loopback_may_be_plain(host: str) -> None:
    """An emulator on this machine needs no certificate."""
    local = Endpoints.from_data({**FILE, "graph": f"http://{host}", "environment_hosts": ["localhost", "127.0.0.1"]})
    local.check_bearer(f"http://{host}/v1.0/me")
    assert local.is_environment("http://localhost:9000/env/sales")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://env.example/api", True),
        ("https://ENV.example/api", True),
        ("https://a.envs.example", True),
        ("https://a.b.envs.example", True),
        ("https://services.example/graph/v1.0/me", True),
        ("https://envs.example", False),
        ("https://evilenvs.example", False),
        ("https://env.example.evil.example", False),
        ("https://env.example:8443", False),
        ("http://env.example", False),
        ("https://me@env.example", False),
        ("https://10.0.0.1", False),
        ("https://[2001:db8::1]/", False),
        ("https://keepit.example/users/", False),
        ("https://login.example/token", False),
        ("https://contoso.crm4.dynamics.com", False),
    ],
)
def test_hosts_of_a_file(url: str, allowed: bool) -> None:
    """Exact hosts and suffixes at a dot; neither Keepit nor the sign-in service ever gets a bearer token."""
    hosts = ["env.example", "*.envs.example", "10.0.0.1", "2001:db8::1"]
    endpoints = Endpoints.from_data({**FILE, "environment_hosts": hosts})
    if allowed:
        endpoints.check_bearer(url)
    else:
        with pytest.raises(DestinationError):
            endpoints.check_bearer(url)


@pytest.mark.parametrize("home", CLOUDS)
@pytest.mark.parametrize("asked", CLOUDS)
def test_a_token_stays_in_its_cloud(home: str, asked: str) -> None:
    """Environments of one cloud get no token of another, and each knows its own."""
    endpoints = Endpoints.for_cloud(home)
    for host in (ENVIRONMENTS[asked], ENVIRONMENTS[asked].replace(".crm", ".api.crm", 1)):
        assert endpoints.is_environment(f"https://{host}/api/data/v9.2/WhoAmI") == (home == asked)
        assert not endpoints.is_environment(f"https://{host}.evil.example")
        assert not endpoints.is_environment(f"https://evil.example/{host}")


@pytest.mark.parametrize("ending", ["", ".", "/", ":443", ".:443/api/discovery/v2.0/Instances"])
def test_discovery_is_no_environment_however_it_is_written(ending: str) -> None:
    """A dot at the end of the name or a port that is the default makes it no other host."""
    assert not Endpoints.for_cloud("public").is_environment(f"https://globaldisco.crm.dynamics.com{ending}")


@pytest.mark.parametrize("region", KEEPIT_REGIONS)
def test_regions_have_addresses(region: str) -> None:
    """Each known region is a host of Keepit."""
    assert keepit_address(region) == f"https://{region}.keepit.com"


@pytest.mark.parametrize(
    "region", ["", "mars", "DK-CO", "dk-co.keepit.com", "http://dk-co.keepit.com", "https://", "https://[::1"]
)
def test_a_region_that_is_none(region: str) -> None:
    """What is neither a region nor an https address is refused; the known ones are listed, or what is wrong with it."""
    with pytest.raises(ConfigurationError):
        keepit_address(region)


def test_a_cloud_that_is_none() -> None:
    """The known ones are listed."""
    with pytest.raises(ConfigurationError, match="gcc-high"):
        Endpoints.for_cloud("germany")


_TAILS = st.from_regex(
    r"(https?://|contoso|\.crm4|\.dynamics\.com|evil\.example|graph\.microsoft\.com|127\.0\.0\.1|::1|xn--|443|8443"
    r"|%2e|%40|[@:/\\?#.\[\] \t\n。ｃ]){0,9}",
    fullmatch=True,
)


@given(_TAILS)
def test_an_address_that_passes_leads_where_it_says(tail: str) -> None:
    """Whatever the check lets through, httpx would ask a host of the cloud too, or refuse the address."""
    url = f"https://contoso.crm4.dynamics.com{tail}"
    for candidate in (url, tail, f"https://{tail}"):
        try:
            Endpoints.for_cloud("public").check_bearer(candidate)
            host = httpx.URL(candidate).host
        except (DestinationError, httpx.InvalidURL):
            continue
        assert host.rstrip(".").endswith((".dynamics.com", "graph.microsoft.com", "api.bap.microsoft.com")), candidate
