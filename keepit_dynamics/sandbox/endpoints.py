"""The endpoints file that points clients at a sandbox (interfaces.md 1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keepit_dynamics.sandbox.entra import SANDBOX_CLIENT_ID
from keepit_dynamics.sandbox.server import SandboxServer
from keepit_dynamics.sandbox.world import World

__all__ = ["endpoints_document", "write_endpoints"]


def endpoints_document(world: World, *, username: str | None = None, ca_file: str | None = None) -> dict[str, Any]:
    """The file's content as plain JSON values; it holds the sandbox's own Keepit secret."""
    base = world.base_url
    document: dict[str, Any] = {
        "authority": base,
        "graph": f"{base}/graph",
        "discovery": f"{base}/discovery",
        "admin": f"{base}/admin",
        "keepit": f"{base}/keepit",
        "environment_hosts": ["localhost", "127.0.0.1"],
        "client_id": SANDBOX_CLIENT_ID,
        "tenant": world.directory.tenant_id,
    }
    if ca_file is not None:
        document["ca_file"] = ca_file
    if username is not None:
        document["username"] = username
    if world.spec.keepit.tokens:
        token = world.spec.keepit.tokens[0]
        document["keepit_token"] = {"name": token.name, "secret": token.secret}
    return document


def write_endpoints(path: str | Path, server: SandboxServer, *, username: str | None = None) -> None:
    """Write the file, for its owner only, and the certificate to trust beside it."""
    target = Path(path)
    authority = target.with_name(f"{target.stem}-ca.pem")
    authority.write_bytes(server.ca_pem)
    document = endpoints_document(server.world, username=username, ca_file=authority.name)
    # A file that is already there keeps its mode when it is opened; it is narrowed before the secret goes in.
    target.touch(mode=0o600)
    target.chmod(0o600)
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
