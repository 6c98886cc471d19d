"""Who is asking, and what the role allows (contracts/keepit.md 4 and 14)."""

from __future__ import annotations

import base64
import binascii

from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.world import Device, KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request

__all__ = ["TOGGLED", "authenticate", "may_access", "need_access", "need_creator", "need_reader"]

_CREATORS = frozenset({"MasterAdmin", "BackupAdmin"})
_SEE_ALL = frozenset({"MasterAdmin", "ComplianceAdmin"})
_NO_CONNECTORS = frozenset({"Audit", "SsoAdmin"})
TOGGLED = frozenset({"BackupAdmin", "FullSupport", "StandardSupport", "LimitedSupport"})
"""Roles whose access to a connector can be given and taken."""


def authenticate(world: KeepitWorld, request: Request) -> Token:
    """The token of a request; 401 where there is none that is good."""
    kind, _, encoded = (request.header("authorization") or "").partition(" ")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name = secret = ""
    token = world.token(name)
    if kind.lower() != "basic" or token is None or token.secret != secret:
        raise KeepitRefused(401)
    return token


def may_access(token: Token, device: Device) -> bool:
    """Whether a token may act on a connector."""
    if token.role in _SEE_ALL:
        return True
    if token.role in _NO_CONNECTORS:
        return False
    return token.login in device.members or (token.role == "BackupAdmin" and device.creator == token.login)


def need_access(token: Token, device: Device) -> None:
    """Refuse a token that may not act on a connector."""
    if not may_access(token, device):
        raise KeepitRefused(403, "FORBIDDEN", "No access to this connector.")


def need_creator(token: Token) -> None:
    """Refuse a token whose role may not create or change connectors."""
    if token.role not in _CREATORS:
        raise KeepitRefused(403, "FORBIDDEN", "The role does not allow this.")


def need_reader(token: Token) -> None:
    """Refuse a token whose role sees no connectors at all."""
    if token.role in _NO_CONNECTORS:
        raise KeepitRefused(403, "FORBIDDEN", "The role does not allow this.")
