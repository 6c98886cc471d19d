"""Options and environment variables, and the builder they make.

An option wins over its variable, a variable over the endpoints file. Secrets come from the environment or the
endpoints file, never from an argument.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from keepit_dynamics.auth.ways import Browser, DeviceCode, SignIn
from keepit_dynamics.builder import ConnectorBuilder
from keepit_dynamics.clouds import CLOUDS
from keepit_dynamics.errors import ConfigurationError
from keepit_dynamics.readiness.requirements import REQUIREMENT_SETS

__all__ = ["add_common", "add_connector", "add_output", "add_subject", "make_builder", "with_connector"]

_PREFIX = "KEEPIT_DYNAMICS_"
_WAYS: Mapping[str, Callable[[], SignIn]] = {"browser": Browser, "device-code": DeviceCode}


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options that every command has."""
    where = parser.add_argument_group("where and who")
    where.add_argument("--endpoints", metavar="FILE", help="endpoints file: the sandbox, an emulator, a proxy")
    where.add_argument("--cloud", choices=tuple(CLOUDS), help="national cloud (public)")
    where.add_argument("--tenant", metavar="ID", help="tenant id or domain")
    where.add_argument("--client-id", metavar="ID", help="public client application registered in Entra")
    where.add_argument("--username", metavar="UPN", help="the account that has to sign in")
    where.add_argument("--sign-in", choices=tuple(_WAYS), help="how to sign in")
    where.add_argument("--region", metavar="NAME", help="Keepit region (dk-co, us-dc …) or address")
    add_output(parser)


def add_output(parser: argparse.ArgumentParser) -> None:
    """Options on what is shown."""
    output = parser.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - is standard output")
    output.add_argument("--html", metavar="FILE", help="write the report as a page")
    output.add_argument("--quiet", action="store_true", help="show nothing but errors")
    output.add_argument("--verbose", action="store_true", help="show every request")
    output.add_argument("--no-color", action="store_true", help="no colours")


def add_subject(parser: argparse.ArgumentParser) -> None:
    """Options on who is judged, by what."""
    parser.add_argument("--subject", metavar="UPN", help="assess this account instead of the signed-in one")
    parser.add_argument("--requirements", choices=tuple(REQUIREMENT_SETS), help="set of requirements (dynamics_ce)")


def add_connector(parser: argparse.ArgumentParser) -> None:
    """Options on what the connector shall be."""
    wanted = parser.add_argument_group("the connector")
    wanted.add_argument("--name", help="its name")
    wanted.add_argument("--retention", metavar="PERIOD", help="ISO 8601 period (P3Y, P6M) or unlimited")
    wanted.add_argument("--access", metavar="MAIL", action="append", default=[], help="a user with access; repeatable")
    wanted.add_argument("--connection", metavar="ID", help="which connection; needed where there are several")
    wanted.add_argument("--config", metavar="FILE", help="backup configuration, a JSON object")


def make_builder(options: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> ConnectorBuilder:
    """The builder for the common options.

    Raises:
        ConfigurationError: An option or a variable cannot be used.
    """

    def chosen(name: str) -> str | None:
        return getattr(options, name, None) or environment.get(_PREFIX + name.upper()) or None

    builder = ConnectorBuilder()
    if (endpoints := chosen("endpoints")) is not None:
        builder = builder.endpoints(endpoints)
    if (cloud := chosen("cloud")) is not None:
        builder = builder.cloud(cloud)
    if (region := chosen("region")) is not None:
        builder = builder.region(region)
    names = ("tenant", "client_id", "username")
    builder = builder.account(_way(chosen("sign_in")), **{name: chosen(name) for name in names})
    name, secret = environment.get("KEEPIT_TOKEN_NAME"), environment.get("KEEPIT_TOKEN_SECRET")
    if bool(name) != bool(secret):
        raise ConfigurationError("Of KEEPIT_TOKEN_NAME and KEEPIT_TOKEN_SECRET only one is set.", hint="Set both.")
    if name and secret:
        builder = builder.keepit(name, secret)
    builder = builder.subject(getattr(options, "subject", None))
    return builder.requirements(getattr(options, "requirements", None) or "dynamics_ce")


def with_connector(builder: ConnectorBuilder, options: argparse.Namespace) -> ConnectorBuilder:
    """The builder with what the connector shall be.

    Raises:
        ConfigurationError: Something of it cannot be; nothing was sent.
    """
    if not options.name:
        raise ConfigurationError("The connector needs a name.", hint="Give it one: --name.")
    builder = builder.named(options.name).access(*options.access).connection(options.connection)
    if options.retention is not None:
        builder = builder.retention(options.retention)
    if options.config is not None:
        builder = builder.configuration(_read(options.config))
    return builder


def _way(word: str | None) -> SignIn | None:
    if word is None:
        return None
    if word not in _WAYS:
        raise ConfigurationError(f"There is no way to sign in called {word!r}.", hint=f"Known: {', '.join(_WAYS)}.")
    return _WAYS[word]()


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"The configuration {path} cannot be read: {error.strerror}.") from error
