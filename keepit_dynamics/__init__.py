"""Is this Microsoft 365 account ready to be Keepit's backup account for Dynamics 365? And create the connector.

Start with :class:`ConnectorBuilder`; ``keepit_dynamics.aio`` has the same names, awaited.
"""

from __future__ import annotations

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
