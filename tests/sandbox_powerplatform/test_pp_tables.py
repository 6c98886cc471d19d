"""Table definitions and row counts."""

from __future__ import annotations

from typing import Any

import pytest

SELECT = "$select=LogicalName,EntitySetName,PrimaryIdAttribute"
VISIBLE = "IsIntersect eq false and IsLogicalEntity eq false and IsPrivate eq false"


def _names(tenant: Any, condition: str, **headers: str) -> list[str]:
    rows = tenant.data("ann", f"sales/EntityDefinitions?{SELECT}&$filter={condition}", **headers)["value"]
    return [row["LogicalName"] for row in rows]


def test_one_table_is_looked_up(tenant: Any) -> None:
    """A filter by name gives one row with its id; the keyed form gives the object itself."""
    (row,) = tenant.data("ann", f"sales/EntityDefinitions?{SELECT}&$filter=LogicalName eq 'systemuser'")["value"]
    assert (row["EntitySetName"], row["PrimaryIdAttribute"]) == ("systemusers", "systemuserid")
    definition = tenant.data("ann", f"sales/EntityDefinitions(LogicalName='systemuser')?{SELECT}")
    assert definition.items() >= row.items()
    assert tenant.refusal("ann", "sales/EntityDefinitions(LogicalName='nothing')")[0] == 404


def test_tables_come_in_one_answer(tenant: Any) -> None:
    """Intersect tables can be filtered away; a page size is not honoured."""
    found = _names(tenant, VISIBLE, Prefer="odata.maxpagesize=1")
    assert {"account", "systemuser", "new_machine", "aaduser"} <= set(found)
    assert "systemuserroles" not in found


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("IsCustomEntity eq true", ["new_machine"]),
        ("DataProviderId ne null", ["aaduser"]),
        ("TableType eq 'Virtual'", ["aaduser"]),
        ("ObjectTypeCode eq 1", ["account"]),
        (
            "OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned' and IsCustomizable/Value eq true",
            ["account", "contact", "aaduser", "new_machine"],
        ),
    ],
)
def test_filters_on_definitions(tenant: Any, condition: str, expected: list[str]) -> None:
    """Enumerations are named in full and managed properties by their value."""
    assert _names(tenant, condition) == expected


@pytest.mark.parametrize(
    "condition", ["OwnershipType eq 'UserOwned'", "IsCustomizable eq true", "DisplayName/UserLocalizedLabel eq 'x'"]
)
def test_filters_that_definitions_do_not_take(tenant: Any, condition: str) -> None:
    """Bare enumeration values, whole managed properties and labels cannot be filtered."""
    assert tenant.refusal("ann", f"sales/EntityDefinitions?$filter={condition}") == (400, "0x80060888")


def test_rows_are_counted(tenant: Any) -> None:
    """Keys and values run in parallel; virtual tables are missing."""
    function = 'sales/RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["new_machine","account","aaduser","systemuser"]'
    counted = tenant.data("ann", function)["EntityRecordCountCollection"]
    assert dict(zip(counted["Keys"], counted["Values"], strict=True)) == {
        "account": 12,
        "new_machine": 3,
        "systemuser": 6,
    }
    assert counted["Count"] == 3


@pytest.mark.parametrize("names", ['["account","nothing"]', "account", "[1]"])
def test_one_bad_name_spoils_the_count(tenant: Any, names: str) -> None:
    """An unknown table, and what is no list of names, answers 400."""
    assert tenant.refusal("ann", f"sales/RetrieveTotalRecordCount(EntityNames=@p1)?@p1={names}")[0] == 400


def test_rows_of_other_tables_are_not_kept(tenant: Any) -> None:
    """A table that is only counted says so when it is read."""
    assert tenant.refusal("ann", "sales/accounts")[0] == 501
