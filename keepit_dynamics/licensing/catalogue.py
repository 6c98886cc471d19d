"""What is known about SKUs and service plans: tables read from `data/`, and lookups in them.

SKUs and plans stay in separate tables: they share names, and one identifier even serves as both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal, TypeVar

import attrs

from keepit_dynamics._core.convert import structure

__all__ = [
    "Catalogue",
    "Plan",
    "Sku",
    "Source",
    "default_catalogue",
    "normalised",
    "power_platform_catalogue",
]

T = TypeVar("T")
Entry = TypeVar("Entry", bound="Sku | Plan")


def normalised(text: str | None) -> str:
    """A GUID, part number or plan name as it is compared: without blanks and case; empty for None."""
    return "".join((text or "").split()).casefold()


@attrs.frozen
class Sku:
    """One product as sold, and whether it meets the requirement.

    `default` is the answer for an uncertain SKU where only yes or no will do. `plans` are the service plans
    that carry the verdict, empty where they are not known. `seat_for` names the apps that make a user a seat.
    """

    id: str | None = None
    part_number: str | None = None
    product: str = ""
    family: str = ""
    kinds: tuple[str, ...] = ()
    verdict: Literal["satisfies", "does_not", "uncertain"] = "does_not"
    default: bool = False
    reason: str = ""
    plans: tuple[str, ...] = ()
    seat_for: tuple[str, ...] = ()

    @property
    def trial(self) -> bool:
        """Whether the licence ends with a trial."""
        return "trial" in self.kinds

    @property
    def tenant_level(self) -> bool:
        """Whether the tenant holds it for everybody, so that it is normally on no user."""
        return "tenant-level" in self.kinds


@attrs.frozen
class Plan:
    """One service plan, and what its presence in a licence proves.

    An `identifying` plan proves its family. An `uncertain` one proves a product that may or may not count.
    `companion` plans come with satisfying SKUs and others alike, `foundation` plans with almost everything:
    neither proves anything.
    """

    id: str | None = None
    name: str = ""
    family: str = ""
    role: Literal["identifying", "uncertain", "companion", "foundation"] = "companion"
    default: bool = False
    trial: bool = False
    seat: bool = False


@attrs.frozen
class Source:
    """Where the table comes from, and how much the edition lists."""

    title: str
    publisher: str
    url: str
    edition: str
    skus: int
    service_plans: int


@attrs.frozen
class PartNumberPrefix:
    """A SKU that is recognised by how its part number begins, because no list states it yet."""

    prefix: str
    sku_id: str


@attrs.frozen(eq=False)
class Catalogue:
    """The tables of one requirement; `items` maps a family to the words of the requirement it meets.

    Example:
        >>> default_catalogue().sku("1E1A282C-9C54-43A2-9310-98EF728FAACE").part_number
        'DYN365_ENTERPRISE_SALES'
    """

    requirement: str
    source: Source
    items: dict[str, str]
    skus: tuple[Sku, ...]
    plans: tuple[Plan, ...]
    prefixes: tuple[PartNumberPrefix, ...] = ()

    @cached_property
    def _skus_by_key(self) -> dict[str, Sku]:
        return _index((sku.id, sku.part_number, sku) for sku in self.skus)

    @cached_property
    def _plans_by_key(self) -> dict[str, Plan]:
        return _index((plan.id, plan.name, plan) for plan in self.plans)

    def sku(self, sku_id: str | None, part_number: str | None = None) -> Sku | None:
        """The SKU of an identifier; only where that is not known, the one of exactly this part number."""
        return (
            self._skus_by_key.get(normalised(sku_id))
            or self._skus_by_key.get(normalised(part_number))
            or self._sku_by_prefix(part_number)
        )

    def plan(self, plan_id: str | None, name: str | None = None) -> Plan | None:
        """The plan of an identifier; only where that is not known, the one of exactly this name."""
        return self._plans_by_key.get(normalised(plan_id)) or self._plans_by_key.get(normalised(name))

    def extended(self, *, skus: Iterable[Sku] = (), plans: Iterable[Plan] = ()) -> Catalogue:
        """A catalogue with your own entries added; they replace entries of the same identifier."""
        return attrs.evolve(self, skus=_over(skus, self.skus), plans=_over(plans, self.plans))

    def _sku_by_prefix(self, part_number: str | None) -> Sku | None:
        written = normalised(part_number).replace("_", "")
        found = (known.sku_id for known in self.prefixes if written.startswith(known.prefix))
        return self._skus_by_key.get(next(found, ""))


@cache
def default_catalogue() -> Catalogue:
    """The catalogue of the Dynamics 365 licences, read on first use."""
    return _load("dynamics365.json")


@cache
def power_platform_catalogue() -> Catalogue:
    """The catalogue of the Power Platform licences, which are a requirement of their own."""
    return _load("power_platform.json")


def _load(name: str) -> Catalogue:
    tables = _read(name)
    tables["plans"] += _read("foundation.json")["plans"]
    return structure(tables, Catalogue)


def _read(name: str) -> Any:
    return json.loads((resources.files("keepit_dynamics.licensing") / "data" / name).read_text(encoding="utf-8"))


def _over(own: Iterable[Entry], shipped: Iterable[Entry]) -> tuple[Entry, ...]:
    mine = tuple(own)
    replaced = {normalised(one.id) for one in mine if one.id}
    return (*mine, *(one for one in shipped if normalised(one.id) not in replaced))


def _index(entries: Iterable[tuple[str | None, str | None, T]]) -> dict[str, T]:
    """Entries by identifier and by name; the first of a key stands."""
    index: dict[str, T] = {}
    for entry_id, name, entry in entries:
        for key in filter(None, (normalised(entry_id), normalised(name))):
            index.setdefault(key, entry)
    return index
