"""Worlds made of a few lines, and somebody who asks Graph in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import attrs
import pytest

from keepit_dynamics.sandbox import Clock, World, parse_tenant_file
from keepit_dynamics.sandbox.wire import Request, Response

ACCOUNT = "backup@contoso.example"
START = datetime(2026, 11, 23, 10, tzinfo=UTC)

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> MakeWorld:
    """Makes a world of parts of a tenant file; its clock stands still unless told otherwise."""

    def make(*, options: dict[str, Any] | None = None, **parts: Any) -> World:
        users = parts.pop("users", [{"upn": ACCOUNT, "name": "Backup Service"}])
        data = {"version": 1, "tenant": {"name": "Contoso", "domains": ["contoso.example"]}, "users": users, **parts}
        return World(parse_tenant_file(data), **{"clock": Clock(START, ticking=False), **(options or {})})

    return make


@attrs.frozen
class Asking:
    """Somebody with a token for Graph."""

    world: World
    token: str

    def __call__(self, url: str, *, method: str = "GET", body: Any = None, **headers: str) -> Response:
        """One request; the query is encoded here."""
        path, _, query = url.partition("?")
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        content = b"" if body is None else json.dumps(body).encode()
        query = quote(query, safe="&=$',()/:")
        return self.world.handle(Request(method, f"/graph/v1.0{path}", query, sent, content))

    def json(self, url: str, **options: Any) -> Any:
        """The body of an answer that has to be good."""
        answer = self(url, **options)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def refusal(self, url: str, **options: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = self(url, **options)
        return answer.status, json.loads(answer.body)["error"]["code"]

    def batch(self, *parts: dict[str, Any]) -> dict[str, Any]:
        """The parts' answers by their ids."""
        answers = self.json("/$batch", method="POST", body={"requests": list(parts)})["responses"]
        return {one["id"]: one for one in answers}


MakeAsking = Callable[..., Asking]


@pytest.fixture
def asking() -> MakeAsking:
    """Gives an account of a world a token for Graph."""

    def make(world: World, upn: str = ACCOUNT, *, scopes: tuple[str, ...] = (), app_id: str = "app") -> Asking:
        user = world.directory.user(upn)
        assert user is not None
        return Asking(world, world.tokens.issue_access(user.id, f"{world.base_url}/graph", scopes, app_id))

    return make
