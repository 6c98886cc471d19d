"""``$filter``: the expressions of contracts/entra-and-graph.md 9.6 and 13.3, parsed and evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

from keepit_dynamics.sandbox.graph.answers import GraphRefused
from keepit_dynamics.sandbox.tenant_spec import is_guid

__all__ = ["Predicate", "parse_filter"]

Predicate = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<number>\d+)|(?P<word>[A-Za-z_][\w]*(?:/[A-Za-z_$][\w]*)*)|(?P<mark>[(),:]))"
)
_MOST_TERMS = 15


_GUIDS = frozenset({"skuId", "servicePlanId"})
"""Members of type ``Edm.Guid``, written bare; texts are quoted."""
_BOOLEANS = frozenset({"accountEnabled", "onPremisesSyncEnabled", "isBuiltIn", "isEnabled"})
_ADVANCED_COLLECTIONS = frozenset({"assignedPlans"})
"""Collections that are searched in the index only."""


def parse_filter(text: str, columns: Container[str], *, advanced: bool) -> Predicate:
    """The predicate of a filter on these columns; raises GraphRefused where the service would refuse it."""
    return _Parser(text, columns, advanced=advanced).whole()


class _Members:
    """Any member of the variable inside ``any``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.startswith(self.prefix)


class _Parser:
    def __init__(self, text: str, columns: Container[str], *, advanced: bool) -> None:
        self.tokens = _tokens(text)
        self.columns = columns
        self.place = 0
        self.advanced = advanced

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
        _limit(len(parts))
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
        self.known(collection)
        if collection in _ADVANCED_COLLECTIONS:
            self.need_advanced("any")
        self.take("(")
        variable = self.take()
        self.take(":")
        inner = self.inside(variable)
        self.take(")")
        prefix = f"{variable}/"

        def holds(row: Mapping[str, Any]) -> bool:
            items = row.get(collection) or []
            return any(inner({f"{prefix}{name}": value for name, value in item.items()}) for item in items)

        return holds

    def inside(self, variable: str) -> Predicate:
        """What stands inside ``any``: terms about members of the variable."""
        outer, self.columns = self.columns, _Members(f"{variable}/")
        inner = self.either()
        self.columns = outer
        return inner

    def comparison(self, name: str) -> Predicate:
        if name.endswith("/$count"):
            return self.counted(name.removesuffix("/$count"))
        operator = self.take()
        if operator not in {"eq", "ne", "in"}:
            raise _malformed()
        self.known(name)
        if operator == "in":
            values = self.values(name)
            return lambda row: _plain(row.get(name)) in values
        value = _literal(name, self.take())
        if operator == "eq":
            return lambda row: _plain(row.get(name)) == value
        self.need_advanced("ne")
        return lambda row: _plain(row.get(name)) != value

    def counted(self, collection: str) -> Predicate:
        self.known(collection)
        self.need_advanced("$count")
        operator, number = self.take(), self.take()
        if operator not in {"eq", "ne"} or not number.isdecimal():
            raise _malformed()
        wanted = int(number)
        return lambda row: (len(row.get(collection) or []) == wanted) is (operator == "eq")

    def values(self, name: str) -> list[Any]:
        self.take("(")
        values = [_literal(name, self.take())]
        while self.peek() == ",":
            self.take()
            values.append(_literal(name, self.take()))
        self.take(")")
        _limit(len(values))
        return values

    def known(self, name: str) -> None:
        if name not in self.columns:
            text = f"Unsupported or invalid query filter clause specified for property '{name}'."
            raise GraphRefused(400, "Request_UnsupportedQuery", text)

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


def _literal(name: str, text: str) -> Any:
    """The value of a literal, which has to be of the member's type."""
    member = name.rpartition("/")[2]
    if text == "null":
        return None
    if member in _BOOLEANS and text in {"true", "false"}:
        return text == "true"
    if member in _GUIDS and is_guid(text):
        return text.lower()
    if member not in _BOOLEANS | _GUIDS and text.startswith("'"):
        return text[1:-1].replace("''", "'").lower()
    raise _malformed()


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _limit(terms: int) -> None:
    if terms > _MOST_TERMS:
        text = (
            "Too many child clauses specified in search filter expression containing 'OR' operators: "
            f"{terms}. Max allowed: {_MOST_TERMS}"
        )
        raise GraphRefused(400, "Request_UnsupportedQuery", text)


def _malformed() -> GraphRefused:
    return GraphRefused(400, "Request_BadRequest", "Invalid filter clause.")
