"""Cut a filter or a key into tokens."""

from __future__ import annotations

import re

import attrs

from keepit_dynamics.sandbox.powerplatform.odata.model import bad_query

__all__ = ["Token", "tokenize"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    |(?P<date>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)
    |(?P<number>-?\d{1,18}(?:\.\d{1,18})?)
    |(?P<string>'(?:[^']|'')*')
    |(?P<alias>@\w+)
    |(?P<name>[A-Za-z_][\w.]*)
    |(?P<mark>[()/,:=])""",
    re.VERBOSE,
)


@attrs.frozen
class Token:
    """A piece of the text: ``kind`` is one of guid, date, number, string, alias, name, mark, end."""

    kind: str
    text: str
    position: int


def tokenize(text: str) -> list[Token]:
    """All tokens with an end mark; anything else, braces around ids for one, is refused."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise bad_query(
                f"Syntax error: character '{text[position]}' is not valid at position {position} in '{text}'."
            )
        if match.lastgroup and match.lastgroup != "space":
            tokens.append(Token(match.lastgroup, match.group(), position))
        position = match.end()
    return [*tokens, Token("end", "", len(text))]
