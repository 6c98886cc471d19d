"""When requests are sent again: driven by hand, under virtual time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepit_dynamics._core.events import RequestFinished, RetryScheduled
from keepit_dynamics._core.flow import Effect, Emit, Flow, Now, Send, Sleep
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.retry import RetryPolicy, send_with_retry
from keepit_dynamics.errors import TransportError

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
GET = HttpRequest("graph", "GET", "https://graph.example/v1.0/me")
POST = HttpRequest("keepit", "POST", "https://keepit.example/users/a/devices/", safe=False)
Answer = HttpResponse | TransportError


class Far:
    """Drives the flow: answers in turn (the last one for ever), and time that passes only by sleeping."""

    def __init__(self, *answers: Answer, takes: float = 0.0) -> None:
        self.answers = list(answers)
        self.now = START
        self.takes = takes
        self.sent = 0
        self.waits: list[float] = []
        self.told: list[object] = []

    def run(self, request: HttpRequest, policy: RetryPolicy) -> Answer:
        """The flow's end: an answer, or the error it raised."""
        flow = send_with_retry(request, policy)
        try:
            effect = next(flow)
            while True:
                effect = self._step(flow, effect)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer
        except TransportError as error:
            return error

    def _step(self, flow: Flow[HttpResponse], effect: Effect) -> Effect:
        match effect:
            case Now():
                return flow.send(self.now)
            case Sleep(seconds):
                self.waits.append(seconds)
                self.now += timedelta(seconds=seconds)
                return flow.send(None)
            case Send():
                self.sent += 1
                self.now += timedelta(seconds=self.takes)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                return flow.throw(answer) if isinstance(answer, TransportError) else flow.send(answer)
        assert isinstance(effect, Emit)
        self.told.append(effect.event)
        return flow.send(None)


def lost() -> TransportError:
    """An answer that did not come."""
    return TransportError("lost", service="graph", host="graph.example")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(status: int) -> None:
    """A safe request is repeated until it is answered."""
    far = Far(HttpResponse(status), lost(), HttpResponse(200))
    assert far.run(GET, RetryPolicy()) == HttpResponse(200)
    assert far.sent == 3


@pytest.mark.parametrize("answer", [HttpResponse(503), HttpResponse(429, {"Retry-After": "1"}), lost()])
def test_an_unsafe_request_is_never_sent_again(answer: Answer) -> None:
    """Whatever comes back of a write, it is sent once."""
    far = Far(answer)
    assert far.run(POST, RetryPolicy()) is answer
    assert (far.sent, far.waits) == (1, [])


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 409, 501])
def test_a_definite_answer_is_not_asked_again(status: int) -> None:
    """What another try would not change is handed back at once."""
    far = Far(HttpResponse(status))
    assert far.run(GET, RetryPolicy()) == HttpResponse(status)
    assert far.sent == 1


@pytest.mark.parametrize("form", ["7", format_datetime(START + timedelta(seconds=7), usegmt=True)])
def test_retry_after_is_obeyed_in_both_forms(form: str) -> None:
    """Seconds and dates mean the same wait."""
    far = Far(HttpResponse(429, {"Retry-After": form}), HttpResponse(200))
    assert far.run(GET, RetryPolicy()) == HttpResponse(200)
    assert far.waits == [7.0]


def test_a_wait_that_is_too_long_is_not_waited() -> None:
    """A service that wants minutes ends the tries; the answer says so."""
    answer = HttpResponse(429, {"Retry-After": "300"})
    far = Far(answer)
    assert far.run(GET, RetryPolicy(longest=30)) is answer
    assert far.waits == []


@given(
    attempts=st.integers(1, 6),
    budget=st.floats(0.5, 90),
    base=st.floats(0.01, 5),
    longest=st.floats(0.01, 40),
    takes=st.floats(0, 20),
    asked=st.one_of(st.none(), st.integers(0, 60)),
)
def test_tries_and_time_are_bounded(
    attempts: int, budget: float, base: float, longest: float, takes: float, asked: int | None
) -> None:
    """However it fails, no more attempts, no longer a wait and no longer in all than the policy says."""
    headers = {} if asked is None else {"Retry-After": str(asked)}
    far = Far(HttpResponse(503, headers), takes=takes)
    far.run(GET, RetryPolicy(attempts=attempts, budget=budget, base=base, longest=longest))
    assert far.sent <= attempts
    assert all(0 <= wait <= longest for wait in far.waits)
    assert sum(far.waits) <= budget + 1e-6


@given(attempts=st.integers(1, 8), base=st.floats(0.01, 60), longest=st.floats(0.01, 60))
def test_every_attempt_is_made_where_time_allows(attempts: int, base: float, longest: float) -> None:
    """What the policy grows its waits to never keeps it from trying: only time, number and the service's wish do."""
    far = Far(lost())
    far.run(GET, RetryPolicy(attempts=attempts, budget=1e9, base=base, longest=longest))
    assert far.sent == attempts


def test_what_is_repeated_is_told() -> None:
    """Watchers hear of each answer and of each wait, without what the query carries."""
    far = Far(HttpResponse(503), HttpResponse(200))
    far.run(attrs.evolve(GET, url="https://graph.example/me?code=secret"), RetryPolicy())
    assert far.told == [
        RequestFinished("graph", "GET", "https://graph.example/me?…", 503),
        RetryScheduled("graph", "GET", "https://graph.example/me?…", "503", far.waits[0]),
        RequestFinished("graph", "GET", "https://graph.example/me?…", 200),
    ]
