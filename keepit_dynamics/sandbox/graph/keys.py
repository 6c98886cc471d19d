"""Keys in an address: ``users('id')`` is ``users/id``, ``servicePrincipals(appId='…')`` names another member."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from keepit_dynamics.sandbox.graph.answers import not_found

__all__ = ["Key", "found_by", "split_keys"]

_KEYED = re.compile(r"(users|directoryRoles|servicePrincipals|roleDefinitions)\((?:(\w+)=)?'(.*)'\)")


@attrs.frozen
class Key:
    """An alternate key."""

    member: str
    value: str


def split_keys(segments: Iterable[str]) -> list[str | Key]:
    """The segments of an address, with keys in parentheses taken apart."""
    found: list[str | Key] = []
    for segment in segments:
        keyed = _KEYED.fullmatch(segment)
        if keyed is None:
            found.append(segment)
        else:
            value = keyed[3].replace("''", "'")
            found += [keyed[1], Key(keyed[2], value) if keyed[2] else value]
    return found


def found_by(rows: Iterable[Mapping[str, Any]], key: str | Key) -> Mapping[str, Any]:
    """The row of a key; raises GraphRefused where there is none."""
    wanted = key if isinstance(key, Key) else Key("id", key)
    for row in rows:
        if str(row.get(wanted.member, "")).lower() == wanted.value.lower():
            return row
    raise not_found(wanted.value)
