"""What the caller wants a connector to be."""

from __future__ import annotations

import re

import attrs

from keepit_dynamics.errors import ConfigurationError
from keepit_dynamics.provisioning.retention import Retention

__all__ = ["ConnectorSpec"]

_LONGEST_NAME = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _trimmed(name: str) -> str:
    return name.strip()


@attrs.frozen(kw_only=True)
class ConnectorSpec:
    """A connector as it shall be.

    Raises ConfigurationError, with all problems at once, where it cannot be.

    Attributes:
        name: 1 to 255 characters, unique in the account.
        retention: How long snapshots are kept; None leaves it to the account, and is not compared.
        access: Logins of the Keepit users who get access.
        connection: Id of the connection; None takes the only one there is.
        configuration: Backup configuration, written as it is; None writes none.
    """

    name: str = attrs.field(converter=_trimmed)
    retention: Retention | None = None
    access: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    connection: str | None = None
    configuration: bytes | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        problems = [*_name_problems(self.name), *_access_problems(self.access)]
        if problems:
            raise ConfigurationError(*problems)


def _name_problems(name: str) -> list[str]:
    if not name:
        return ["The connector's name is empty."]
    problems = []
    if len(name) > _LONGEST_NAME:
        problems.append(f"The connector's name has {len(name)} characters; {_LONGEST_NAME} are allowed.")
    if _CONTROL.search(name):
        problems.append("The connector's name holds control characters.")
    return problems


def _access_problems(access: tuple[str, ...]) -> list[str]:
    problems = [f"The access entry {login!r} is no login of a user." for login in access if not _is_login(login)]
    twice = sorted({login for login in access if access.count(login) > 1})
    return problems + [f"The access entry {login!r} is given twice." for login in twice]


def _is_login(login: str) -> bool:
    return bool(login.strip()) and ":" not in login and not _CONTROL.search(login) and " " not in login
