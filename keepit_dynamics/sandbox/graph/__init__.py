"""Microsoft Graph v1.0: the account, its directory roles, its licences, the tenant's subscriptions and users."""

from __future__ import annotations

from keepit_dynamics.sandbox.graph.service import Graph

__all__ = ["Graph"]
