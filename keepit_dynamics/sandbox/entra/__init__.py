"""Microsoft Entra ID: discovery documents, sign-in pages, device codes and the token endpoint."""

from __future__ import annotations

from keepit_dynamics.sandbox.entra.service import SANDBOX_CLIENT_ID, Entra
from keepit_dynamics.sandbox.entra.tokens_endpoint import SANDBOX_CLIENT_SECRET

__all__ = ["SANDBOX_CLIENT_ID", "SANDBOX_CLIENT_SECRET", "Entra"]
