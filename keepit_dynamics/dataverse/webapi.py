"""The Web API of one environment: how it is addressed and asked (contracts/dataverse.md 3.1 to 3.3, 7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

import attrs

from keepit_dynamics._core.flow import Flow, now, sleep
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.retry import RETRYABLE_STATUSES, retry_after
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.dataverse.batch import frame, is_multipart, parse
from keepit_dynamics.dataverse.errors import answer_error
from keepit_dynamics.errors import DestinationError, KeepitDynamicsError

__all__ = ["WebApi"]

_ROOT = "/api/data/v9.2/"
_READ_HEADERS = {
    "Accept": "application/json",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
    # Without it an expanded collection may come out of a cache.
    "If-None-Match": "null",
}


@attrs.frozen
class WebApi:
    """Reads from one environment; ``base`` has no trailing slash."""

    sender: BearerSender
    base: str

    @classmethod
    def at(cls, sender: BearerSender, address: str) -> Self:
        """The Web API at an address.

        Raises:
            DestinationError: The address is no environment's of this cloud.
        """
        if not sender.endpoints.is_environment(address):
            raise DestinationError(
                f"The address {address.rpartition('@')[2][:120]} is no environment's of this cloud, "
                "so no token was sent to it.",
                hint="A new region? Then name its hosts in an endpoints file.",
            )
        return cls(sender, address.rstrip("/"))

    def get(self, resource: str) -> Flow[HttpResponse]:
        """Read one resource."""
        return self._send(HttpRequest("dataverse", "GET", self.base + _ROOT + resource, _READ_HEADERS))

    def batch(self, resources: Sequence[str]) -> Flow[tuple[HttpResponse, ...]]:
        """Read several resources in one request; the answers come in order.

        Where there are fewer answers than resources, the last one is the failure that ended the batch: of a
        part, or of the request as a whole. A part that failed for the moment is asked again on its own.
        """
        prefix = urlsplit(self.base).path + _ROOT
        framed = frame([prefix + resource for resource in resources], _READ_HEADERS)
        headers = {
            **_READ_HEADERS,
            "Content-Type": framed.content_type,
            "Prefer": "odata.continue-on-error",
        }
        # All parts are reads, so the whole may be sent again.
        request = HttpRequest("dataverse", "POST", f"{self.base}{_ROOT}$batch", headers, framed.body, safe=True)
        response = yield from self._send(request)
        if not response.ok and not is_multipart(response):
            return (response,)
        answers = parse(response, asked=len(resources))
        return answers if len(answers) < len(resources) else (yield from self._settled(resources, answers))

    def error(self, response: HttpResponse) -> KeepitDynamicsError:
        """The error for an answer that is no success."""
        return answer_error(response, service="dataverse", url=self.base)

    def _settled(self, resources: Sequence[str], answers: Sequence[HttpResponse]) -> Flow[tuple[HttpResponse, ...]]:
        settled: list[HttpResponse] = []
        for resource, answer in zip(resources, answers, strict=True):
            passing = answer.status in RETRYABLE_STATUSES
            settled.append((yield from self._again(resource, answer)) if passing else answer)
        return tuple(settled)

    def _again(self, resource: str, failure: HttpResponse) -> Flow[HttpResponse]:
        policy = self.sender.policy
        asked = retry_after(failure, (yield from now()))
        wait = policy.base if asked is None else asked
        if policy.attempts < 2 or wait > policy.longest:
            return failure
        yield from sleep(wait)
        return (yield from self.get(resource))

    def _send(self, request: HttpRequest) -> Flow[HttpResponse]:
        return self.sender.send(request, scope=f"{self.base}/.default")
