"""Ids, literals and addresses of OData requests (contracts/dataverse.md 3.4); pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import overload
from urllib.parse import quote

from keepit_dynamics.errors import ConfigurationError

__all__ = ["canonical_id", "guid_literal", "resource", "text_literal"]

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@overload
def canonical_id(text: str) -> str: ...
@overload
def canonical_id(text: None) -> None: ...
def canonical_id(text: str | None) -> str | None:
    """An id as it compares: GUIDs in lower case, also behind a prefix (``Default-…``); the rest unchanged."""
    return None if text is None else _GUID.sub(lambda found: found[0].lower(), text)


def guid_literal(text: str) -> str:
    """A GUID as a literal: bare and in lower case.

    Raises:
        ConfigurationError: The text is no GUID.
    """
    if _GUID.fullmatch(text) is None:
        raise ConfigurationError(
            f"{text[:80]!r} is not an object id.",
            hint="Object ids look like 00000000-0000-0000-0000-000000000000; the directory shows them.",
        )
    return text.lower()


def text_literal(text: str) -> str:
    """A text as a literal: in single quotes, those inside doubled."""
    return "'" + text.replace("'", "''") + "'"


def resource(path: str, options: Mapping[str, str]) -> str:
    """A path with query options; every character of a value that could mean something else is encoded."""
    return path + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
