"""Read a ``$filter`` into a predicate over records.

Property names are case-sensitive; whether string values are depends on the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Record, Source, Table, bad_query
from keepit_dynamics.sandbox.powerplatform.odata.operands import (
    Operand,
    Predicate,
    Scope,
    comparison,
    literal,
    unquoted,
)
from keepit_dynamics.sandbox.powerplatform.odata.tokens import Token, tokenize

__all__ = ["parse_filter"]

_ROOT = ""
_MAX_DEPTH = 50
_EQUAL_USER_ID = "Microsoft.Dynamics.CRM.EqualUserId"
_TEXT_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}


def parse_filter(
    text: str,
    table: Table,
    source: Source,
    aliases: Mapping[str, str] | None = None,
    *,
    ignore_case: bool = True,
) -> Callable[[Record], bool]:
    """The predicate that a filter stands for; raises Refused for what the service would refuse."""
    predicate = _Parser(text, table, source, aliases or {}, ignore_case=ignore_case).parse()
    return lambda record: predicate({_ROOT: record})


class _Parser:
    def __init__(
        self, text: str, table: Table, source: Source, aliases: Mapping[str, str], *, ignore_case: bool
    ) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._next = 0
        self._depth = 0
        self._source = source
        self._aliases = aliases
        self._ignore_case = ignore_case
        self._ranges = {_ROOT: table}

    def parse(self) -> Predicate:
        predicate = self._either()
        if self._peek().kind != "end":
            raise self._syntax_error()
        return predicate

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self, text: str | None = None) -> Token:
        token = self._peek()
        if token.kind == "end" or (text is not None and token.text != text):
            raise self._syntax_error()
        self._next += 1
        return token

    def _found(self, text: str) -> bool:
        if self._peek().text != text:
            return False
        self._next += 1
        return True

    def _syntax_error(self) -> Exception:
        return bad_query(f"Syntax error at position {self._peek().position} in '{self._text}'.")

    def _either(self) -> Predicate:
        parts = [self._all_of()]
        while self._found("or"):
            parts.append(self._all_of())
        return lambda scope: any(part(scope) for part in parts)

    def _all_of(self) -> Predicate:
        parts = [self._one()]
        while self._found("and"):
            parts.append(self._one())
        return lambda scope: all(part(scope) for part in parts)

    def _one(self) -> Predicate:
        if self._found("not"):
            denied = self._plain()
            return lambda scope: not denied(scope)
        return self._plain()

    def _plain(self) -> Predicate:
        if self._found("("):
            return self._bracketed()
        if self._peek().kind == "name" and self._peek(1).text == "(":
            return self._function()
        return self._compared()

    def _bracketed(self) -> Predicate:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise bad_query(f"The nesting in '{self._text[:50]}' is too deep.")
        inside = self._either()
        self._depth -= 1
        self._take(")")
        return inside

    def _function(self) -> Predicate:
        name = self._take().text
        self._take("(")
        if name == _EQUAL_USER_ID:
            return self._equal_user_id()
        if name not in _TEXT_FUNCTIONS:
            raise bad_query(f"An unknown function with name '{name}' was found.")
        text = self._operand()
        self._take(",")
        part = self._operand()
        self._take(")")
        if not isinstance(text, Operand) or not isinstance(part, Operand):
            raise self._syntax_error()
        if (text.type, part.type) != ("Edm.String", "Edm.String"):
            raise bad_query(f"No function signature for the function with name '{name}' matches the arguments.")
        holds, fold = _TEXT_FUNCTIONS[name], self._ignore_case

        def matches(scope: Scope) -> bool:
            whole, piece = str(text.value(scope) or ""), str(part.value(scope))
            return holds(whole.casefold(), piece.casefold()) if fold else holds(whole, piece)

        return matches

    def _equal_user_id(self) -> Predicate:
        self._take("PropertyName")
        self._take("=")
        name = self._operand()
        self._take(")")
        if not isinstance(name, Operand) or name.type != "Edm.String":
            raise self._syntax_error()
        column = str(name.value({}))
        self._ranges[_ROOT].column_type(column)
        return lambda scope: scope[_ROOT].values[column] == self._source.caller_id

    def _compared(self) -> Predicate:
        left = self._operand()
        if not isinstance(left, Operand):
            return left
        operator = self._take().text
        right = self._operand()
        if not isinstance(right, Operand):
            raise self._syntax_error()
        return comparison(left, operator, right, ignore_case=self._ignore_case)

    def _operand(self) -> Operand | Predicate:
        token = self._take()
        if token.kind == "alias":
            return self._alias(token.text)
        found = literal(token)
        if found is not None:
            return found
        if token.kind != "name":
            raise self._syntax_error()
        if self._peek().kind == "string":
            return self._enumeration(token.text)
        return self._path(token.text)

    def _alias(self, name: str) -> Operand:
        tokens = tokenize(self._aliases.get(name, ""))
        value = literal(tokens[0])
        if value is None or len(tokens) != 2:
            raise bad_query(f"The parameter alias '{name}' has no usable value.")
        return value

    def _enumeration(self, type_name: str) -> Operand:
        value = unquoted(self._take().text)
        return Operand(type_name, lambda _: value)

    def _path(self, first: str) -> Operand | Predicate:
        variable = first if first in self._ranges else _ROOT
        if variable:
            self._take("/")
            first = self._take().text
        table = self._ranges[variable]
        if first in table.navigation:
            return self._lambda(variable, table.navigation[first])
        edm_type = table.column_type(first)
        if first not in table.complex_columns:
            return Operand(edm_type, lambda scope: scope[variable].values.get(first), fixed=False)
        self._take("/")
        part = self._take().text
        return Operand(
            table.complex_columns[first].get(part, "unknown"),
            lambda scope: scope[variable].values[first].get(part),
            fixed=False,
        )

    def _lambda(self, outer: str, navigation: Navigation) -> Predicate:
        """Collections may be asked with any and all; a filter does not go behind a lookup."""
        self._take("/")
        quantifier = self._take().text
        if quantifier not in {"any", "all"} or not navigation.is_collection:
            raise self._syntax_error()
        self._take("(")
        variable = self._take().text
        self._take(":")
        hidden = dict(self._ranges)
        self._ranges[variable] = self._source.table(navigation.target)
        inside = self._bracketed()
        self._ranges = hidden
        test = any if quantifier == "any" else all

        def holds(scope: Scope) -> bool:
            others = self._source.related(scope[outer], navigation)
            return test(inside({**scope, variable: other}) for other in others)

        return holds
