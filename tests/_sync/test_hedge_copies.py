# GENERATED from _async/test_hedge_copies.py by tools/unasync.py. Do not edit.
"""Copies among other policies, in a pool, as streams, and by the hundred."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Event, Lock

import pytest

from antiphon._sync.client import Client
from antiphon._sync.pipeline import Next
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    CircuitOpenError,
    InternalServerError,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.call_context import CallContext
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.hedge import Hedge
from antiphon.testing import FakeClock
from tests._sync.hedged_calls import hedged, open_connections, sent
from tests.thread_census import census, nothing_left
from tests.thread_group import Group, until
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer
from tests.turns import Turns


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
