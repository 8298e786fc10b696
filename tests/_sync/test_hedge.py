# GENERATED from _async/test_hedge.py by tools/unasync.py. Do not edit.
"""Requests that are sent again while the first is unanswered; the first answer counts."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Event, Lock

import pytest

from antiphon._sync.client import Client
from antiphon._sync.pipeline import Next
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    BadGatewayError,
    CircuitOpenError,
    DeadlineExceeded,
    InternalServerError,
    RemoteProtocolError,
    RequestCancelled,
    ServiceUnavailableError,
)
from antiphon.models.attempt import Attempt
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.call_context import CallContext
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.hedge import Hedge
from antiphon.policies.retry import Retry
from antiphon.policies.retry_budget import RetryBudget
from antiphon.testing import FakeClock
from tests.thread_census import census, nothing_left
from tests.thread_group import Group, until
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer
from tests.turns import Turns


def hedged(attempt: Attempt) -> tuple[int, int]:
    """How many copies an attempt had, and which of them won."""
    return attempt.copies, attempt.winner


def sent(turns: Turns, count: int) -> None:
    """Wait until the server has so many requests."""
    until(lambda: count == len(turns.requests))


def open_connections(client: Client) -> int:
    """How many connections the client's pool has, idle ones among them."""
    plan = client._core.transport.pool._plan  # type: ignore[attr-defined]
    assert 0 == plan.waiter_count
    return int(plan.open_count)


def test_a_slow_first_answer() -> None:
    """After the delay a copy goes out, its answer counts, and the first request is cancelled."""
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.19)
                assert 1 == len(turns.requests)
                time.advance(0.01)
            response = call.result
            assert "answer 1" == response.text  # type: ignore[attr-defined]
            assert [(1, 1)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]
            assert "by copy 1 of 1" in repr(response.attempts[0])  # type: ignore[attr-defined]
            # The loser's connection is closed, the winner's goes on to serve.
            assert 1 == open_connections(client)
            assert 0 == time.waiting
            assert "answer 2" == (client.get(turns.url)).text
            assert [1, 2, 2] == [request.connection for request in turns.requests]


def test_the_first_answers_after_all() -> None:
    """The first request may still win; then its copy is cancelled."""
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
            response = call.result
            assert "answer 0" == response.text  # type: ignore[attr-defined]
            assert [(1, 0)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]
            assert 1 == open_connections(client)
            assert 0 == time.waiting


def test_a_fast_answer_is_not_copied() -> None:
    """An answer within the delay leaves nothing behind, and no copy is ever sent."""
    with Turns() as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            response = client.get(turns.url)
            assert 0 == time.waiting
            time.advance(1)
            assert [(0, 0)] == list(map(hedged, response.attempts))
            assert "copy" not in repr(response.attempts[0])
    assert 1 == len(turns.requests)


