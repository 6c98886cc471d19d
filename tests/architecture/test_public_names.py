"""The public surface: curated names, two surfaces that agree, errors that travel."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
from importlib import resources
from pathlib import Path

import pytest

import keepit_dynamics
from keepit_dynamics import ConnectorBuilder, DeviceCode, Endpoints, NetworkSettings, NotReadyError, aio, errors
from keepit_dynamics._core.surface import operation
from keepit_dynamics.sandbox import SandboxTransport, World, endpoints_document, load_scenario

OPERATIONS = ("sign_in", "snapshot", "check", "plan", "create", "verify")


@pytest.mark.parametrize("module", [keepit_dynamics, aio, errors], ids=["root", "aio", "errors"])
def test_every_name_is_there_and_sorted(module: object) -> None:
    """``__all__`` is sorted, and each name exists."""
    names = list(module.__all__)  # type: ignore[attr-defined]  # a module
    assert names == sorted(names)
    assert [name for name in names if not hasattr(module, name)] == []


def test_lazy_names_are_those_the_type_checker_sees() -> None:
    """What loads on first use comes from where the annotations say."""
    tree = ast.parse(Path(keepit_dynamics.__file__ or "").read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("keepit_dynamics")
        for alias in node.names
    }
    assert seen == keepit_dynamics._HOME_OF
    assert sorted(seen) == keepit_dynamics.__all__
    assert dir(keepit_dynamics) == keepit_dynamics.__all__


def test_all_errors_are_public() -> None:
    """Whoever imports the package can catch every error by its class."""
    assert set(errors.__all__) <= set(keepit_dynamics.__all__)


@pytest.mark.parametrize("name", OPERATIONS)
def test_both_surfaces_have_the_same_operations(name: str) -> None:
    """The same flow, so the same signature and the same help."""
    blocking, awaited = getattr(ConnectorBuilder(), name), getattr(aio.ConnectorBuilder(), name)
    assert inspect.signature(blocking) == inspect.signature(awaited)
    assert blocking.__doc__ == awaited.__doc__
    assert "self" not in inspect.signature(blocking).parameters
    assert "Flow" not in str(inspect.signature(blocking))
    assert isinstance(getattr(ConnectorBuilder, name), operation)
    assert inspect.iscoroutinefunction(awaited)
    assert not inspect.iscoroutinefunction(blocking)


def test_settings_are_kept_by_later_ones() -> None:
    """Naming a tenant or a cloud forgets neither the way to sign in nor the Keepit account."""
    way = DeviceCode()
    builder = ConnectorBuilder().region("us-dc").account(way, client_id="c").account(tenant="t.example").cloud("gcc")
    where = builder._session.where
    assert where.way is way
    assert (where.endpoints.client_id, where.endpoints.tenant) == ("c", "t.example")
    assert where.endpoints.keepit == "https://us-dc.keepit.com"
    assert where.endpoints.discovery == "https://globaldisco.crm9.dynamics.com"


def test_settings_make_new_builders() -> None:
    """A builder is frozen; each setting leaves the old one as it was."""
    builder = ConnectorBuilder().named("one")
    other = builder.named("two")
    assert (builder.spec.name, other.spec.name) == ("one", "two")
    with pytest.raises(AttributeError):
        builder._subject = "somebody"  # type: ignore[misc]  # frozen


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_pickle_and_copy(name: str) -> None:
    """What an error carries survives pickling and copying, and its text ends with what to do."""
    cls = getattr(errors, name)
    details: dict[str, object] = {}
    for parameter in list(inspect.signature(cls.__init__).parameters.values())[1:]:
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            details[parameter.name] = "x"
    if issubclass(cls, errors.ResponseError):
        details |= {"service": "s", "status": 418}
    error = cls("What happened.", hint="What to do.", **details)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301  # our own bytes
        assert type(twin) is cls
        assert str(twin) == "What happened. What to do."
        assert twin.__dict__ == error.__dict__


def test_an_error_travels_with_what_it_carries() -> None:
    """A report in an error is the same report in another process."""
    account = "backup@contoso.example"
    world = World(load_scenario("not-ready"), auto_approve=(account,))
    builder = (
        ConnectorBuilder()
        .endpoints(Endpoints.from_data(endpoints_document(world, username=account)))
        .network(NetworkSettings(transport=SandboxTransport(world)))
        .account(DeviceCode(prompt=lambda _: None))
        .named("Dynamics 365")
    )
    with pytest.raises(NotReadyError) as caught:
        builder.create()
    twin = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert twin.report == caught.value.report
    assert twin.report.to_json() == caught.value.report.to_json()
    assert str(twin) == str(caught.value)


def test_the_package_is_typed() -> None:
    """The marker for type checkers is in the package."""
    assert resources.files("keepit_dynamics").joinpath("py.typed").is_file()
