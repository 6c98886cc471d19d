"""Who holds what in the directory, and which tokens a service takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from keepit_dynamics.sandbox import World
from keepit_dynamics.sandbox.directory import ROLE_TEMPLATES
from keepit_dynamics.sandbox.tokens import TokenRefused
from keepit_dynamics.sandbox.wire import Request

ACCOUNT = "backup@contoso.example"
GLOBAL_ADMINISTRATOR = ROLE_TEMPLATES["Global Administrator"]
MakeWorld = Callable[..., World]


def held(world: World) -> frozenset[str]:
    """The roles that the account holds now."""
    user = world.directory.user(ACCOUNT)
    assert user is not None
    return world.directory.active_roles(user.id)


def test_people_and_groups_by_any_name(make_world: MakeWorld) -> None:
    """By id or name, whatever the case; what is not there is None."""
    world = make_world(groups=[{"name": "Operators", "members": [ACCOUNT]}])
    user, group = world.directory.user(ACCOUNT.upper()), world.directory.group("OPERATORS")
    assert user is not None
    assert group is not None
    assert world.directory.user(user.id.upper()) is user
    assert world.directory.group(group.id) is group
    assert world.directory.is_member(user.id, "operators")
    assert world.directory.user("nobody@contoso.example") is None
    assert world.directory.group("nobody") is None


@pytest.mark.parametrize("role", ["Global Administrator", "global administrator", GLOBAL_ADMINISTRATOR])
def test_a_role_by_name_or_template(make_world: MakeWorld, role: str) -> None:
    """Both name the same one, and both take it away again."""
    world = make_world()
    world.directory.assign_role(role, ACCOUNT)
    assert held(world) == {GLOBAL_ADMINISTRATOR}
    world.directory.remove_role(GLOBAL_ADMINISTRATOR, ACCOUNT)
    assert held(world) == frozenset()


def test_an_unknown_name_is_a_custom_role(make_world: MakeWorld) -> None:
    """It is held, and is none of the built-in ones."""
    world = make_world(role_assignments=[{"role": "Global Administrator (copy)", "principal": ACCOUNT}])
    assert len(held(world)) == 1
    assert held(world).isdisjoint(ROLE_TEMPLATES.values())


@pytest.mark.parametrize(
    "changes", [{"kind": "eligible"}, {"scope": "/administrativeUnits/1"}, {"ends": "2026-11-23T09:59:59Z"}]
)
def test_what_is_not_an_active_tenant_wide_role(make_world: MakeWorld, changes: dict[str, str]) -> None:
    """Eligible, of an administrative unit, or over."""
    grant = {"role": "Global Administrator", "principal": ACCOUNT, **changes}
    assert held(make_world(role_assignments=[grant])) == frozenset()


def test_a_role_through_a_group(make_world: MakeWorld) -> None:
    """Membership in a role-assignable group is enough."""
    world = make_world(
        groups=[{"name": "Operators", "role_assignable": True, "members": [ACCOUNT]}],
        role_assignments=[{"role": "Global Administrator", "principal": "Operators"}],
    )
    assert held(world) == {GLOBAL_ADMINISTRATOR}


def test_an_activation_lasts_four_hours(make_world: MakeWorld) -> None:
    """Where no end is named."""
    world = make_world()
    world.directory.assign_role("Global Administrator", ACCOUNT, activated=True)
    world.clock.advance(timedelta(hours=4, seconds=-1))
    assert held(world) == {GLOBAL_ADMINISTRATOR}
    world.clock.advance(timedelta(seconds=1))
    assert held(world) == frozenset()


def test_an_administrator_changes_accounts(make_world: MakeWorld) -> None:
    """Enabled, disabled, licensed; a name that is not there is an error."""
    world = make_world()
    user = world.directory.user(ACCOUNT)
    assert user is not None
    world.directory.disable(ACCOUNT)
    assert not user.enabled
    world.directory.enable(ACCOUNT)
    assert user.enabled
    world.directory.assign_license(ACCOUNT, "1e1a282c-9c54-43a2-9310-98ef728faace", "DYN365_ENTERPRISE_SALES")
    assert [one.sku for one in user.licenses] == ["DYN365_ENTERPRISE_SALES"]
    for change in (world.directory.enable, world.directory.disable):
        with pytest.raises(KeyError, match="nobody"):
            change("nobody")


def refused(world: World, audience: str, authorization: str | None) -> str:
    """Why a token is not taken for an audience."""
    headers = {} if authorization is None else {"Authorization": authorization}
    with pytest.raises(TokenRefused) as raised:
        world.tokens.verify(Request("GET", "/", headers=headers), audience)
    return raised.value.reason


def test_tokens_are_good_for_one_audience_for_an_hour(make_world: MakeWorld) -> None:
    """With or without a slash at its end; each other case has a reason of its own."""
    world = make_world()
    token = world.tokens.issue_access("someone", "https://one.example/", ("User.Read",), "app")
    request = Request("GET", "/", headers={"Authorization": f"Bearer {token}"})
    claims = world.tokens.verify(request, "https://one.example")
    assert (claims.oid, claims.scopes, claims.app_id) == ("someone", ("User.Read",), "app")
    assert refused(world, "https://two.example", f"Bearer {token}") == "audience"
    assert refused(world, "https://one.example", None) == "missing"
    assert refused(world, "https://one.example", f"Basic {token}") == "missing"
    assert refused(world, "https://one.example", f"Bearer {token}x") == "invalid"
    assert refused(make_world(), "https://one.example", f"Bearer {token}") == "invalid"
    world.clock.advance(timedelta(hours=1))
    assert refused(world, "https://one.example", f"Bearer {token}") == "expired"
