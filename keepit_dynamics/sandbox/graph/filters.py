"""``$filter``: the expressions of contracts/entra-and-graph.md 9.6 and 13.3, parsed and evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from keepit_dynamics.sandbox.graph.answers import GraphRefused

__all__ = ["Predicate", "parse_filter"]

Predicate = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<number>\d+)|(?P<word>[A-Za-z_][\w]*(?:/[A-Za-z_$][\w]*)*)|(?P<mark>[(),:]))"
)
_MOST_TERMS = 15


def parse_filter(text: str, *, advanced: bool) -> Predicate:
    """The predicate of a filter; raises GraphRefused where the service would refuse it."""
    return _Parser(text, advanced=advanced).whole()


class _Parser:
    def __init__(self, text: str, *, advanced: bool) -> None:
        self.tokens = _tokens(text)
        self.place = 0
        self.advanced = advanced
        self.terms = 0

    def whole(self) -> Predicate:
        predicate = self.either()
        if self.place != len(self.tokens):
            raise _malformed()
        return predicate

    def either(self) -> Predicate:
        parts = [self.both()]
        while self.peek() == "or":
            self.take()
            parts.append(self.both())
        if len(parts) > _MOST_TERMS:
            text = f"Too many child clauses specified in search filter expression: {len(parts)}. Max allowed: 15"
            raise GraphRefused(400, "Request_UnsupportedQuery", text)
        return lambda row: any(part(row) for part in parts)

    def both(self) -> Predicate:
        parts = [self.single()]
        while self.peek() == "and":
            self.take()
            parts.append(self.single())
        return lambda row: all(part(row) for part in parts)

    def single(self) -> Predicate:
        if self.peek() == "(":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        if self.peek() == "not":
            self.take()
            self.need_advanced("not")
            inner = self.single()
            return lambda row: not inner(row)
        name = self.take()
        if name.endswith("/any"):
            return self.any_of(name.removesuffix("/any"))
        return self.comparison(name)

    def any_of(self, collection: str) -> Predicate:
        self.take("(")
        variable = self.take()
        self.take(":")
        inner = self.either()
        self.take(")")
        prefix = f"{variable}/"

        def holds(row: Mapping[str, Any]) -> bool:
            items = row.get(collection) or []
            return any(inner({f"{prefix}{name}": value for name, value in item.items()}) for item in items)

        return holds

    def comparison(self, name: str) -> Predicate:
        operator = self.take()
        if operator == "in":
            values = self.values()
            return lambda row: _plain(row.get(name)) in values
        value = _literal(self.take())
        if operator == "eq":
            return lambda row: _plain(row.get(name)) == value
        if operator == "ne":
            self.need_advanced("ne")
            return lambda row: _plain(row.get(name)) != value
        raise _malformed()

    def values(self) -> list[Any]:
        self.take("(")
        values = [_literal(self.take())]
        while self.peek() == ",":
            self.take()
            values.append(_literal(self.take()))
        self.take(")")
        return values

    def need_advanced(self, word: str) -> None:
        if not self.advanced:
            text = f"Operator '{word}' is not supported because the required parameters might be missing."
            raise GraphRefused(400, "Request_UnsupportedQuery", text)

    def peek(self) -> str | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if token is None or (expected is not None and token != expected):
            raise _malformed()
        self.place += 1
        return token


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _malformed()
        tokens.append(found[0].strip())
        place = found.end()
    return tokens


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'").lower()
    return {"true": True, "false": False, "null": None}.get(token, token.lower())


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _malformed() -> GraphRefused:
    return GraphRefused(400, "Request_BadRequest", "Invalid filter clause.")
