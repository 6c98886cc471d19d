"""The account itself: who am I, resources, product, tokens, roles (contracts/keepit.md 8.1 to 8.6, 8.17, 8.18)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from keepit_dynamics.sandbox.keepit.documents import answer, tag, text, token_element
from keepit_dynamics.sandbox.keepit.errors import KeepitRefused
from keepit_dynamics.sandbox.keepit.world import KeepitWorld, Token
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["contact", "product", "resources", "roles", "settings", "tokens", "who_am_i"]

_ROLES = (
    "MasterAdmin",
    "BackupAdmin",
    "ComplianceAdmin",
    "FullSupport",
    "StandardSupport",
    "LimitedSupport",
    "Audit",
    "SsoAdmin",
)


def who_am_i(world: KeepitWorld) -> Response:
    """The account id."""
    return answer(tag("user", [text("id", world.account_id)]))


def settings(world: KeepitWorld) -> Response:
    """The account."""
    created = min((token.created for token in world.tokens), default=world.clock.now())
    return answer(tag("user", [text("enabled", value=True), text("created", created), text("subscribed", value=True)]))


def contact(world: KeepitWorld) -> Response:
    """The account's name."""
    return answer(tag("contact", [text("companyname", world.account_name)]))


def product(world: KeepitWorld) -> Response:
    """The account's product."""
    parts = [text("id", world.account_id), text("name", "Sandbox"), text("flexquota", value=False)]
    return answer(tag("product", parts))


def resources(world: KeepitWorld) -> Response:
    """Limits; a resource that is not named does not exist."""
    rows = [_resource(world, name, "integer", str(limit)) for name, limit in world.limits.items()]
    if world.retention is not None:
        rows.append(_resource(world, "generic-snapshot-retention", "period", world.retention))
    return answer(tag("resources", rows))


def tokens(world: KeepitWorld, token: Token, request: Request) -> Response:
    """The account's tokens; the fourth schema does not exist here."""
    if "vnd.keepit.v4" in (request.header("accept") or ""):
        raise KeepitRefused(400)
    if token.role != "MasterAdmin":
        raise KeepitRefused(403, "FORBIDDEN", "Only a Master Admin sees the tokens.")
    everything = request.params.get("secondary") == "1"
    return answer(tag("tokens", [token_element(one) for one in world.tokens if one.primary or everything]))


def roles() -> Response:
    """The roles of the account by their exact names."""
    return answer(tag("roles", [tag("role", [text("name", name), text("acl", "")]) for name in _ROLES]))


def _resource(world: KeepitWorld, name: str, kind: str, limit: str) -> Element:
    parts = [
        text("evaluated", world.clock.now()),
        text("name", name),
        text("type", kind),
        text("limit", limit),
        text("usage", "0"),
        text("violated", value=False),
    ]
    return tag("resource", parts)
