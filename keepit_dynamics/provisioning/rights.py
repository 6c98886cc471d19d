"""Who may create a connector, and to whom access can be given (contracts/keepit.md 14)."""

from __future__ import annotations

from keepit_dynamics._core.facts import Unread
from keepit_dynamics.keepit.models import TokenRecord
from keepit_dynamics.provisioning.state import AccountState

__all__ = ["access_problems", "may_create_problem"]

_ALWAYS = frozenset({"MasterAdmin", "ComplianceAdmin"})
_NEVER = {"Audit": "sees audit logs only", "SsoAdmin": "sees single sign-on settings only"}
_SUPPORT = frozenset({"FullSupport", "StandardSupport", "LimitedSupport"})


def may_create_problem(state: AccountState) -> str | None:
    """Why the token cannot create connectors; None where it can, or where its role is not known."""
    token = _token(state, state.login)
    role = None
    if token is not None:
        owner = _token(state, token.owner) if token.owner else None
        role = token.role or (owner.role if owner else None)
    if role in _NEVER or role in _SUPPORT or role == "ComplianceAdmin":
        return f"The Keepit token's role {role} cannot create connectors; Master Admin or Backup Admin can."
    return None


def access_problems(state: AccountState, logins: tuple[str, ...]) -> list[str]:
    """Why access cannot be given; where the tokens could not be read, the service decides."""
    if isinstance(state.tokens, Unread):
        return []
    return [problem for login in logins if (problem := _access_problem(state, login)) is not None]


def _access_problem(state: AccountState, login: str) -> str | None:
    token = _token(state, login)
    if token is None or token.primary is False:
        return f"There is no user {login} in the Keepit account."
    if token.role in _ALWAYS:
        return f"{login} is {token.role} and has access to every connector; it cannot be given or taken."
    if token.role in _NEVER:
        return f"{login} is {token.role} and {_NEVER[token.role]}; it cannot be given access to a connector."
    return None


def _token(state: AccountState, login: str) -> TokenRecord | None:
    tokens = () if isinstance(state.tokens, Unread) else state.tokens
    return next((one for one in tokens if one.login == login), None)
