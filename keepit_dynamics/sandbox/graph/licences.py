"""Licences of users and subscriptions of the tenant (contracts/entra-and-graph.md 13)."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from keepit_dynamics.sandbox.directory import Directory, User
from keepit_dynamics.sandbox.graph.ids import opaque_id
from keepit_dynamics.sandbox.tenant_spec import LicenseSpec, PlanSpec, SkuSpec, derived_id

__all__ = ["assigned_licenses", "assigned_plans", "assignment_states", "license_details", "subscribed_skus"]


def license_details(directory: Directory, user: User) -> list[dict[str, Any]]:
    """What ``licenseDetails`` says of a user."""
    return [
        {
            "id": opaque_id(directory.tenant_id, license_.sku_id),
            "skuId": license_.sku_id.lower(),
            "skuPartNumber": _part_number(license_),
            "servicePlans": [_plan(plan) for plan in _plans(license_)],
        }
        for license_ in user.licenses
    ]


def assigned_licenses(user: User) -> list[dict[str, Any]]:
    """A user's licences, with the plans that are switched off."""
    return [
        {
            "skuId": license_.sku_id.lower(),
            "disabledPlans": [plan.id.lower() for plan in _plans(license_) if plan.status == "Disabled"],
        }
        for license_ in user.licenses
    ]


def assigned_plans(directory: Directory, user: User) -> list[dict[str, Any]]:
    """A user's plans; their capability follows the subscription."""
    rows = []
    for license_ in user.licenses:
        state = _status(directory, license_.sku_id)
        for plan in _plans(license_):
            capability = "Deleted" if plan.status == "Disabled" else state
            rows.append({"servicePlanId": plan.id.lower(), "service": "CRM", "capabilityStatus": capability})
    return rows


def assignment_states(user: User) -> list[dict[str, Any]]:
    """How each licence came to the user."""
    return [
        {
            "skuId": license_.sku_id.lower(),
            "assignedByGroup": None,
            "disabledPlans": [plan.id.lower() for plan in _plans(license_) if plan.status == "Disabled"],
            "state": "Active",
            "error": "None",
        }
        for license_ in user.licenses
    ]


def subscribed_skus(directory: Directory) -> list[dict[str, Any]]:
    """The tenant's subscriptions; one that only users show is there as well."""
    listed = {sku.sku_id.lower(): sku for sku in directory.spec.skus}
    for user in directory.users():
        for license_ in user.licenses:
            listed.setdefault(license_.sku_id.lower(), SkuSpec(license_.sku_id, license_.sku, enabled=1))
    return [_subscription(directory, sku) for sku in listed.values()]


def _subscription(directory: Directory, sku: SkuSpec) -> dict[str, Any]:
    account = derived_id("account", directory.tenant_id)
    assigned = sum(
        license_.sku_id.lower() == sku.sku_id.lower() for user in directory.users() for license_ in user.licenses
    )
    as_license = LicenseSpec(sku.sku_id, sku.sku)
    return {
        "accountId": account,
        "accountName": directory.name,
        "appliesTo": "User",
        "capabilityStatus": sku.status,
        "consumedUnits": max(sku.consumed, assigned),
        "id": f"{account}_{sku.sku_id.lower()}",
        "prepaidUnits": {
            "enabled": sku.enabled,
            "suspended": sku.suspended,
            "warning": sku.warning,
            "lockedOut": 0,
        },
        "servicePlans": [_plan(plan) for plan in _plans(as_license)],
        "skuId": sku.sku_id.lower(),
        "skuPartNumber": _part_number(as_license),
        "subscriptionIds": [derived_id("subscription", directory.tenant_id, sku.sku_id)],
    }


def _status(directory: Directory, sku_id: str) -> str:
    found = next((sku for sku in directory.spec.skus if sku.sku_id.lower() == sku_id.lower()), None)
    return found.status if found else "Enabled"


def _plan(plan: PlanSpec) -> dict[str, Any]:
    return {
        "servicePlanId": plan.id.lower(),
        "servicePlanName": plan.name,
        "provisioningStatus": plan.status,
        "appliesTo": plan.applies_to,
    }


def _plans(license_: LicenseSpec) -> tuple[PlanSpec, ...]:
    if license_.plans is not None:
        return license_.plans
    _, plans = _catalogue().get(license_.sku_id.lower(), ["", []])
    return tuple(PlanSpec(plan_id, name) for plan_id, name in plans)


def _part_number(license_: LicenseSpec) -> str:
    return license_.sku or str(_catalogue().get(license_.sku_id.lower(), ["", []])[0])


@cache
def _catalogue() -> dict[str, list[Any]]:
    """Part number and service plans of every SKU of the vendor's list (edition of 2026-03-26)."""
    text = resources.files("keepit_dynamics.sandbox.graph").joinpath("sku_plans.json").read_text(encoding="utf-8")
    catalogue: dict[str, list[Any]] = json.loads(text)
    return catalogue
