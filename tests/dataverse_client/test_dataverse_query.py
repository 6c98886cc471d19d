"""Ids, literals and addresses of OData requests."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics.dataverse.query import canonical_id, guid_literal, resource, text_literal
from keepit_dynamics.errors import ConfigurationError

options = st.dictionaries(
    st.sampled_from(["$select", "$filter", "$expand", "@p1"]), st.text(st.characters(exclude_categories=["Cs"]))
)


@given(options)
def test_options_survive_the_address(values: dict[str, str]) -> None:
    """Whatever a value holds, the other side reads the same options, and nothing else."""
    query = urlsplit(f"https://host/{resource('roles', values)}").query
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    assert {name: unquote(value) for name, _, value in pairs} == values


def test_a_space_is_never_a_plus() -> None:
    """Spaces are %20, since a plus sign stays a plus sign outside forms."""
    assert resource("roles", {"$filter": "a eq 'b+c'"}) == "roles?$filter=a%20eq%20%27b%2Bc%27"


@given(st.text())
def test_a_text_literal_holds_its_text(text: str) -> None:
    """Taking off the outer quotes and halving the inner ones gives the text back."""
    literal = text_literal(text)
    assert (literal[0], literal[-1]) == ("'", "'")
    assert literal[1:-1].replace("''", "'") == text
    assert literal.count("'") % 2 == 0


@given(st.uuids())
def test_a_guid_is_sent_bare_and_in_lower_case(guid: object) -> None:
    """Either case is accepted, lower case goes out."""
    assert guid_literal(str(guid).upper()) == str(guid)


@pytest.mark.parametrize("text", ["", "backup@contoso.example", "1) or (1 eq 1", "{%s}" % ("0" * 36)])
def test_anything_else_is_no_guid(text: str) -> None:
    """What is no GUID never gets into a filter."""
    with pytest.raises(ConfigurationError, match="not an object id"):
        guid_literal(text)


def test_a_line_end_does_not_slip_in() -> None:
    """A GUID with a line end behind it is none."""
    with pytest.raises(ConfigurationError):
        guid_literal("00000000-0000-0000-0000-000000000001\n")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("627090FF-40A3-4053-8790-584EDC5BE201", "627090ff-40a3-4053-8790-584edc5be201"),
        ("Default-E1DD4023-A656-480A-8A0E-C1B1EEC51E1D", "Default-e1dd4023-a656-480a-8a0e-c1b1eec51e1d"),
        ("<GUID>", "<GUID>"),
        (None, None),
    ],
)
def test_ids_compare_by_their_guid(text: str | None, canonical: str | None) -> None:
    """The case of a GUID does not count, alone or behind a prefix; other ids stay as they are."""
    assert canonical_id(text) == canonical
