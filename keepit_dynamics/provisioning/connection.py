"""Which connection a new connector uses: only what is certain to fit is taken (contracts/keepit.md 9)."""

from __future__ import annotations

from keepit_dynamics.errors import ConfigurationError
from keepit_dynamics.provisioning.state import AccountState, usable

__all__ = ["choose_connection", "known_connections"]

_BY_HAND = (
    "The first connector of a tenant has to be made in the Keepit web application, since the sign-in that makes "
    "the connection has no public API: sign out of personal Microsoft accounts or use a private window, open "
    "Connectors > Add connector > Dynamics 365, sign in as the backup account, accept what Microsoft asks for. "
    "Then run this again."
)


def known_connections(state: AccountState) -> list[str]:
    """The connections that the account's own Dynamics connectors use."""
    return sorted({one.connection for one in state.connectors if usable(one) and one.connection})


def choose_connection(state: AccountState, wanted: str | None) -> str:
    """The connection to use.

    Raises:
        ConfigurationError: There is none, the named one is not known, or there are several and none is named.
    """
    known = known_connections(state)
    if not known:
        raise ConfigurationError("The account has no connection to Dynamics 365 yet.", hint=_BY_HAND)
    if wanted is not None and wanted not in known:
        raise ConfigurationError(
            f"The connection {wanted!r} is not one that a Dynamics 365 connector of the account uses.",
            hint=f"Known: {', '.join(known)}.",
        )
    if wanted is None and len(known) > 1:
        raise ConfigurationError(
            f"There are {len(known)} connections to Dynamics 365.", hint=f"Name one: {', '.join(known)}."
        )
    return wanted or known[0]
