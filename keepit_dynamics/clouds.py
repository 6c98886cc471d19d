"""Where the services are, and where a bearer token may go.

One table of the national clouds (contracts/entra-and-graph.md 2, contracts/dataverse.md 1.1, 2.1 and 8), one
of Keepit's regions (contracts/keepit.md 2), and :class:`Endpoints`, which holds the addresses in use and
refuses every other destination.
"""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import attrs

from keepit_dynamics._core.secrets import Secret
from keepit_dynamics.errors import ConfigurationError, DestinationError

__all__ = ["CLOUDS", "KEEPIT_REGIONS", "Cloud", "Endpoints", "KeepitToken", "keepit_address"]

KEEPIT_REGIONS = ("dk-co", "de-fr", "ch-zh", "uk-ld", "us-dc", "ca-tr", "au-sy", "ws")


@attrs.frozen
class Cloud:
    """A national cloud's addresses; ``environments`` is the pattern its environments' hosts match."""

    name: str
    authority: str
    graph: str
    discovery: str
    admin: str
    admin_audience: str
    environments: str


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "public",
            "https://login.microsoftonline.com",
            "https://graph.microsoft.com",
            "https://globaldisco.crm.dynamics.com",
            "https://api.bap.microsoft.com",
            "https://service.powerapps.com",
            r"[a-z0-9-]+(\.api)?\.crm([2-8]|1[0-9]|2[0-9])?\.dynamics\.com",
        ),
        Cloud(
            "gcc",
            "https://login.microsoftonline.com",
            "https://graph.microsoft.com",
            "https://globaldisco.crm9.dynamics.com",
            "https://gov.api.bap.microsoft.us",
            "https://gov.service.powerapps.us",
            r"[a-z0-9-]+(\.api)?\.crm9\.dynamics\.com",
        ),
        Cloud(
            "gcc-high",
            "https://login.microsoftonline.us",
            "https://graph.microsoft.us",
            "https://globaldisco.crm.microsoftdynamics.us",
            "https://high.api.bap.microsoft.us",
            "https://high.service.powerapps.us",
            r"[a-z0-9-]+(\.api)?\.crm\.microsoftdynamics\.us",
        ),
        Cloud(
            "dod",
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us",
            "https://globaldisco.crm.appsplatform.us",
            "https://api.bap.appsplatform.us",
            "https://service.apps.appsplatform.us",
            r"[a-z0-9-]+(\.api)?\.crm\.appsplatform\.us",
        ),
        Cloud(
            "china",
            "https://login.partner.microsoftonline.cn",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://globaldisco.crm.dynamics.cn",
            "https://api.bap.partner.microsoftonline.cn",
            "https://service.powerapps.cn",
            r"[a-z0-9-]+(\.api)?\.crm\.dynamics\.cn",
        ),
    )
}


