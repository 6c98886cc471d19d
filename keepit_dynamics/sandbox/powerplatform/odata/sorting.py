"""Order records by ``$orderby``."""

from __future__ import annotations

from typing import Any

from keepit_dynamics.sandbox.powerplatform.odata.model import Record, Table, bad_query

__all__ = ["sort"]

_DIRECTIONS: dict[tuple[str, ...], bool] = {(): False, ("asc",): False, ("desc",): True}


def sort(records: list[Record], table: Table, orderby: str | None) -> list[Record]:
    """The records in order; nulls come first, text is compared without case."""
    if orderby is None:
        return records
    for part in reversed(orderby.split(",")):
        records = _sort_by(records, table, part.split())
    return records


def _sort_by(records: list[Record], table: Table, words: list[str]) -> list[Record]:
    name, direction = "".join(words[:1]), tuple(words[1:])
    table.column_type(name)
    if direction not in _DIRECTIONS or name in table.complex_columns:
        raise bad_query(f"Syntax error in $orderby '{' '.join(words)}'.")
    return sorted(records, key=lambda record: _key(record.values[name]), reverse=_DIRECTIONS[direction])


def _key(value: Any) -> tuple[bool, Any]:
    if value is None:
        return False, 0
    return True, value.casefold() if isinstance(value, str) else value
