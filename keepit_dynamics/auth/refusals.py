"""What the directory's refusals mean, and what to do about them (contracts/entra-and-graph.md 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from keepit_dynamics._core.secrets import redact_text
from keepit_dynamics.errors import (
    BlockedByPolicyError,
    ConfigurationError,
    ConsentRequiredError,
    InteractionRequiredError,
    KeepitDynamicsError,
    SignInCancelledError,
    SignInError,
    WrongAccountError,
    WrongTenantError,
)

__all__ = ["refusal_error"]


@attrs.frozen
class _Advice:
    kind: type[SignInError]
    codes: frozenset[int]
    hint: str


_ADVICE = (
    _Advice(
        WrongAccountError,
        frozenset({16000, 16003, 50014, 50020, 500200, 500208, 500212, 500213, 50177, 50034, 51004, 90072}),
        "Sign in with a work account that is a member of the tenant; check its name.",
    ),
    _Advice(
        WrongTenantError,
        frozenset({90002, 90038, 1000104, 700005, 50128}),
        "Check the tenant id or domain, and the cloud.",
    ),
    _Advice(
        ConsentRequiredError,
        frozenset({65001, 65004, 65005, 650056, 650054, 650057, 90093, 90094, 90095, 700016, 700011, 500011}),
        "An administrator has to grant the application its permissions in this tenant.",
    ),
    _Advice(
        BlockedByPolicyError,
        frozenset(
            {50105, 50131, 53000, 53001, 53002, 53003, 53004, 53010, 53011, 530003, 530004, 530032, 530033}
            | {530035, 50053, 50057, 7000112}
        ),
        "An administrator finds the policy, or the reason, in the sign-in log of the tenant.",
    ),
    _Advice(
        InteractionRequiredError,
        frozenset(
            {50072, 50074, 50076, 50078, 50079, 50097, 50158, 70043, 50173, 50055, 50126, 50058}
            | {70000, 70008, 700082, 700084}
        ),
        "Sign in again and follow what the page asks for.",
    ),
)
_CONFIGURATION = frozenset({7000218, 50011, 7000215, 7000222, 70011, 50194, 9002332, 9001023, 90124, 90130, 50001})
_CONFIGURATION_ERRORS = frozenset({"invalid_client", "unauthorized_client", "invalid_scope"})
_BY_ERROR: Mapping[str, type[SignInError]] = {
    "interaction_required": InteractionRequiredError,
    "invalid_grant": InteractionRequiredError,
    "login_required": InteractionRequiredError,
    "consent_required": ConsentRequiredError,
    "access_denied": SignInCancelledError,
    "authorization_declined": SignInCancelledError,
    "expired_token": SignInCancelledError,
    "invalid_tenant": WrongTenantError,
}


def refusal_error(result: Mapping[str, Any]) -> KeepitDynamicsError:
    """The error class and the advice for a refusal as the token endpoint (or MSAL) gives it."""
    error = str(result.get("error") or "unknown_error")
    description = redact_text(str(result.get("error_description") or error).splitlines()[0])
    code = _code(result)
    details = {
        "code": f"AADSTS{code}" if code else None,
        "correlation_id": result.get("correlation_id"),
        "claims": result.get("claims"),
    }
    if code in _CONFIGURATION or (not code and error in {"invalid_client", "unauthorized_client", "invalid_scope"}):
        return ConfigurationError(
            f"The directory refuses the application: {description}",
            hint="Check the client id and its registration (mobile and desktop, public client flows allowed).",
        )
    advice = next((advice for advice in _ADVICE if code in advice.codes), None)
    if advice is not None:
        return advice.kind(f"The directory refuses the sign-in: {description}", hint=advice.hint, **details)
    if result.get("suberror") == "consent_required":
        return ConsentRequiredError(f"Consent is missing: {description}", hint=_ADVICE[2].hint, **details)
    kind = _BY_ERROR.get(error, SignInError)
    return kind(f"The directory refuses the sign-in: {description}", hint="Sign in again.", **details)


def _code(result: Mapping[str, Any]) -> int | None:
    codes = result.get("error_codes") or []
    if codes and isinstance(codes[0], int):
        return codes[0]
    found = re.search(r"AADSTS(\d+)", str(result.get("error_description") or ""))
    return int(found[1]) if found else None
