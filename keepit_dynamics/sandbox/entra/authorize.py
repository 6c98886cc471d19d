"""The authorize endpoint and its pages: account, password, consent, and back to the application (5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import attrs

from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.entra.grants import CODE_LIFETIME, CodeGrant, Grants
from keepit_dynamics.sandbox.entra.identity import Identities
from keepit_dynamics.sandbox.entra.pages import account_page, consent_page, message_page, password_page, post_page
from keepit_dynamics.sandbox.entra.refusals import Refused
from keepit_dynamics.sandbox.entra.rules import check_user
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Authorize"]

_STEPS = ("username", "password", "consent")


@attrs.frozen
class Authorize:
    """Leads a person through the sign-in; every step carries the whole request in hidden fields."""

    directory: Directory
    identities: Identities
    grants: Grants
    clock: Clock
    consented: set[tuple[str, str]]

    def handle(self, request: Request, alias: str) -> Response:
        """Show the next page, or go back to the application."""
        fields = {**request.params, **(request.form if request.method == "POST" else {})}
        asked = {name: value for name, value in fields.items() if name not in _STEPS}
        if (problem := _client_problem(asked)) is not None:
            return message_page("Sorry, but we're having trouble signing you in", problem, 400)
        if asked.get("response_type") != "code":
            return _back(asked, {"error": "unsupported_response_type", "error_description": "Only code is supported."})
        return self._step(fields, asked, alias)

    def _step(self, fields: Mapping[str, str], asked: Mapping[str, str], alias: str) -> Response:
        username = fields.get("username", "")
        if not username:
            if asked.get("prompt") == "none":
                return _back(
                    asked, {"error": "login_required", "error_description": "AADSTS50058: Nobody is signed in."}
                )
            return account_page(asked, self._shown(), asked.get("login_hint", ""))
        user = self.directory.user(username)
        if user is None:
            problem = "This username may be incorrect. Make sure that you typed it correctly."
            return account_page(asked, self._shown(), username, problem)
        if user.personal and alias == "organizations":
            problem = "You can't sign in here with a personal account. Use your work or school account instead."
            return account_page(asked, self._shown(), "", problem)
        entered = {**asked, "username": username}
        password = fields.get("password")
        if password is None:
            return password_page(entered, username)
        if password != user.password:
            return password_page(entered, username, "Your account or password is incorrect.")
        return self._signed_in(user, {**entered, "password": password}, fields.get("consent"), asked, alias)

    def _signed_in(
        self, user: User, entered: Mapping[str, str], consent: str | None, asked: Mapping[str, str], alias: str
    ) -> Response:
        try:
            check_user(user)
        except Refused as refused:
            if refused.code != 65001:
                return message_page("You cannot access this right now", f"AADSTS{refused.code}: {refused.text}", 403)
        if consent == "cancel":
            said = "AADSTS65004: The user declined to consent to access the app."
            return _back(asked, {"error": "access_denied", "error_subcode": "cancel", "error_description": said})
        pair = (user.id, asked["client_id"])
        if consent is None and (asked.get("prompt") == "consent" or pair not in self.consented):
            return consent_page(entered, user.upn, asked.get("scope", "").split())
        self.consented.add(pair)
        return _back(asked, {"code": self._code(user, asked, alias), "client_info": self.identities.client_info(user)})

    def _code(self, user: User, asked: Mapping[str, str], alias: str) -> str:
        return self.grants.add_code(
            CodeGrant(
                user.id,
                asked["client_id"],
                asked["redirect_uri"],
                alias,
                asked.get("scope", ""),
                asked.get("nonce"),
                asked.get("code_challenge"),
                asked.get("code_challenge_method", "plain"),
                self.clock.now() + CODE_LIFETIME,
            )
        )

    def _shown(self) -> list[str]:
        return [user.upn for user in self.directory.users()][:5]


def _client_problem(asked: Mapping[str, str]) -> str | None:
    if not asked.get("client_id"):
        return "AADSTS900144: The request body must contain the parameter 'client_id'."
    redirect = urlsplit(asked.get("redirect_uri", ""))
    if redirect.scheme != "http" or redirect.hostname not in {"localhost", "127.0.0.1"}:
        return "AADSTS50011: The redirect address is not registered for the application."
    return None


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    fields = {**answer, **({"state": asked["state"]} if "state" in asked else {})}
    address = asked["redirect_uri"]
    match asked.get("response_mode", "query"):
        case "form_post":
            return post_page(address, fields)
        case "fragment":
            return Response(302, {"Location": f"{address}#{urlencode(fields)}"})
        case _:
            return Response(302, {"Location": f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}"})