def test_a_first_that_fails_fast() -> None:
    """A failure before the delay is the outcome: trying again is for `Retry`."""
    with Turns(answers={0: answer(503, "down")}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with pytest.raises(ServiceUnavailableError) as failed:
                client.get(turns.url)
            assert 0 == time.waiting
    assert 1 == len(turns.requests)
    assert [(0, 0)] == list(map(hedged, failed.value.attempts))


@pytest.mark.parametrize("failure", [answer(503, "down"), b""])
def test_a_failure_waits_for_the_copy(failure: bytes) -> None:
    """If the first fails while its copy runs, with a status or without, the copy is waited for."""
    with Turns(0, 1, answers={0: failure}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                turns.let_go(1)
            assert "answer 1" == call.result.text  # type: ignore[attr-defined]
            assert 0 == time.waiting


def test_both_fail() -> None:
    """If all fail, the error is that of the last one."""
    with Turns(0, 1, answers={0: answer(502), 1: answer(504)}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(1)
                until(lambda: 1 == client._core.transport.pool._plan.idle_count)  # type: ignore[attr-defined]
                turns.let_go(0)
            assert isinstance(call.error, BadGatewayError)
            assert [(1, 0)] == list(map(hedged, call.error.attempts))
            assert 2 == open_connections(client)


def test_both_break() -> None:
    """Connections that break are failures as others are; the last error is raised."""
    with Turns(0, 1, answers={0: b"", 1: b""}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                turns.let_go(1)
            assert call.error is not None
            assert not isinstance(call.error, RequestCancelled)
            assert 0 == open_connections(client)


def test_one_attempt_for_retry() -> None:
    """A request and its copies are one attempt: `Retry` begins after the last of them."""
    with Turns(0, 1, answers={0: answer(502), 1: answer(504)}) as turns, FakeClock() as time:
        retry = Retry(2, base_delay=0)
        with Client(policies=[Hedge(0.2)], retry=retry) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                until(lambda: 1 == client._core.transport.pool._plan.idle_count)  # type: ignore[attr-defined]
                turns.let_go(1)
            response = call.result
            assert "answer 2" == response.text  # type: ignore[attr-defined]
            found = [(one.status, hedged(one)) for one in response.attempts]  # type: ignore[attr-defined]
            assert [(504, (1, 1)), (200, (0, 0))] == found


def test_several_copies() -> None:
    """With `max_copies` more are sent, each one delay after the one before."""
    with Turns(0, 1, 2) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2, max_copies=3)]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                for count in (1, 2, 3):
                    sent(turns, count)
                    # Each waits for its answer, and one alarm for the time of the next copy.
                    until(lambda waiting=count + 1: waiting == time.waiting)  # type: ignore[misc]
                    time.advance(0.2)
            assert "answer 3" == call.result.text  # type: ignore[attr-defined]
            assert [(3, 3)] == list(map(hedged, call.result.attempts))  # type: ignore[attr-defined]
            assert 4 == len(turns.requests)
            assert 1 == open_connections(client)


def test_cancelled() -> None:
    """The caller's token ends the request and its copy."""
    token = CancelToken()
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(lambda: client.get(turns.url, cancel=token))
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                token.cancel("enough")
            assert isinstance(call.error, RequestCancelled)
            assert "enough" in str(call.error)
            assert 0 == open_connections(client)
            assert 0 == time.waiting


def test_cancelled_before_the_copy() -> None:
    """No copy of a cancelled request is sent."""
    token = CancelToken()
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            with Group() as group:
                call = group.start(lambda: client.get(turns.url, cancel=token))
                sent(turns, 1)
                token.cancel("enough")
            assert isinstance(call.error, RequestCancelled)
            time.advance(0.2)
    assert 1 == len(turns.requests)


def test_the_deadline() -> None:
    """The deadline of the call ends all of them."""
    with Turns(0, 1) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], timeout=Timeout(total=1)) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                time.advance(0.8)
            assert isinstance(call.error, DeadlineExceeded)
            assert 0 == open_connections(client)
            assert 0 == time.waiting


def loop_turned() -> None:
    """Let ring what the clock has told to ring: in an event loop that takes a turn of it."""
    turned = iter([False, False, True])
    until(lambda: next(turned))


def slow_call(
    turns: Turns, time: FakeClock, client: Client, method: str, **keywords: object
) -> object:
    """Make a call whose first answer comes after the delay; return the answer or the error."""
    with Group() as group:
        call = group.start(lambda: client.request(method, "/", **keywords))  # type: ignore[arg-type]
        sent(turns, 1)
        time.advance(0.2)
        loop_turned()
        if "idempotency_key" not in keywords:
            turns.let_go(0)
    return call.result or call.error


def test_posts_are_not_copied() -> None:
    """A POST may do twice what it asks for, unless it has an idempotency key."""
    for keywords, copies in (({}, 0), ({"idempotency_key": "order-7"}, 1)):
        with Turns(0) as turns, FakeClock() as time:
            with Client(turns.url, policies=[Hedge(0.2)]) as client:
                response = slow_call(turns, time, client, "POST", content=b"x", **keywords)
            assert 1 + copies == len(turns.requests)
            assert {b"x"} == {request.body for request in turns.requests}
            assert [(copies, copies)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(answer(503), ServiceUnavailableError), (b"", RemoteProtocolError)],
)
def test_a_body_that_cannot_be_sent_again(failure: bytes, expected: type[Exception]) -> None:
    """It is not copied, an error that comes of it says why, and the budget is not asked."""
    budget = RetryBudget(0, min_per_second=1)
    with Turns(0, answers={0: failure}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, budget=budget)
        with Client(turns.url, policies=[hedge], retry=None) as client:
            body = iter([b"once"])
            error = slow_call(turns, time, client, "PUT", content=body)
    assert isinstance(error, expected)
    assert ["not hedged: the request body is a stream and cannot be sent again"] == error.__notes__
    assert 1 == len(turns.requests)
    assert 10 == budget.balance(0.2)


