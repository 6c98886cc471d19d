"""Is this Microsoft 365 account ready to be Keepit's backup account for Dynamics 365? And create the connector.

Start with :class:`ConnectorBuilder`; ``keepit_dynamics.aio`` has the same names, awaited. Names load on first use,
so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepit_dynamics._core.events import Progress, RequestFinished, RetryScheduled
    from keepit_dynamics._core.network import NetworkSettings
    from keepit_dynamics._core.retry import RetryPolicy
    from keepit_dynamics._core.secrets import Secret
    from keepit_dynamics.auth.account import Account
    from keepit_dynamics.auth.ways import Browser, DeviceCode, DeviceCodePrompt
    from keepit_dynamics.builder import ConnectorBuilder
    from keepit_dynamics.clouds import Endpoints, KeepitToken
    from keepit_dynamics.errors import (
        BlockedByPolicyError,
        ClockSkewError,
        ConfigurationError,
        ConflictError,
        ConsentRequiredError,
        DestinationError,
        HalfMadeError,
        InteractionRequiredError,
        KeepitCredentialsError,
        KeepitDynamicsError,
        LostAnswerError,
        NotReadyError,
        PermissionDeniedError,
        ProtocolError,
        RequestTimeoutError,
        ResponseError,
        ServiceError,
        SignInCancelledError,
        SignInError,
        ThrottledError,
        TransportError,
        WrongAccountError,
        WrongTenantError,
    )
    from keepit_dynamics.outcome import Created, Verified
    from keepit_dynamics.provisioning import ConnectorSpec, Plan, Retention
    from keepit_dynamics.readiness.finding import Finding, Remedy, Status
    from keepit_dynamics.readiness.report import Report, judge
    from keepit_dynamics.readiness.snapshot import Snapshot

__all__ = [
    "Account",
    "BlockedByPolicyError",
    "Browser",
    "ClockSkewError",
    "ConfigurationError",
    "ConflictError",
    "ConnectorBuilder",
    "ConnectorSpec",
    "ConsentRequiredError",
    "Created",
    "DestinationError",
    "DeviceCode",
    "DeviceCodePrompt",
    "Endpoints",
    "Finding",
    "HalfMadeError",
    "InteractionRequiredError",
    "KeepitCredentialsError",
    "KeepitDynamicsError",
    "KeepitToken",
    "LostAnswerError",
    "NetworkSettings",
    "NotReadyError",
    "PermissionDeniedError",
    "Plan",
    "Progress",
    "ProtocolError",
    "Remedy",
    "Report",
    "RequestFinished",
    "RequestTimeoutError",
    "ResponseError",
    "Retention",
    "RetryPolicy",
    "RetryScheduled",
    "Secret",
    "ServiceError",
    "SignInCancelledError",
    "SignInError",
    "Snapshot",
    "Status",
    "ThrottledError",
    "TransportError",
    "Verified",
    "WrongAccountError",
    "WrongTenantError",
    "judge",
]

_HOMES = {
    "keepit_dynamics._core.events": ("Progress", "RequestFinished", "RetryScheduled"),
    "keepit_dynamics._core.network": ("NetworkSettings",),
    "keepit_dynamics._core.retry": ("RetryPolicy",),
    "keepit_dynamics._core.secrets": ("Secret",),
    "keepit_dynamics.auth.account": ("Account",),
    "keepit_dynamics.auth.ways": ("Browser", "DeviceCode", "DeviceCodePrompt"),
    "keepit_dynamics.builder": ("ConnectorBuilder",),
    "keepit_dynamics.clouds": ("Endpoints", "KeepitToken"),
    "keepit_dynamics.errors": (
        "BlockedByPolicyError",
        "ClockSkewError",
        "ConfigurationError",
        "ConflictError",
        "ConsentRequiredError",
        "DestinationError",
        "HalfMadeError",
        "InteractionRequiredError",
        "KeepitCredentialsError",
        "KeepitDynamicsError",
        "LostAnswerError",
        "NotReadyError",
        "PermissionDeniedError",
        "ProtocolError",
        "RequestTimeoutError",
        "ResponseError",
        "ServiceError",
        "SignInCancelledError",
        "SignInError",
        "ThrottledError",
        "TransportError",
        "WrongAccountError",
        "WrongTenantError",
    ),
    "keepit_dynamics.outcome": ("Created", "Verified"),
    "keepit_dynamics.provisioning": ("ConnectorSpec", "Plan", "Retention"),
    "keepit_dynamics.readiness.finding": ("Finding", "Remedy", "Status"),
    "keepit_dynamics.readiness.report": ("Report", "judge"),
    "keepit_dynamics.readiness.snapshot": ("Snapshot",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
