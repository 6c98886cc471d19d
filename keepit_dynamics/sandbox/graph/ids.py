"""Ids built of others, as in the published examples (contracts/entra-and-graph.md 14.3)."""

from __future__ import annotations

import base64
import uuid

__all__ = ["opaque_id"]


def opaque_id(*ids: str) -> str:
    """GUIDs in little-endian byte order, as base64url without padding."""
    raw = b"".join(uuid.UUID(one).bytes_le for one in ids)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
