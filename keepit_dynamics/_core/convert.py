"""Answers in JSON become attrs classes; what does not fit names its place in the payload.

Wire names are camelCase of the Python names, unless a field says otherwise with ``metadata={"wire": …}``.
Unknown members are ignored, and a text, number or truth value has to be one: nothing is coerced.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import attrs
from cattrs import Converter
from cattrs.errors import BaseValidationError, ClassValidationError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from keepit_dynamics._core.http import HttpResponse
from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics.errors import ProtocolError

__all__ = ["from_wire", "json_of", "parse_time", "structure"]

T = TypeVar("T")


def json_of(response: HttpResponse, *, service: str) -> Any:
    """The body of an answer as JSON; raises ProtocolError with the place where it is none."""
    return from_json(response.body, service=service)


def from_json(body: bytes, *, service: str) -> Any:
    """Bytes as JSON; a byte-order mark is accepted."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(
            f"The answer of {service} is not JSON: {error}.",
            service=service,
            problems=(str(error),),
            hint=f"It begins: {redact_text(body[:80].decode('utf-8', 'replace'))!r}. Is a proxy in between?",
        ) from error


def from_wire(data: Any, cls: type[T], *, service: str) -> T:
    """Build ``cls`` from a JSON value; raises ProtocolError that lists every misfit with its place."""
    try:
        return structure(data, cls)
    except ValueError as error:
        problems = tuple(str(error).splitlines())
        raise ProtocolError(
            f"The answer of {service} does not have the expected form: {'; '.join(problems[:5])}.",
            service=service,
            problems=problems,
            hint="The service may have changed, or something in between answered.",
        ) from error


def structure(data: Any, cls: type[T]) -> T:
    """Build ``cls`` from a JSON value; raises ValueError with a line for each misfit."""
    try:
        return _converter().structure(data, cls)
    except BaseValidationError as error:
        raise ValueError("\n".join(_misfits(error, "$"))) from error
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ValueError(f"{_problem(error, cls)} @ $") from error


def parse_time(text: str) -> datetime:
    """An ISO 8601 time as an aware one; a time without zone is UTC."""
    time = datetime.fromisoformat(text.strip())
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _misfits(error: BaseException, path: str) -> Iterator[str]:
    """A line for each misfit, with its place in wire names (cattrs' own lines have the Python names)."""
    if isinstance(error, IterableValidationError):
        for inner, item in error.group_exceptions()[0]:
            yield from _misfits(inner, f"{path}[{item.index}]")
    elif isinstance(error, ClassValidationError):
        fields = attrs.fields_dict(error.cl)
        for inner, member in error.group_exceptions()[0]:
            yield from _misfits(inner, f"{path}.{_wire_name(fields[member.name])}")
    if isinstance(error, BaseValidationError):
        for inner in error.group_exceptions()[1]:  # type: ignore[attr-defined]  # both kinds have it
            yield f"{_problem(inner, None)} @ {path}"
    else:
        yield f"{_problem(error, None)} @ {path}"


def _problem(error: BaseException, expected: type | None) -> str:
    if isinstance(error, KeyError):
        return "required member missing"
    return str(error) or type(error).__name__ + (f" for {expected}" if expected else "")


def _wire_name(field: attrs.Attribute[Any]) -> str:
    if "wire" in field.metadata:
        return str(field.metadata["wire"])
    head, *tail = field.name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _strict(kind: type[T], *also: type) -> Callable[[Any, Any], T]:
    allowed = (kind, *also)

    def check(value: Any, _: Any) -> T:
        if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"expected {kind.__name__}, got {type(value).__name__}")
        return kind(value)  # type: ignore[call-arg]  # str, int, float and bool all take one value

    return check


def _time(value: Any, _: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"expected a time as text, got {type(value).__name__}")  # noqa: TRY004  # one class for misfits
    return parse_time(value)


@cache
def _converter() -> Converter:
    converter = Converter()
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook(float, _strict(float, int))
    converter.register_structure_hook(datetime, _time)

    def for_class(cls: type[Any]) -> Callable[[Any, Any], Any]:
        names = {field.name: override(rename=_wire_name(field)) for field in attrs.fields(cls)}
        build = make_dict_structure_fn(cls, converter, **names)  # type: ignore[arg-type]  # names of fields only

        def checked(value: Any, kind: Any) -> Any:
            if not isinstance(value, dict):
                raise ValueError(f"expected an object, got {type(value).__name__}")  # noqa: TRY004
            return build(value, kind)

        return checked

    converter.register_structure_hook_factory(attrs.has, for_class)
    return converter
