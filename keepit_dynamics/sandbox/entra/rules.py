"""Who may sign in, and to what: the state of the account, the application, and consent."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from keepit_dynamics.sandbox.consents import granted_scopes, service_of
from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.entra.refusals import Refused

__all__ = ["Resources", "check_user"]

_OPENID = frozenset({"openid", "profile", "email", "offline_access"})

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


@attrs.frozen
class Resources:
    """The services that tokens can be had for."""

    directory: Directory
    base_url: str
    has_environment: Callable[[str], bool]

    def named_by(self, scope: str) -> tuple[str, tuple[str, ...]]:
        """The one resource a scope names, and what is asked of it; OpenID's own words name none.

        Without a resource it is Graph, as bare scope names are.
        """
        asked = [word for word in scope.split() if word not in _OPENID]
        resources = {self._resource(word) for word in asked}
        if len(resources) > 1:
            raise Refused("invalid_scope", 70011, "The scope names several resources.")
        names = tuple(word.rpartition("/")[2] for word in asked)
        if ".default" in names and len(names) > 1:
            raise Refused("invalid_scope", 70011, "The scope .default cannot be mixed with others.")
        resource = resources.pop() if resources else f"{self.base_url}/graph"
        if not self._exists(resource):
            text = f"The resource principal named {resource} was not found in the tenant."
            raise Refused("invalid_resource", 500011, text)
        return resource, names

    def consented(self, client_id: str, resource: str, names: tuple[str, ...], user: User) -> tuple[str, ...]:
        """What the token is good for; an application that the tenant file lists may do no more than stands there."""
        granted = granted_scopes(self.directory, client_id, service_of(resource), user)
        if granted is None:
            return names
        held = {scope.lower(): scope for scope in granted}
        wanted = {name.lower() for name in names} - {".default"}
        if not granted or not wanted <= held.keys():
            text = "The user or administrator has not consented to use the application."
            raise Refused("invalid_grant", 65001, text, suberror="consent_required")
        return tuple(sorted(granted if ".default" in names else (held[name] for name in wanted)))

    def _exists(self, resource: str) -> bool:
        if resource in {f"{self.base_url}/{name}" for name in ("graph", "discovery", "admin")}:
            return True
        prefix, _, url_name = resource.rpartition("/")
        return prefix == f"{self.base_url}/env" and self.has_environment(url_name)

    def _resource(self, word: str) -> str:
        return word.rpartition("/")[0].rstrip("/") if "://" in word else f"{self.base_url}/graph"
