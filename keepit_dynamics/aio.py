"""The async surface: the same names, awaited."""

from __future__ import annotations

from keepit_dynamics import (
    Browser,
    Created,
    DeviceCode,
    Endpoints,
    Finding,
    KeepitDynamicsError,
    NetworkSettings,
    Plan,
    Report,
    Retention,
    RetryPolicy,
    Status,
    Verified,
)
from keepit_dynamics.builder import AsyncConnectorBuilder as ConnectorBuilder

__all__ = [
    "Browser",
    "ConnectorBuilder",
    "Created",
    "DeviceCode",
    "Endpoints",
    "Finding",
    "KeepitDynamicsError",
    "NetworkSettings",
    "Plan",
    "Report",
    "Retention",
    "RetryPolicy",
    "Status",
    "Verified",
]
