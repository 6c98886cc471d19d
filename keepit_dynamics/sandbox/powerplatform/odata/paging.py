"""Cut an answer into pages; the link to the next one carries an opaque token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from keepit_dynamics.sandbox.powerplatform.odata.model import Record, bad_query

__all__ = ["MAX_PAGE_SIZE", "next_link", "page_of"]

MAX_PAGE_SIZE = 5000

_TOKEN = re.compile(r'<cookie pagenumber="(\d{1,9})" pagingcookie="([^"]*)" istracking="False" />')


def page_of(records: Sequence[Record], size: int, skiptoken: str | None) -> tuple[Sequence[Record], str | None]:
    """One page, and the token of the next. A full page has a next one, which may turn out to be empty."""
    number, start = 1, 0
    if skiptoken is not None:
        number, start = _position(records, skiptoken)
    page = records[start : start + size]
    if len(page) < size:
        return page, None
    return page, _token(number + 1, page[-1])


def next_link(address: str, query: str, token: str) -> str:
    """The address of the next page: the request's own query with another token."""
    kept = [part for part in query.split("&") if part and not _is_token(part)]
    return f"{address}?" + "&".join([*kept, f"$skiptoken={quote(token, safe='=/')}"])


def _is_token(part: str) -> bool:
    return part.startswith(("$skiptoken=", "%24skiptoken="))


def _cookie(record: Record) -> str:
    inner = f'<cookie page="1"><{record.table.key} last="{{{record.id.upper()}}}" /></cookie>'
    return quote(inner, safe="")


def _token(number: int, last: Record) -> str:
    return f'<cookie pagenumber="{number}" pagingcookie={quoteattr(_cookie(last))} istracking="False" />'


def _position(records: Sequence[Record], token: str) -> tuple[int, int]:
    """Where a token points. One that was changed, encoded once more for instance, is refused."""
    match = _TOKEN.fullmatch(token)
    if match:
        for index, record in enumerate(records):
            if _cookie(record) == match.group(2):
                return int(match.group(1)), index + 1
    raise bad_query("The paging cookie in $skiptoken is malformed.")
