"""Who may sign in, and to what: the state of the account, the application, and consent."""

from __future__ import annotations

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.entra.refusals import Refused

__all__ = ["check_consent", "check_resource", "check_user"]

_BY_SIGN_IN = {
    "mfa": ("invalid_grant", 50076, "Multi-factor authentication is required to access the resource.", "basic_action"),
    "blocked_by_policy": ("invalid_grant", 53003, "Access has been blocked by conditional access policies.", None),
    "consent_required": (
        "invalid_grant",
        65001,
        "The user or administrator has not consented to use the application.",
        "consent_required",
    ),
    "disabled": ("invalid_grant", 50057, "The user account is disabled.", None),
}


def check_user(user: User) -> None:
    """Refuse a user that is disabled, or whose sign-in the tenant file spoils."""
    word = "disabled" if not user.enabled else user.sign_in
    if word in _BY_SIGN_IN:
        error, code, text, suberror = _BY_SIGN_IN[word]
        raise Refused(error, code, text, suberror=suberror)


def check_resource(scope: str, base_url: str) -> tuple[str, tuple[str, ...]]:
    """The one resource a scope names, and what is asked of it; OpenID's own words name none.

    Without a resource it is Graph, as bare scope names are.
    """
    own = {"openid", "profile", "email", "offline_access"}
    asked = [word for word in scope.split() if word not in own]
    resources = {_resource(word, base_url) for word in asked}
    if len(resources) > 1:
        raise Refused("invalid_scope", 70011, "The scope names several resources.")
    resource = resources.pop() if resources else f"{base_url}/graph"
    known = [f"{base_url}/{name}" for name in ("graph", "discovery", "admin")]
    if resource not in known and not resource.startswith(f"{base_url}/env/"):
        raise Refused(
            "invalid_resource", 500011, f"The resource principal named {resource} was not found in the tenant."
        )
    return resource, tuple(word.rpartition("/")[2] for word in asked)


def check_consent(directory: Directory, client_id: str, resource: str, base_url: str, user: User) -> None:
    """An application that the tenant file lists may do no more than was granted to it there."""
    mine = [consent for consent in directory.spec.consents if consent.app_id == client_id]
    if not mine:
        return
    valid = [one for one in mine if one.all_principals or one.principal in {None, user.upn, user.id}]
    granted = [scope for one in valid for scope in one.scopes]
    if not any(_resource(scope, base_url) == resource for scope in granted):
        text = "The user or administrator has not consented to use the application."
        raise Refused("invalid_grant", 65001, text, suberror="consent_required")


def _resource(word: str, base_url: str) -> str:
    if "://" not in word:
        return f"{base_url}/graph"
    return word.rpartition("/")[0].rstrip("/")
