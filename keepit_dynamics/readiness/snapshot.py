"""All facts on one subject in one tenant at one time. Rules are judged from this and from nothing else."""

from __future__ import annotations

from datetime import datetime

import attrs

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.auth.account import Account
from keepit_dynamics.dataverse.access import EnvironmentAccess
from keepit_dynamics.dataverse.environments import AdministeredEnvironment, DiscoveredEnvironment
from keepit_dynamics.graph.client import DirectoryFacts, LicensedUsers

__all__ = ["EnvironmentFacts", "Snapshot"]


@attrs.frozen
class EnvironmentFacts:
    """One environment: as discovery shows it, as the admin list shows it, and what the account may do there.

    ``access`` is None where the environment was not asked, because the account could not enter it anyway.
    """

    discovered: DiscoveredEnvironment | None
    administered: AdministeredEnvironment | None
    access: EnvironmentAccess | Unread | None = None

    @property
    def id(self) -> str:
        """The environment id; the organization id where discovery names none."""
        if self.administered is not None:
            return self.administered.environment_id
        assert self.discovered is not None  # noqa: S101  # one of the two is always there
        return self.discovered.environment_id or self.discovered.organization_id

    @property
    def name(self) -> str:
        """The display name, or the best there is."""
        shown = self.administered.display_name if self.administered else None
        friendly = self.discovered.friendly_name if self.discovered else None
        return shown or friendly or self.id

    @property
    def url(self) -> str:
        """The address for people; empty where none is known."""
        address = self.discovered.url if self.discovered else None
        return address or (self.administered.url if self.administered else None) or ""

    @property
    def state(self) -> str:
        """``Enabled``, ``Disabled``, ``AdminMode`` or whatever word the service uses; ``Unknown`` without one."""
        runtime = self.administered.runtime_state if self.administered else None
        if self.discovered is not None and self.discovered.state == 1 and runtime in {None, "Enabled"}:
            return "Disabled"
        if runtime is not None:
            return runtime
        return "Enabled" if self.discovered is not None and self.discovered.state == 0 else "Unknown"

    @property
    def closed(self) -> bool:
        """Whether nobody but administrators of the platform can enter it now."""
        return self.state in {"Disabled", "AdminMode"}


@attrs.frozen
class Snapshot:
    """Facts without verdicts.

    ``connector_exists`` is whether Keepit has a Dynamics 365 connector in the account, not marked for deletion.
    ``seat_limit`` is the account's limit at Keepit: None where there is no such limit, Unread where that could
    not be read or Keepit was not asked. ``seat_users`` are the users that hold a licence that makes a seat.
    """

    taken_at: datetime
    signed_in: Account
    subject_is_signed_in: bool
    subject: str
    directory: DirectoryFacts
    discovered: tuple[DiscoveredEnvironment, ...] | Unread
    administered: tuple[AdministeredEnvironment, ...] | Unread
    environments: tuple[EnvironmentFacts, ...]
    seat_users: LicensedUsers | Unread
    seat_limit: int | Unread | None
    connector_exists: bool | Unread