def test_an_exhausted_budget() -> None:
    """Without budget there is no copy, and an error that comes of it says why."""
    with Turns(0, answers={0: answer(503)}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, max_copies=3, budget=RetryBudget(0, min_per_second=0))
        with Client(turns.url, policies=[hedge], retry=None) as client:
            error = slow_call(turns, time, client, "GET")
            assert 0 == time.waiting
    assert isinstance(error, ServiceUnavailableError)
    assert ["not hedged: the budget for copies is used up"] == error.__notes__
    assert 1 == len(turns.requests)


def test_notes_are_said_once() -> None:
    """What holds for every attempt is said once."""
    with Turns(0, 1, answers={0: answer(503), 1: answer(503)}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, budget=RetryBudget(0, min_per_second=0))
        retry = Retry(2, base_delay=0)
        with Client(policies=[hedge], retry=retry) as client, Group() as group:
            call = group.start(client.get, turns.url)
            for number in (0, 1):
                sent(turns, number + 1)
                time.advance(0.2)
                loop_turned()
                turns.let_go(number)
    notes = call.error.__notes__  # type: ignore[union-attr]
    assert ["not hedged: the budget for copies is used up", "gave up after 2 attempts"] == notes


def test_a_budget_of_retries_and_copies() -> None:
    """A call counts once in a budget that retries and copies share, a retry takes from it too."""
    budget = RetryBudget(0.5, min_per_second=0)
    with Turns(answers={0: answer(503)}) as turns, FakeClock():
        retry = Retry(2, base_delay=0, budget=budget)
        with Client(policies=[Hedge(0.2, budget=budget), retry]) as client:
            with pytest.raises(ServiceUnavailableError):
                client.get(turns.url)
            assert 0.5 == budget.balance(0)
            client.get(turns.url)
            assert 1 == budget.balance(0)


def test_a_learned_delay() -> None:
    """With a percentile nothing is copied until enough is known; then what is slower than most."""
    with Turns(20) as turns, FakeClock() as time:
        hedge = Hedge(percentile=0.9, min_samples=20, min_delay=0.5)
        with Client(policies=[hedge]) as client:
            for _ in range(20):
                assert [(0, 0)] == list(map(hedged, (client.get(turns.url)).attempts))
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 21)
                time.advance(0.5)
            assert [(1, 1)] == list(map(hedged, call.result.attempts))  # type: ignore[attr-defined]
            window = hedge._latencies.of(turns.url)
            # The first request took at least as long as it was waited for.
            assert [0.0] * 20 + [0.5] == list(window._ordered)


def test_failures_teach_nothing() -> None:
    """Only answers are learned from: a peer that fails fast has not become fast."""
    hedge = Hedge(percentile=0.9)
    with Turns(answers={0: b"", 1: answer(503)}) as turns:
        with Client(policies=[hedge], retry=None) as client:
            for error in (RemoteProtocolError, ServiceUnavailableError):
                with pytest.raises(error):
                    client.get(turns.url)
    assert [] == hedge._latencies.items()


def test_a_stream() -> None:
    """The winner's stream is handed over open and heeds the caller's token; the loser is closed."""
    token = CancelToken()
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)]) as client:
            texts: list[str] = []

            def stream() -> None:
                with client.stream("GET", turns.url, cancel=token) as answered:
                    assert not answered.is_loaded
                    assert 1 == open_connections(client)
                    assert [(1, 1)] == list(map(hedged, answered.attempts))
                    texts.append((answered.read()).decode())

            with Group() as group:
                call = group.start(stream)
                sent(turns, 1)
                time.advance(0.2)
            assert call.error is None
            assert ["answer 1"] == texts
            assert 1 == open_connections(client)


def test_a_stream_that_comes_too_late() -> None:
    """A failure that was kept while its copy ran is closed once the copy is answered."""
    with Turns(0, 1, answers={0: answer(503, "x" * 100_000)}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2)], retry=None) as client:

            def stream() -> bytes:
                with client.stream("GET", turns.url) as answered:
                    return answered.read()

            with Group() as group:
                call = group.start(stream)
                sent(turns, 1)
                time.advance(0.2)
                sent(turns, 2)
                turns.let_go(0)
                turns.let_go(1)
            assert b"answer 1" == call.result
            assert 0 == client._core.transport.pool._plan.waiter_count  # type: ignore[attr-defined]
            with Group() as group:
                both = [group.start(client.get, turns.url) for _ in range(2)]
            assert [None, None] == [one.error for one in both]


