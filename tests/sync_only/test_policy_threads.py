"""Policies with state under many threads, and in a forked child."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from antiphon import Client
from antiphon.errors import CircuitOpenError
from antiphon.models.request import Request
from antiphon.models.url import URL
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from tests.loopback import HELLO, LoopbackServer, answering

URL_ = "http://site.example"


def test_one_trial_among_many_threads() -> None:
    """However many ask at the same moment, as many trials go as are allowed."""
    breaker = CircuitBreaker(1, trial_calls=3)
    breaker.record(URL_, breaker.admit(URL_, 0.0), False, 0.0)
    together = threading.Barrier(40)

    def ask(_number: int) -> bool:
        together.wait()
        return breaker.admit(URL_, 31.0).allowed

    with ThreadPoolExecutor(40) as threads:
        assert 3 == sum(threads.map(ask, range(40)))


def test_no_outcome_is_lost() -> None:
    """Every failure of every thread is counted."""
    breaker = CircuitBreaker(10_000)

    def fail(_number: int) -> None:
        for _ in range(500):
            breaker.record(URL_, breaker.admit(URL_, 0.0), False, 0.0)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fail, range(8)))
    assert 4000 == breaker.snapshot(0.0)[URL_].failures_in_a_row


def test_slots_are_given_once() -> None:
    """No two threads get the same slot."""
    limit = RateLimit(10, burst=1)

    def reserve(_number: int) -> list[float]:
        return [limit.reserve(URL_, 0.0).delay for _ in range(200)]

    with ThreadPoolExecutor(8) as threads:
        delays = sorted(delay for found in threads.map(reserve, range(8)) for delay in found)
    assert [pytest.approx(number / 10) for number in range(1600)] == delays


def test_a_bulkhead_under_many_threads() -> None:
    """Never more run than may, all are served, and forgotten streams give their places back."""
    bulkhead = Bulkhead(4, queue_timeout=None)
    most = []
    with LoopbackServer(answering(HELLO)) as server, Client(policies=[bulkhead]) as client:

        def call(number: int) -> int:
            if number % 5 == 0:
                stream = client.stream("GET", server.url).__enter__()
                most.append(bulkhead.running(server.url))
                del stream
                return 200
            most.append(bulkhead.running(server.url))
            return client.get(server.url).status

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            with ThreadPoolExecutor(40) as threads:
                assert [200] * 300 == list(threads.map(call, range(300)))
            gc.collect()
    assert max(most) <= 4
    assert (0, 0) == (bulkhead.running(server.url), bulkhead.waiting(server.url))


def test_a_finaliser_may_give_back_in_the_midst_of_anything() -> None:
    """A place that is given back while the line's own lock is held waits for nobody."""
    bulkhead = Bulkhead(1)
    permit = bulkhead.enter(URL_)
    assert permit is not None
    done = threading.Event()

    def release() -> None:
        permit.release()
        done.set()

    with bulkhead._lines._lines.lock:
        thread = threading.Thread(target=release, daemon=True)
        thread.start()
        assert done.wait(10)
    thread.join(10)


def test_a_signal_handler_may_make_a_call() -> None:
    """The locks are re-entrant: a handler may ask the breaker that it interrupted."""
    breaker = CircuitBreaker(1)
    with breaker._circuits.lock:
        breaker.record(URL_, breaker.admit(URL_, 0.0), False, 0.0)
    with pytest.raises(CircuitOpenError):
        raise breaker.refusal(Request("GET", URL(URL_)), breaker.admit(URL_, 1.0))


FORKED = """
import os, sys, threading
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit

bulkhead, breaker, limit = Bulkhead(1), CircuitBreaker(1), RateLimit(1, wait=False)
held = bulkhead.enter("a")
breaker.record("a", breaker.admit("a", 0.0), False, 0.0)
limit.reserve("a", 0.0)
locked, go_on = threading.Event(), threading.Event()

def hold() -> None:
    with breaker._circuits.lock, bulkhead._lines._lines.lock, limit._paces.lock:
        locked.set()
        go_on.wait(10)

thread = threading.Thread(target=hold)
thread.start()
locked.wait(10)
child = os.fork()
if child == 0:
    print(bulkhead.enter("a") is not None, breaker.admit("a", 1.0).allowed,
          limit.reserve("a", 0.0).refusal, flush=True)
    os._exit(0)
os.waitpid(child, 0)
go_on.set()
thread.join(10)
print(bulkhead.enter("a") is not None, breaker.admit("a", 1.0).allowed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_forked_child_starts_anew() -> None:
    """Neither a lock that another thread held nor what the parent is doing is the child's."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ("True True None\nFalse False\n", "") == (done.stdout, done.stderr)
