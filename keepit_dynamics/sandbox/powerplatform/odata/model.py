"""Tables as queries see them: typed columns, keys, relationships, and records with their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import attrs

from keepit_dynamics.sandbox.powerplatform.refusal import Refused

__all__ = ["BAD_QUERY", "Navigation", "Record", "Source", "Table", "bad_query", "unknown_property"]

BAD_QUERY = "0x80060888"


@attrs.frozen
class Navigation:
    """A relationship from one table to another; ``column`` is the lookup of a many-to-one."""

    name: str
    target: str
    kind: str = "many-to-many"
    column: str = ""

    @property
    def is_collection(self) -> bool:
        """Whether it leads to many rows."""
        return self.kind != "many-to-one"


@attrs.frozen
class Table:
    """A table: its name in error texts, its set in addresses, its columns and their Edm types."""

    name: str
    set_name: str
    key: str
    columns: Mapping[str, str]
    navigation: Mapping[str, Navigation] = attrs.field(factory=dict)
    alternate_keys: tuple[frozenset[str], ...] = ()
    always: tuple[str, ...] = ()
    complex_columns: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)

    def column_type(self, name: str) -> str:
        """A column's type; names are case-sensitive."""
        if name not in self.columns:
            raise unknown_property(name, self.name)
        return self.columns[name]


@attrs.frozen(eq=False)
class Record:
    """A row of a table."""

    table: Table
    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The primary key."""
        return str(self.values[self.table.key])


class Source(Protocol):
    """Where a query finds records; only those that the caller may see."""

    caller_id: str

    def table(self, name: str) -> Table:
        """A table by its name."""
        ...

    def related(self, record: Record, navigation: Navigation) -> Iterable[Record]:
        """The records at the other end of a relationship."""
        ...


def bad_query(message: str) -> Refused:
    """The refusal of a query that the service does not understand."""
    return Refused(400, BAD_QUERY, message)


def unknown_property(name: str, table: str) -> Refused:
    """The refusal of a column that does not exist; its code is the literal 0x0."""
    return Refused(400, "0x0", f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")
