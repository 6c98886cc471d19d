"""The Power Platform side of the sandbox: Global Discovery, the admin API and the Dataverse Web API."""

from __future__ import annotations

from keepit_dynamics.sandbox.powerplatform.power_platform import PowerPlatform

__all__ = ["PowerPlatform"]
