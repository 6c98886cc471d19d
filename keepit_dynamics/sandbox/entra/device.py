"""Device codes: giving them out, and the page on which a person approves or declines one (5.5)."""

from __future__ import annotations

import secrets
from collections.abc import Collection

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.entra.grants import DEVICE_LIFETIME, DeviceGrant, Grants
from keepit_dynamics.sandbox.entra.pages import account_page, device_page, message_page, password_page
from keepit_dynamics.sandbox.entra.refusals import Refused
from keepit_dynamics.sandbox.entra.rules import check_user
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Devices"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@attrs.frozen
class Devices:
    """Device codes of one tenant; those of ``auto_approve`` are approved as soon as they are given out."""

    directory: Directory
    grants: Grants
    clock: Clock
    base_url: str
    auto_approve: Collection[str]

    def give_out(self, request: Request, alias: str) -> Response:
        """Answer an application that asks for a code."""
        form = request.form
        for name in ("client_id", "scope"):
            if not form.get(name):
                raise Refused("invalid_request", 900144, f"The request body must contain the parameter '{name}'.")
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
        expires = self.clock.now() + DEVICE_LIFETIME
        approved = next(filter(None, map(self.directory.user, self.auto_approve)), None)
        grant = DeviceGrant(
            user_code, form["client_id"], alias, form["scope"], expires, approved.id if approved else None
        )
        page = f"{self.base_url}/common/oauth2/deviceauth"
        return Response.of_json(
            {
                "user_code": user_code,
                "device_code": self.grants.add_device(grant),
                "verification_uri": page,
                "expires_in": int(DEVICE_LIFETIME.total_seconds()),
                "interval": 1 if self.auto_approve else 5,
                "message": f"To sign in, open the page {page} in a web browser and enter the code {user_code}.",
            }
        )

    def page(self, request: Request) -> Response:
        """Lead a person from the code to approval; every step carries what was entered before."""
        fields = request.form if request.method == "POST" else request.params
        grant = self.grants.device_by_user_code(fields.get("user_code", ""))
        if grant is None or grant.expires <= self.clock.now() or grant.user_id is not None or grant.declined:
            return device_page({}, "That code didn't work." if fields.get("user_code") else "")
        hidden = {"user_code": grant.user_code}
        user = self.directory.user(fields.get("username", ""))
        if user is None or (user.personal and grant.alias == "organizations"):
            names = [one.upn for one in self.directory.users()][:5]
            problem = "Use a work or school account of this tenant." if fields.get("username") else ""
            return account_page(hidden, names, "", problem)
        if fields.get("consent") == "cancel":
            grant.declined = True
            return message_page("You declined", "You may now close this window.")
        if fields.get("password") != user.password:
            problem = "Your account or password is incorrect." if "password" in fields else ""
            return password_page({**hidden, "username": user.upn}, user.upn, problem, may_decline=True)
        return self._signed_in(grant, user)

    def _signed_in(self, grant: DeviceGrant, user: User) -> Response:
        try:
            check_user(user)
        except Refused as refused:
            # Missing consent is the token endpoint's to say: the application has no page here to be sent back to.
            if refused.code != 65001:
                return message_page("You cannot access this right now", f"AADSTS{refused.code}: {refused.text}", 403)
        grant.user_id = user.id
        return message_page("You have signed in", "You may now close this window and go back to your device.")
