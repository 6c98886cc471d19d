"""MSAL's HTTP client over our network: proxy, certificates, timeouts and limits hold for tokens too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import attrs

from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.network import Network

__all__ = ["MsalHttp"]


@attrs.frozen
class MsalResponse:
    """What MSAL reads of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Nothing: MSAL judges answers itself."""


class MsalHttp:
    """The two methods MSAL wants. Nothing is repeated here: MSAL keeps its own answers for a while."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def get(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> MsalResponse:
        """A GET."""
        return _answer(self._network.send(HttpRequest("entra", "GET", _with_query(url, params), headers or {})))

    def post(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> MsalResponse:
        """A POST of a form; fields that are None are left out, as requests does."""
        body = data if isinstance(data, str) else urlencode(_given(data))
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        request = HttpRequest("entra", "POST", _with_query(url, params), form, body.encode(), safe=False)
        return _answer(self._network.send(request))

    def close(self) -> None:
        """Nothing: the network belongs to the session."""


def _given(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (fields or {}).items() if value is not None}


def _with_query(url: str, params: Mapping[str, Any] | None) -> str:
    query = urlencode(_given(params))
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _answer(response: HttpResponse) -> MsalResponse:
    return MsalResponse(response.status, response.text, response.headers)
