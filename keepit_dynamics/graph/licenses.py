"""Licence facts as Microsoft Graph tells them: what is assigned, what the tenant has bought.

Nothing here judges. Status words are kept as text, so that one the service adds later survives.
"""

from __future__ import annotations

import attrs

__all__ = [
    "AssignedLicense",
    "AssignedPlan",
    "LicenseAssignmentState",
    "LicenseDetail",
    "PrepaidUnits",
    "ServicePlan",
    "SubscribedSku",
]


@attrs.frozen
class ServicePlan:
    """One service plan of a licence, with its state for the user (or, in a subscription, for the tenant)."""

    id: str = attrs.field(metadata={"wire": "servicePlanId"})
    name: str | None = attrs.field(default=None, metadata={"wire": "servicePlanName"})
    provisioning_status: str | None = None
    applies_to: str | None = None


@attrs.frozen
class LicenseDetail:
    """One licence of a user; `service_plans` is None when they were not told."""

    sku_id: str
    sku_part_number: str | None = None
    service_plans: tuple[ServicePlan, ...] | None = None


@attrs.frozen
class PrepaidUnits:
    """Units of a subscription, by the state they are in."""

    enabled: int | None = None
    warning: int | None = None
    suspended: int | None = None
    locked_out: int | None = None


@attrs.frozen
class SubscribedSku:
    """One SKU the tenant is subscribed to; the same SKU can occur once for each account that bought it."""

    sku_id: str
    sku_part_number: str | None = None
    capability_status: str | None = None
    consumed_units: int | None = None
    prepaid_units: PrepaidUnits | None = None
    applies_to: str | None = None
    service_plans: tuple[ServicePlan, ...] | None = None


@attrs.frozen
class LicenseAssignmentState:
    """How one licence came to a user: directly, or through the group named."""

    sku_id: str
    assigned_by_group: str | None = None
    state: str | None = None
    error: str | None = None


@attrs.frozen
class AssignedPlan:
    """One service plan of a user, with its capability; plans of removed licences stay as `Deleted`."""

    service_plan_id: str
    capability_status: str | None = None


@attrs.frozen
class AssignedLicense:
    """One licence on a user, and which of its plans are switched off."""

    sku_id: str
    disabled_plans: tuple[str, ...] = ()
