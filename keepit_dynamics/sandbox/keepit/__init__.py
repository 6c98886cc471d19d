"""The Keepit side: one account, its tokens and connectors, and a clock by which backups happen."""

from __future__ import annotations

from keepit_dynamics.sandbox.keepit.service import Keepit

__all__ = ["Keepit"]
