"""Read the ``Prefer`` header."""

from __future__ import annotations

import re

import attrs

from keepit_dynamics.sandbox.powerplatform.odata.paging import MAX_PAGE_SIZE
from keepit_dynamics.sandbox.wire import Request

__all__ = ["Preferences", "preferences_of"]

_PART = re.compile(r'\s*([\w.\-]+)(?:\s*=\s*(?:"([^"]*)"|([^,"]*)))?\s*(?:,|$)')
_ANNOTATED_COUNT = "Microsoft.Dynamics.CRM.totalrecordcount"


@attrs.frozen
class Preferences:
    """What a client would like."""

    page_size: int | None = None
    annotations: str | None = None
    continue_on_error: bool = False
    representation: bool = False

    @property
    def rows(self) -> int:
        """Rows a page may hold."""
        return min(self.page_size or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def wants(self, annotation: str) -> bool:
        """Whether an annotation was asked for, by name or by pattern."""
        patterns = (self.annotations or "").split(",")
        return any(re.fullmatch(re.escape(part.strip()).replace(r"\*", ".*"), annotation) for part in patterns)

    def applied_to_set(self) -> dict[str, str]:
        """The header that tells which preferences a set's answer honours."""
        applied = []
        if self.page_size:
            applied.append(f"odata.maxpagesize={self.page_size}")
        if self.wants(_ANNOTATED_COUNT):
            applied.append(f'odata.include-annotations="{self.annotations}"')
        return {"Preference-Applied": ", ".join(applied)} if applied else {}


def preferences_of(request: Request) -> Preferences:
    """The preferences of a request."""
    found = {name: quoted or plain.strip() for name, quoted, plain in _PART.findall(request.header("prefer") or "")}
    size = found.get("odata.maxpagesize", "")
    return Preferences(
        page_size=int(size) if re.fullmatch(r"[1-9][0-9]{0,8}", size) else None,
        annotations=found.get("odata.include-annotations"),
        continue_on_error=found.get("odata.continue-on-error", "false") in {"", "true"},
        representation=found.get("return") == "representation",
    )