def _as_secret(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


@attrs.frozen
class KeepitToken:
    """A Keepit API token: its name, and its secret, which never shows."""

    name: str
    secret: Secret = attrs.field(converter=_as_secret)

    def __attrs_post_init__(self) -> None:
        if not self.name or ":" in self.name or not self.secret.reveal():
            raise ConfigurationError(
                "The Keepit token (keepit_token) needs a name without a colon, and a secret.",
                hint="Both are shown when an API token is made in Keepit.",
            )


def keepit_address(region: str) -> str:
    """The address of a Keepit region; an https address is taken as it is.

    Raises:
        ConfigurationError: The region is not known.
    """
    if region in KEEPIT_REGIONS:
        return f"https://{region}.keepit.com"
    if region.startswith("https://"):
        return _checked_base("region", region)
    raise ConfigurationError(
        f"The Keepit region {region!r} is not known.",
        hint=f"Known regions: {', '.join(KEEPIT_REGIONS)}; or give the address itself (https://…).",
    )


@attrs.frozen(kw_only=True)
class Endpoints:
    """The addresses in use. Bases have no trailing slash.

    ``environment_hosts`` are exact hosts, ``*.suffix``, or (for a national cloud) a regular expression in
    ``environment_pattern``; a bearer token goes to no other environment.
    """

    authority: str
    graph: str
    discovery: str
    keepit: str
    admin: str | None = None
    admin_audience: str | None = None
    environment_hosts: tuple[str, ...] = ()
    environment_pattern: str | None = None
    ca_file: Path | None = None
    client_id: str | None = None
    tenant: str = "organizations"
    username: str | None = None
    keepit_token: KeepitToken | None = None

    @classmethod
    def for_cloud(cls, name: str = "public", *, region: str = "dk-co") -> Self:
        """The addresses of a national cloud and a Keepit region.

        Raises:
            ConfigurationError: The cloud or the region is not known.
        """
        cloud = CLOUDS.get(name)
        if cloud is None:
            raise ConfigurationError(f"The cloud {name!r} is not known.", hint=f"Known clouds: {', '.join(CLOUDS)}.")
        return cls(
            authority=cloud.authority,
            graph=cloud.graph,
            discovery=cloud.discovery,
            admin=cloud.admin,
            admin_audience=cloud.admin_audience,
            environment_pattern=cloud.environments,
            keepit=keepit_address(region),
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an endpoints file.

        Raises:
            ConfigurationError: The file cannot be read, lacks a key, or holds an address that is not https.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The endpoints file {path} cannot be read: {error}.",
                hint="It has to be a JSON object; see the documentation's page on endpoints.",
            ) from error
        if not isinstance(data, dict):
            raise ConfigurationError(f"The endpoints file {path} is not a JSON object.")
        return cls.from_data(data, folder=Path(path).parent)

    @classmethod
    def from_data(cls, data: dict[str, Any], *, folder: Path = Path()) -> Self:
        """Build from the JSON object of an endpoints file; ``ca_file`` is relative to ``folder``."""
        required = ("authority", "graph", "discovery", "keepit")
        wrong = _misfits(data)
        missing = tuple(f"The endpoints file lacks {key!r}." for key in required if not isinstance(data.get(key), str))
        if missing or wrong:
            raise ConfigurationError(*missing, *wrong, hint="See the documentation's page on endpoints.")
        return cls(
            **{key: _checked_base(key, data[key]) for key in required},
            admin=_checked_base("admin", data["admin"]) if data.get("admin") else None,
            environment_hosts=tuple(str(host).lower() for host in data.get("environment_hosts") or ()),
            ca_file=folder / data["ca_file"] if data.get("ca_file") else None,
            client_id=data.get("client_id"),
            tenant=data.get("tenant") or "organizations",
            username=data.get("username"),
            keepit_token=_token(data.get("keepit_token")),
        )

    @property
    def graph_scope(self) -> str:
        """What a token for Microsoft Graph is asked for with."""
        return f"{self.graph}/.default"

    @property
    def discovery_scope(self) -> str:
        """What a token for the Global Discovery Service is asked for with."""
        return f"{self.discovery}/.default"

    @property
    def admin_scope(self) -> str:
        """What a token for the environment admin API is asked for with."""
        return f"{self.admin_audience or self.admin}/.default"

    def check_bearer(self, url: str) -> None:
        """Refuse an address that may not receive a bearer token.

        Raises:
            DestinationError: The address is none of a service or an environment of this cloud.
        """
        fixed = (self.graph, self.discovery, self.admin)
        if any(base is not None and _same_origin(url, base) for base in fixed) or self.is_environment(url):
            return
        raise DestinationError(
            f"The address {_shown(url)} is none of a known service or environment of this cloud, "
            "so no token was sent to it.",
            hint="A new region? Then name its hosts in an endpoints file.",
        )

    def is_environment(self, url: str) -> bool:
        """Whether an address may be a Dataverse environment's."""
        try:
            parts = urlsplit(url)
            host, port = _host(parts), parts.port
        except ValueError:
            return False
        if parts.username is not None or not (parts.scheme == "https" or _is_plain_loopback(url)):
            return False
        if not _is_loopback(host) and (port not in {None, 443} or _is_ip(host)):
            return False
        if self.environment_pattern and host.startswith("globaldisco."):
            return False
        return any(_host_matches(host, allowed) for allowed in self.environment_hosts) or bool(
            self.environment_pattern and re.fullmatch(self.environment_pattern, host)
        )


def _misfits(data: dict[str, Any]) -> tuple[str, ...]:
    texts = ("admin", "ca_file", "client_id", "tenant", "username")
    wrong = [key for key in texts if not isinstance(data.get(key) or "", str)]
    hosts = data.get("environment_hosts") or []
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        wrong.append("environment_hosts")
    return tuple(f"The endpoints file's {key!r} does not have the right form." for key in wrong)


def _token(data: Any) -> KeepitToken | None:
    if data is None:
        return None
    if not isinstance(data, dict) or not all(isinstance(data.get(key), str) for key in ("name", "secret")):
        raise ConfigurationError("The endpoints file's 'keepit_token' needs a name and a secret.")
    return KeepitToken(data["name"], data["secret"])


def _checked_base(key: str, url: Any) -> str:
    try:
        parts = urlsplit(str(url))
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError as error:
        raise ConfigurationError(f"The address of {key!r} is none: {error}.") from error
    if parts.scheme != "https" and not _is_plain_loopback(str(url)):
        raise ConfigurationError(
            f"The address {_shown(str(url))} of {key!r} is not https, so nothing is sent to it.",
            hint="Only loopback addresses may be http.",
        )
    if not parts.hostname or parts.username is not None:
        raise ConfigurationError(f"The address of {key!r} has no host, or holds user info: {_shown(str(url))}.")
    return str(url).rstrip("/")


def _same_origin(url: str, base: str) -> bool:
    default = {"https": 443, "http": 80}
    try:
        left, right = urlsplit(url), urlsplit(base)
        return (left.scheme, _host(left), left.port or default.get(left.scheme), left.username) == (
            right.scheme,
            _host(right),
            right.port or default.get(right.scheme),
            None,
        )
    except ValueError:
        return False


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removesuffix(".")


def _host_matches(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_plain_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _shown(url: str) -> str:
    return url.rpartition("@")[2][:120]
