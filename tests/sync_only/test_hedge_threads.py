"""Hedged requests and threads: none without need, none left, and Ctrl-C ends all."""

from __future__ import annotations

import os
import threading
import time as real_time

import pytest

from antiphon import CallContext, Client, Hedge, Next, Request, ResponseStream, Retry
from antiphon.network import thread_relay
from antiphon.testing import FakeClock
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.sync_only.scripts import run_script
from tests.sync_only.test_interrupts import interrupted
from tests.thread_census import census, nothing_left
from tests.thread_group import Group, until
from tests.turns import Turns


def copies_running() -> int:
    """How many threads run copies."""
    return sum(thread.name == "antiphon-hedge" for thread in threading.enumerate())


def pool_of(client: Client) -> tuple[int, int]:
    """Open connections and callers in wait."""
    plan = client._core.transport.pool._plan  # type: ignore[attr-defined]
    return plan.open_count, plan.waiter_count


class Deaf:
    """A policy that does not look at the token while it waits, in the copies that it is told."""

    stage = "attempt"

    def __init__(self, *copies: int) -> None:
        self._copies = copies
        self.gate = threading.Event()
        self.answers: list[ResponseStream] = []

    def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
        if call.copy in self._copies:
            self.gate.wait(20)
            # A transport may be as deaf as this policy.
            self.answers.append(ResponseStream.of_bytes(request, 200, content=b"late"))
            return self.answers[0]
        return next(request)


def test_a_call_that_is_not_copied_needs_no_thread() -> None:
    """The first request runs in the calling thread, and one thread for all watches the time."""
    ran: list[threading.Thread] = []

    class Where:
        def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
            ran.append(threading.current_thread())
            return next(request)

    with (
        LoopbackServer(App({"/": answer(200, "fast")})) as server,
        Client(policies=[Hedge(5.0), Where()]) as client,
    ):
        client.get(server.url)
        before = census()
        for _ in range(20):
            client.get(server.url)
        nothing_left(before)
    assert {threading.current_thread()} == set(ran)
    assert 0 == copies_running()


def test_a_copy_that_is_deaf_to_its_token() -> None:
    """It is waited for a moment, not longer; its late answer is closed by its own thread."""
    deaf = Deaf(1)
    with (
        Turns(0) as turns,
        FakeClock() as time,
        Client(policies=[Hedge(0.2), deaf]) as client,
        Group() as group,
    ):
        call = group.start(client.get, turns.url)
        until(lambda: turns.requests)
        time.advance(0.2)
        until(lambda: 1 == copies_running())
        turns.let_go(0)
        until(lambda: call.done)
        assert "answer 0" == call.result.text  # type: ignore[attr-defined]
        assert 1 == copies_running()
        deaf.gate.set()
        until(lambda: 0 == copies_running())
    assert "closed" in repr(deaf.answers[0])


@pytest.mark.parametrize("first", ["held", "failed"])
def test_interrupted(first: str) -> None:
    """Ctrl-C in the calling thread ends the copy too, whatever the caller was waiting for."""
    before = census()
    with (
        Turns(0, 1, answers={0: answer(503, "down")}) as turns,
        FakeClock() as time,
        Client(policies=[Hedge(0.2)], retry=None) as client,
    ):
        waiting = client._core.transport.pool._plan  # type: ignore[attr-defined]

        def begun() -> bool:
            if 1 == len(turns.requests):
                time.advance(0.2)
                until(lambda: 2 == len(turns.requests))
                if first == "failed":
                    turns.let_go(0)
                    until(lambda: 1 == waiting.idle_count)
            return 2 == len(turns.requests)

        with interrupted(begun):
            client.get(turns.url)
        assert 0 == copies_running()
        assert (int(first == "failed"), 0) == pool_of(client)
        assert 0 == time.waiting
    nothing_left(before)


