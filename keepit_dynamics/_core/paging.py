"""Collections in pages: an empty page is not the end, and a link that comes again is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keepit_dynamics._core.flow import Flow
from keepit_dynamics.errors import ProtocolError

__all__ = ["collect_pages"]


def collect_pages(
    first: Any,
    following: Callable[[str], Flow[Any]],
    *,
    service: str,
    link_names: tuple[str, ...] = ("@odata.nextLink",),
) -> Flow[list[Any]]:
    """All rows of an OData collection, page by page.

    Args:
        first: The first page's JSON value.
        following: Reads the page behind a link; has to check the link's host before any token goes there.
        service: For error messages.
        link_names: Members that may hold the link to the next page.

    Raises:
        ProtocolError: A page is not a list, or a link was given twice.
    """
    rows: list[Any] = []
    seen: set[str] = set()
    page = first
    while True:
        rows += _rows(page, service)
        link = next((page[name] for name in link_names if page.get(name)), None)
        if link is None:
            return rows
        if not isinstance(link, str) or link in seen:
            raise ProtocolError(
                f"{service} gives the same link to the next page twice, or none that is a text.",
                service=service,
                problems=(f"unusable link after {len(rows)} rows",),
                hint="Try again later; what was read is not complete.",
            )
        seen.add(link)
        page = yield from following(link)


def _rows(page: Any, service: str) -> list[Any]:
    rows = page.get("value") if isinstance(page, Mapping) else None
    if not isinstance(rows, list):
        raise ProtocolError(
            f"The answer of {service} is not a list.",
            service=service,
            problems=("expected a list @ $.value",),
        )
    return rows
