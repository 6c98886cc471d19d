"""Every guess about what is not public, by name, with its default (interfaces.md 4, contracts/keepit.md 20, 21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from keepit_dynamics.sandbox.tenant_file import TenantFileError

__all__ = ["Switches"]


@attrs.frozen
class Switches:
    """How the service behaves where nobody has published it."""

    create_answer: Literal["location", "body", "neither"] = "location"
    job_answer: Literal["job", "jobs", "empty"] = "job"
    duplicate_name: Literal["refuse", "allow"] = "refuse"
    put_changes: Literal["accept", "ignore", "refuse"] = "accept"
    delete_device: Literal["mark", "refuse"] = "mark"
    access_list_get: bool = True
    access_list_delete: bool = True
    access_untoggled: Literal["accept", "refuse"] = "accept"
    enable_schedules_first: bool = False
    config_schedules_first: bool = False
    job_state: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Switches:
        """The switches of a tenant file; an unknown name or word is an error."""
        known = attrs.fields_dict(cls)
        problems = [f"There is no switch {name!r}." for name in given if name not in known]
        for name, value in given.items():
            words = _words(name)
            if name in known and value not in words:
                problems.append(f"The switch {name!r} is one of {', '.join(map(str, words))}, not {value!r}.")
        if problems:
            raise TenantFileError(f"{' '.join(problems)} Known switches: {', '.join(known)}.")
        return cls(**given)


def _words(name: str) -> tuple[Any, ...]:
    return {
        "create_answer": ("location", "body", "neither"),
        "job_answer": ("job", "jobs", "empty"),
        "duplicate_name": ("refuse", "allow"),
        "put_changes": ("accept", "ignore", "refuse"),
        "delete_device": ("mark", "refuse"),
        "access_untoggled": ("accept", "refuse"),
    }.get(name, (True, False))
