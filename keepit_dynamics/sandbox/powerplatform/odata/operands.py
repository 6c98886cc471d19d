"""The two sides of a comparison: literals and columns, with their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from keepit_dynamics.sandbox.powerplatform.odata.model import Record, bad_query
from keepit_dynamics.sandbox.powerplatform.odata.tokens import Token

__all__ = ["Operand", "Predicate", "Scope", "comparison", "literal", "unquoted"]

Scope = Mapping[str, Record]
Predicate = Callable[[Scope], bool]

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_NUMBERS = frozenset({"Edm.Int32", "Edm.Int64", "Edm.Double"})
_KIND_NAMES = {"eq": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "ge": "GreaterThanOrEqual"}
_KIND_NAMES |= {"lt": "LessThan", "le": "LessThanOrEqual"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}


@attrs.frozen
class Operand:
    """A typed value that may depend on the rows in scope; literals are ``fixed``."""

    type: str
    value: Callable[[Scope], Any]
    fixed: bool = True


_WORDS = {
    "true": Operand("Edm.Boolean", lambda _: True),
    "false": Operand("Edm.Boolean", lambda _: False),
    "null": Operand("null", lambda _: None),
}


def unquoted(text: str) -> str:
    """A string literal's content; quotes inside it are doubled."""
    return text[1:-1].replace("''", "'")


_LITERALS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "string": ("Edm.String", unquoted),
    "guid": ("Edm.Guid", str),
    "date": ("Edm.DateTimeOffset", str),
    "number": ("Edm.Int32", lambda text: float(text) if "." in text else int(text)),
}


def literal(token: Token) -> Operand | None:
    """The operand of a literal token; None where the token is no literal."""
    if token.kind == "name":
        return _WORDS.get(token.text)
    if token.kind not in _LITERALS:
        return None
    edm_type, read = _LITERALS[token.kind]
    value = read(token.text)
    return Operand("Edm.Double" if isinstance(value, float) else edm_type, lambda _: value)


def _compatible(left: Operand, right: Operand) -> bool:
    types = {left.type, right.type}
    if len(types) == 1 or "null" in types or types <= _NUMBERS:
        return True
    text = next((operand for operand in (left, right) if operand.type == "Edm.String"), None)
    # A quoted GUID is taken for the GUID itself.
    return "Edm.Guid" in types and text is not None and text.fixed and bool(_GUID.fullmatch(text.value({})))


def _normal(value: Any, fold: bool) -> Any:
    return value.casefold() if fold and isinstance(value, str) else value


def comparison(left: Operand, operator: str, right: Operand, *, ignore_case: bool) -> Predicate:
    """A comparison of two operands, refused where their types do not go together."""
    if operator not in _KIND_NAMES:
        raise bad_query(f"Syntax error: '{operator}' is not a comparison operator.")
    if not _compatible(left, right):
        raise bad_query(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{left.type}' and '{right.type}' for operator kind '{_KIND_NAMES[operator]}'."
        )
    fold = ignore_case or "Edm.Guid" in {left.type, right.type}

    def holds(scope: Scope) -> bool:
        first, second = _normal(left.value(scope), fold), _normal(right.value(scope), fold)
        if operator == "eq":
            return bool(first == second)
        if operator == "ne":
            return bool(first != second)
        return first is not None and second is not None and _ORDER[operator](first, second)

    return holds
