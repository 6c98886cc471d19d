"""The other side of every wire: a Microsoft tenant and a Keepit account made of data.

Written from the wire contracts. It imports none of the clients or their models.
"""

from __future__ import annotations

from keepit_dynamics.sandbox.catalogue import load_scenario, scenario_names
from keepit_dynamics.sandbox.clock import Clock
from keepit_dynamics.sandbox.endpoints import endpoints_document, write_endpoints
from keepit_dynamics.sandbox.entra import SANDBOX_CLIENT_ID
from keepit_dynamics.sandbox.faults import Fault, load_faults
from keepit_dynamics.sandbox.server import SandboxServer
from keepit_dynamics.sandbox.tenant_file import TenantFile, TenantFileError, load_tenant_file, parse_tenant_file
from keepit_dynamics.sandbox.transport import SandboxTransport
from keepit_dynamics.sandbox.world import World

__all__ = [
    "SANDBOX_CLIENT_ID",
    "Clock",
    "Fault",
    "SandboxServer",
    "SandboxTransport",
    "TenantFile",
    "TenantFileError",
    "World",
    "endpoints_document",
    "load_faults",
    "load_scenario",
    "load_tenant_file",
    "parse_tenant_file",
    "scenario_names",
    "write_endpoints",
]
