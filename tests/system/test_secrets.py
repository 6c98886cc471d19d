"""Nothing secret shows: recognisable secrets are planted, and everything that can be seen is searched."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from keepit_dynamics import KeepitDynamicsError, Secret
from keepit_dynamics.sandbox import Fault, load_scenario
from keepit_dynamics.sandbox.tenant_file import TokenSpec

PLANTED = "PLANTED-keepit-secret-0123456789"


@pytest.mark.parametrize("service", ["entra", "graph", "discovery", "admin", "dataverse", "keepit"])
@pytest.mark.parametrize("kind", ["500", "403", "garbage", "truncate", "html"])
def test_no_secret_in_errors_logs_or_reports(
    service: str, kind: str, far: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever fails where, neither tokens nor the Keepit secret are in errors, tracebacks, logs, events or reports."""
    tenant = load_scenario("ready")
    token = TokenSpec("readiness", PLANTED, "backup-admin@contoso.example", "MasterAdmin", primary=True)
    tenant = attrs.evolve(tenant, keepit=attrs.evolve(tenant.keepit, tokens=(token,)))
    status = int(kind) if kind.isdigit() else 200
    word = "status" if kind.isdigit() else kind
    there = far(tenant, faults=(Fault(service=service, kind=word, status=status, times=10_000),))
    events: list[object] = []
    caplog.set_level(logging.DEBUG)
    builder = there.builder().named("n").watch(events.append)
    shown = [repr(builder), str(there.endpoints()), repr(there.world.keepit.world.tokens)]
    for operation in (builder.check, builder.plan, lambda: builder.create(even_if_not_ready=True)):
        try:
            outcome = operation()
        except KeepitDynamicsError as error:
            shown += [str(error), repr(error), repr(error.__dict__), "".join(traceback.format_exception(error))]
        else:
            shown += [repr(outcome), str(outcome), repr(getattr(outcome, "to_dict", str)())]
    shown += [repr(events), caplog.text, repr(there.world.journal.requests())]
    everything = "\n".join(shown)
    for secret in (PLANTED, *held_tokens(builder)):
        assert secret not in everything


def held_tokens(builder: Any) -> list[str]:
    """The access tokens the builder has at hand."""
    held = builder._session.microsoft._held.values()
    tokens = [one.token for one in held]
    assert all(isinstance(token, Secret) for token in tokens)
    return [token.reveal() for token in tokens]