def test_interrupted_with_a_failure_in_hand() -> None:
    """A streamed failure of the first, kept while the copy ran, is closed."""
    kept: list[ResponseStream] = []

    class Keeper:
        def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
            kept.append(next(request))
            return kept[-1]

    with (
        Turns(0, 1, answers={0: answer(503, "x" * 1_000_000)}) as turns,
        FakeClock() as time,
        Client(policies=[Hedge(0.2), Keeper()], retry=None) as client,
    ):

        def begun() -> bool:
            if 1 == len(turns.requests):
                time.advance(0.2)
                until(lambda: 2 == len(turns.requests))
                turns.let_go(0)
            return bool(kept)

        with interrupted(begun), client.stream("GET", turns.url):
            raise AssertionError("nobody answered")
        assert "closed" in repr(kept[0])
        assert (0, 0) == pool_of(client)


def test_a_thread_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is no copy, and the first request counts; none is tried again."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "antiphon-hedge":
            raise RuntimeError("can't start new thread")
        start(thread)

    with (
        Turns(0) as turns,
        FakeClock() as time,
        Client(policies=[Hedge(0.2)]) as client,
        Group() as group,
    ):
        call = group.start(client.get, turns.url)
        until(lambda: turns.requests)
        monkeypatch.setattr(threading.Thread, "start", refuse)
        time.advance(0.2)
        monkeypatch.undo()
        turns.let_go(0)
        until(lambda: call.done)
        assert "answer 0" == call.result.text  # type: ignore[attr-defined]
    assert 1 == len(turns.requests)


def test_a_copy_that_ends_its_thread() -> None:
    """What would end a thread, SystemExit among it, is a failure of the copy like others."""

    class Exiting:
        def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
            if call.copy:
                raise SystemExit("of the copy")
            return next(request)

    with (
        Turns(0) as turns,
        FakeClock() as time,
        Client(policies=[Hedge(0.2), Exiting()]) as client,
        Group() as group,
    ):
        call = group.start(client.get, turns.url)
        until(lambda: turns.requests)
        time.advance(0.2)
        until(lambda: 0 == copies_running())
        turns.let_go(0)
        until(lambda: call.done)
        assert "answer 0" == call.result.text  # type: ignore[attr-defined]


def test_many_threads_at_once() -> None:
    """Threads that share a client and a Hedge get the answers to their own requests."""
    from tests.app import Received

    def echo(request: Received) -> bytes:
        if request.headers["x-copy"] == "0" and int(request.query) % 3 == 0:
            real_time.sleep(0.05)
        return answer(200, request.query)

    class Mark:
        def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
            return next(request.with_header("X-Copy", str(call.copy)))

    before = census()
    won: list[int] = []
    with LoopbackServer(App({"/": echo})) as server:
        hedge = Hedge(0.01, budget=None)
        with Client(policies=[hedge, Mark()], retry=Retry(1)) as client:

            def ask(start: int) -> None:
                for number in range(start, start + 15):
                    response = client.get(f"{server.url}/?{number}")
                    assert str(number) == response.text
                    won.append(response.attempts[0].winner)

            with Group() as group:
                calls = [group.start(ask, 100 * number) for number in range(8)]
            assert [None] * 8 == [call.error for call in calls]
            assert pool_of(client)[1] == 0
    assert sum(won) > 10
    until(lambda: 0 == copies_running())
    nothing_left((before[0], before[1] + 1))  # the watch over the time goes on for some seconds


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_hedges_too() -> None:
    """The thread that watches the time is its parent's; a child starts one of its own."""
    script = """
import os, sys, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
from antiphon import Client, Hedge
client = Client(policies=[Hedge(0.01)])
print(client.get(sys.argv[1]).attempts[0].copies, flush=True)
child = os.fork()
if not child:
    print(client.get(sys.argv[1]).attempts[0].copies, flush=True)
    os._exit(0)
assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
client.close()
"""
    with Turns(0, 2) as turns:
        assert "1\n1\n" == run_script(script, turns.url)


def test_the_graces_are_those_of_the_other_voice() -> None:
    """Both voices wait as long for who is deaf, and say the same to who is called off."""
    from antiphon.network import anyio_relay

    assert thread_relay.GRACE == anyio_relay.GRACE
    assert thread_relay.FASTER == anyio_relay.FASTER
