"""Secrets that do not show, and texts from which secrets are taken out."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

__all__ = ["Secret", "redact_text", "redact_url"]

_NAMES = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|device_code|password|apass|code_verifier|secret"
)
_HEADER = re.compile(r"""(?i)(\bauthorization"?\s*[:=]\s*"?(?:(?:basic|bearer)\s+)?)[^\s",]+""")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_MEMBER = re.compile(rf"""(?i)("(?:{_NAMES})"\s*:\s*")(?:[^"\\]|\\.)*""")
_FIELD = re.compile(rf"""(?i)(\b(?:{_NAMES})\s*[=:>]\s*"?)([^\s"&<,}}]+)""")


class Secret:
    """A text that neither its repr nor its str shows, and that refuses to be pickled.

    ``reveal()`` gives the text, for the one place that sends it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "A secret is not pickled. Read it where it is needed: from the environment, a file or a keyring."
        )


def redact_text(text: str) -> str:
    """The text without anything that looks like a token, a password or an authorization header."""
    text = _JWT.sub("***", text)
    text = _HEADER.sub(r"\1***", text)
    text = _BEARER.sub(r"\1 ***", text)
    text = _MEMBER.sub(r"\1***", text)
    return _FIELD.sub(r"\1***", text)


def redact_url(url: str) -> str:
    """The address without user info and without query values, which may carry codes."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", ""))
