"""When a request is sent again: only where that cannot do harm, and never for ever.

tenacity's stop and wait strategies decide; time comes from the flow, so that they work under virtual time.
"""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime

import attrs
import tenacity

from keepit_dynamics._core.events import RequestFinished, RetryScheduled
from keepit_dynamics._core.flow import Flow, emit, now, send, sleep
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.secrets import redact_url
from keepit_dynamics.errors import TransportError

__all__ = ["RETRYABLE_STATUSES", "RetryPolicy", "retry_after", "send_with_retry"]

RETRYABLE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how long a safe request is repeated.

    Attributes:
        attempts: How many times it is sent at most.
        budget: Seconds that all attempts and waits together may take.
        base: Seconds of the first wait, doubled each time and with jitter.
        longest: Seconds of the longest wait; a longer ``Retry-After`` ends the attempts.
    """

    attempts: int = 4
    budget: float = 60.0
    base: float = 0.5
    longest: float = 30.0

    @property
    def stop(self) -> tenacity.stop.stop_base:
        """The rule of tenacity for giving up."""
        return tenacity.stop_any(tenacity.stop_after_attempt(self.attempts), tenacity.stop_before_delay(self.budget))

    @property
    def wait(self) -> tenacity.wait.wait_base:
        """The rule of tenacity for how long to wait where the service does not say."""
        growing = tenacity.wait_exponential(multiplier=self.base, max=self.longest)
        return tenacity.wait_combine(growing, tenacity.wait_random(0, self.base))


def send_with_retry(request: HttpRequest, policy: RetryPolicy) -> Flow[HttpResponse]:
    """Send a request, again where it is safe and worth it; returns the last answer.

    Raises:
        TransportError: No answer came at any attempt.
    """
    started = yield from now()
    outcome = yield from _attempt(request)
    if not _worth_repeating(request, outcome):
        return _unwrap(outcome)
    state = tenacity.RetryCallState(retry_object=tenacity.Retrying(), fn=None, args=(), kwargs={})
    state.start_time = started.timestamp()
    while True:
        present = yield from now()
        state.outcome_timestamp = present.timestamp()
        state.upcoming_sleep = _wait(state, outcome, policy, present)
        if state.upcoming_sleep > policy.longest or policy.stop(state):
            return _unwrap(outcome)
        yield from emit(_scheduled(request, outcome, state.upcoming_sleep))
        yield from sleep(state.upcoming_sleep)
        state.attempt_number += 1
        outcome = yield from _attempt(request)
        if not _worth_repeating(request, outcome):
            return _unwrap(outcome)


def retry_after(response: HttpResponse, present: datetime) -> float | None:
    """The seconds a service asks to wait, given as a number or as a date; None where it does not."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - present).total_seconds())
    except (ValueError, OverflowError):
        return None


def _attempt(request: HttpRequest) -> Flow[HttpResponse | TransportError]:
    try:
        response = yield from send(request)
    except TransportError as error:
        return error
    yield from emit(RequestFinished(request.service, request.method, redact_url(request.url), response.status))
    return response


def _worth_repeating(request: HttpRequest, outcome: HttpResponse | TransportError) -> bool:
    if not request.safe:
        return False
    return isinstance(outcome, TransportError) or outcome.status in RETRYABLE_STATUSES


def _wait(
    state: tenacity.RetryCallState,
    outcome: HttpResponse | TransportError,
    policy: RetryPolicy,
    present: datetime,
) -> float:
    asked = retry_after(outcome, present) if isinstance(outcome, HttpResponse) else None
    return min(policy.wait(state), policy.longest) if asked is None else asked


def _unwrap(outcome: HttpResponse | TransportError) -> HttpResponse:
    if isinstance(outcome, TransportError):
        raise outcome
    return outcome


def _scheduled(request: HttpRequest, outcome: HttpResponse | TransportError, wait: float) -> RetryScheduled:
    reason = type(outcome).__name__ if isinstance(outcome, TransportError) else str(outcome.status)
    return RetryScheduled(request.service, request.method, redact_url(request.url), reason, wait)