def test_a_pool_of_one() -> None:
    """A copy that finds no free connection waits for one like any request; the first may win."""
    with Turns(0) as turns, FakeClock() as time:
        limits = Limits(max_connections=1)
        with Client(policies=[Hedge(0.2)], limits=limits) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                pool = client._core.transport.pool  # type: ignore[attr-defined]
                until(lambda: 1 == pool._plan.waiter_count)
                turns.let_go(0)
            response = call.result
            assert "answer 0" == response.text  # type: ignore[attr-defined]
            assert [(1, 0)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]
            # The copy may have had the connection for a moment, once the first was done with it.
            assert (client.get(turns.url)).text in {"answer 1", "answer 2"}
            assert 1 == open_connections(client)


def test_a_copy_that_a_policy_refuses() -> None:
    """Each copy passes breaker and bulkhead; one that is refused leaves the first alone."""
    bulkhead = Bulkhead(1, max_queue=0)
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2), bulkhead]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
                turns.let_go(0)
            assert "answer 0" == call.result.text  # type: ignore[attr-defined]
    assert 1 == len(turns.requests)


def test_the_breaker_counts_no_loser() -> None:
    """A loser counts as neither success nor failure; an open circuit is raised as always."""
    breaker = CircuitBreaker(1)
    with Turns(0, answers={2: answer(500)}) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2), breaker], retry=None) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                sent(turns, 1)
                time.advance(0.2)
            assert "answer 1" == call.result.text  # type: ignore[attr-defined]
            assert "closed" == breaker.state(turns.url)
            assert 0 == breaker.snapshot(0)[turns.url].failures_in_a_row
            for error in (InternalServerError, CircuitOpenError):
                with pytest.raises(error):
                    client.get(turns.url)


WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class Watcher:
    """A policy that notes what each copy can see, and leaves something behind."""

    stage = "attempt"

    def __init__(self) -> None:
        self.seen: list[tuple[int, str, object]] = []
        self.reasons: list[str] = []

    def __call__(
        self,
        request: Request,
        call: CallContext,
        next: Next,
    ) -> ResponseStream:
        self.seen.append((call.copy, WHO.get(), call.data.get("shared")))
        call.data[Watcher] = call.copy
        call.add_note(f"note of copy {call.copy}")
        try:
            return next(request.with_header("X-Copy", str(call.copy)))
        except RequestCancelled as error:
            self.reasons.append(str(error))
            raise


class Around:
    """A policy outside of the copies."""

    stage = "retry"

    def __init__(self) -> None:
        self.calls: list[CallContext] = []

    def __call__(
        self,
        request: Request,
        call: CallContext,
        next: Next,
    ) -> ResponseStream:
        self.calls.append(call)
        call.data["shared"] = "of all"
        return next(request)


def test_what_copies_share() -> None:
    """Each has a context of its own, which begins as that of the call; the winner's is kept."""
    watcher, around = Watcher(), Around()
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2), watcher, around]) as client:

            def call() -> str:
                WHO.set("the caller")
                return (client.get(turns.url)).text

            with Group() as group:
                called = group.start(call)
                sent(turns, 1)
                time.advance(0.2)
            assert "answer 1" == called.result
    assert [(0, "the caller", "of all"), (1, "the caller", "of all")] == watcher.seen
    assert ["0", "1"] == [request.headers["x-copy"] for request in turns.requests]
    (context,) = around.calls
    assert {"shared": "of all", Watcher: 1} == context.data
    assert ("note of copy 1",) == context.notes
    assert 0 == context.copy
    assert 1 == len(watcher.reasons)
    assert "another copy of the request was answered first" in watcher.reasons[0]


class Pairs:
    """An answer for `App`: of two requests the first is held until the second has come."""

    def __init__(self) -> None:
        self.seen = 0
        self._lock = Lock()
        self._gates: dict[int, Event] = {}

    def __call__(self, _request: Received) -> bytes:
        with self._lock:
            number, self.seen = self.seen, self.seen + 1
            gate = self._gates.setdefault(number // 2, Event())
        if number % 2:
            gate.set()
        else:
            assert gate.wait(20)
        return answer(200, "done")


def test_hundreds_of_copies_leave_nothing() -> None:
    """Two hundred calls that are all copied: as many answers, and nothing is left behind."""
    pairs = Pairs()
    with LoopbackServer(App({"/": pairs})) as server:
        with Client(policies=[Hedge(0.001, budget=None)], retry=None) as client:
            for number in range(201):
                if number == 1:  # the first call begins what all share: the watch over the time
                    before = census()
                assert "done" == (client.get(server.url)).text
            assert 402 == pairs.seen
            assert open_connections(client) <= 2
    nothing_left(before)
