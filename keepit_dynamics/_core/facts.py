"""A fact, or why it could not be read: what is not known is carried along and never guessed."""

from __future__ import annotations

from typing import TypeVar

import attrs

from keepit_dynamics._core.flow import Flow
from keepit_dynamics.errors import KeepitDynamicsError, PermissionDeniedError, ResponseError

__all__ = ["Unread", "attempt"]

T = TypeVar("T")


@attrs.frozen
class Unread:
    """A fact that could not be read.

    Attributes:
        reason: Why, in a sentence for people.
        needs: The permission or role that would allow it, where known.
        status: The HTTP status of the refusal, where there was one.
        code: The service's own code, where there was one.
    """

    reason: str
    needs: str | None = None
    status: int | None = None
    code: str | None = None

    @classmethod
    def because(cls, error: KeepitDynamicsError) -> Unread:
        """What an error leaves unread."""
        needs = error.needs if isinstance(error, PermissionDeniedError) else None
        if isinstance(error, ResponseError):
            return cls(error.message, needs, error.status, error.code)
        return cls(error.message, needs)


def attempt(flow: Flow[T]) -> Flow[T | Unread]:
    """Run a flow; an error of this package becomes an :class:`Unread`."""
    try:
        return (yield from flow)
    except KeepitDynamicsError as error:
        return Unread.because(error)
