"""Which licences meet the Dynamics 365 requirement, and which users make a seat: tables and pure rules."""

from __future__ import annotations

from keepit_dynamics.licensing.catalogue import Catalogue, default_catalogue
from keepit_dynamics.licensing.explain import explain
from keepit_dynamics.licensing.match import match
from keepit_dynamics.licensing.verdict import LicenseMatch, LicenseVerdict

__all__ = ["Catalogue", "LicenseMatch", "LicenseVerdict", "default_catalogue", "explain", "match"]
