"""Read the query options of a request: ``$select``, ``$expand`` and the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from keepit_dynamics.sandbox.powerplatform.odata.model import Navigation, Source, Table, bad_query

__all__ = ["Expand", "Options", "parse_options", "parse_select", "split_outside"]

_KNOWN = frozenset({"$select", "$filter", "$expand", "$orderby", "$top", "$count", "$skiptoken"})
_IN_EXPAND = frozenset({"$select", "$filter", "$expand", "$orderby", "$top"})
_MAX_EXPANDS = 15


@attrs.frozen
class Expand:
    """A relationship to follow, and what to take of its rows."""

    navigation: Navigation
    select: tuple[str, ...] | None = None
    filter: str | None = None
    orderby: str | None = None
    top: int | None = None
    text: str = ""


@attrs.frozen
class Options:
    """The options of one request."""

    select: tuple[str, ...] | None = None
    filter: str | None = None
    expand: tuple[Expand, ...] = ()
    orderby: str | None = None
    top: int | None = None
    count: bool = False
    skiptoken: str | None = None
    aliases: Mapping[str, str] = attrs.field(factory=dict)


def parse_options(params: Mapping[str, str], table: Table, source: Source) -> Options:
    """The options of a query; raises Refused for unknown ones and for unsupported expands."""
    for name in params:
        if name == "$skip":
            raise bad_query("Skip Clause is not supported in CRM")
        if name.startswith("$") and name not in _KNOWN:
            raise bad_query(f"The query parameter '{name}' is not supported.")
    return Options(
        select=parse_select(params.get("$select"), table),
        filter=params.get("$filter"),
        expand=_parse_expand(params.get("$expand", ""), table, source),
        orderby=params.get("$orderby"),
        top=_number(params.get("$top")),
        count=params.get("$count") == "true",
        skiptoken=params.get("$skiptoken"),
        aliases={name: value for name, value in params.items() if name.startswith("@")},
    )


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise bad_query(f"Invalid value '{text}' for $top query option found.")
    return int(text)


def parse_select(text: str | None, table: Table) -> tuple[str, ...] | None:
    """The selected columns; None means all."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        table.column_type(name)
    return names


def split_outside(text: str, mark: str) -> list[str]:
    """Split at a mark that is neither inside parentheses nor inside quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        if not quoted:
            depth += (character == "(") - (character == ")")
        if character == mark and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    if depth != 0 or quoted:
        raise bad_query(f"Found an unbalanced bracket or quote in '{text}'.")
    return [part.strip() for part in parts if part.strip()]


def _parse_expand(text: str, table: Table, source: Source) -> tuple[Expand, ...]:
    expands = tuple(_one_expand(part, table, source) for part in split_outside(text, ","))
    kinds = {expand.navigation.kind for expand in expands}
    if "many-to-many" in kinds and len(kinds) > 1:
        raise bad_query("Many-to-many relationships cannot be expanded beside relationships of other kinds.")
    if len(expands) > _MAX_EXPANDS:
        raise bad_query(f"The number of $expand clauses exceeds the limit of {_MAX_EXPANDS}.")
    return expands


def _one_expand(text: str, table: Table, source: Source) -> Expand:
    name, bracket, rest = text.partition("(")
    if name.endswith("/$ref"):
        raise bad_query("Expand with $ref is only supported on lookup type navigation property.")
    navigation = table.navigation.get(name)
    if navigation is None:
        raise bad_query(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table.name}'.")
    if bracket and not rest.endswith(")"):
        raise bad_query(f"Syntax error in '{text}'.")
    options = dict(_expand_option(part) for part in split_outside(rest[:-1], ";"))
    _refuse_unsupported(options, navigation)
    target = source.table(navigation.target)
    return Expand(
        navigation,
        select=parse_select(options.get("$select"), target),
        filter=options.get("$filter"),
        orderby=options.get("$orderby"),
        top=_number(options.get("$top")),
        text="&".join(f"{name}={value}" for name, value in options.items()),
    )


def _expand_option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in _IN_EXPAND:
        raise bad_query(f"'{text}' is not an option of $expand.")
    return name, value


def _refuse_unsupported(options: Mapping[str, str], navigation: Navigation) -> None:
    if "$expand" in options:
        raise bad_query(f"Nested $expand is not supported on '{navigation.name}'.")
    if not navigation.is_collection and options.keys() & {"$top", "$orderby"}:
        raise bad_query(
            "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship "
            "or nested one-to-many relationship."
        )
