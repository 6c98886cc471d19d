"""Take the address of a request apart: sets, keys, functions and their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from keepit_dynamics.sandbox.powerplatform.odata.model import Record, Table, bad_query
from keepit_dynamics.sandbox.powerplatform.odata.operands import literal
from keepit_dynamics.sandbox.powerplatform.odata.options import split_outside
from keepit_dynamics.sandbox.powerplatform.odata.tokens import tokenize
from keepit_dynamics.sandbox.powerplatform.refusal import Refused

__all__ = ["Segment", "matches_key", "no_such_row", "no_such_segment", "parse_key", "parse_segment"]

_SEGMENT = re.compile(r"([\w.$]+)(?:\((.*)\))?", re.DOTALL)


@attrs.frozen
class Segment:
    """One part of a path: a name, and what stands in its brackets (None without brackets)."""

    name: str
    brackets: str | None = None

    def arguments(self, params: Mapping[str, str]) -> dict[str, str]:
        """A function's arguments as written; ``@p1`` is looked up in the query."""
        given = (part.partition("=") for part in split_outside(self.brackets or "", ","))
        return {name.strip(): params.get(value, value) for name, _, value in given}


def parse_segment(text: str) -> Segment:
    """Read one part of a path."""
    match = _SEGMENT.fullmatch(text)
    if match is None:
        raise bad_query(f"Bad Request - Error in query syntax near '{text}'.")
    return Segment(match.group(1), match.group(2))


def parse_key(text: str, table: Table) -> dict[str, Any]:
    """A key as column to value: the primary one, bare or named, or one of the alternate keys."""
    if "=" not in text:
        text = f"{table.key}={text}"
    key = dict(_key_part(part, table) for part in split_outside(text, ","))
    if frozenset(key) not in {frozenset({table.key}), *table.alternate_keys}:
        raise bad_query(f"The key in the request URI is not valid for resource '{table.name}'.")
    return key


def _key_part(text: str, table: Table) -> tuple[str, Any]:
    name, _, written = text.partition("=")
    edm_type = table.column_type(name.strip())
    tokens = tokenize(written)
    value = literal(tokens[0])
    if value is None or len(tokens) != 2 or value.type != edm_type:
        raise bad_query(f"Error in query syntax: '{written}' is not a value of type '{edm_type}'.")
    plain = value.value({})
    return name.strip(), plain.lower() if edm_type == "Edm.Guid" else plain


def matches_key(record: Record, key: Mapping[str, Any]) -> bool:
    """Whether a record has these key values."""
    return all(record.values[name] == value for name, value in key.items())


def no_such_segment(name: str) -> Refused:
    """The refusal of a set or function that does not exist; names are case-sensitive."""
    return Refused(404, "0x8006088a", f"Resource not found for the segment '{name}'.")


def no_such_row(table: Table, key: Mapping[str, Any]) -> Refused:
    """The refusal of a row that does not exist or may not be seen."""
    shown = ", ".join(str(value) for value in key.values())
    return Refused(404, "0x80040217", f"{table.name} With Id = {shown} Does Not Exist")
