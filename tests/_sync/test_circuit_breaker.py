# GENERATED from _async/test_circuit_breaker.py by tools/unasync.py. Do not edit.
"""Circuit breakers as a step of the pipeline; the table of decisions is tested with the brain."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    CircuitOpenError,
    InternalServerError,
    RateLimitError,
    ReadTimeout,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests._sync.memory_transport import Answering
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer
from tests.servers import until_closed

BROKEN = answer(500, "broken")


def test_open_then_half_open_then_closed() -> None:
    """A peer that fails is left alone for the reset time, then one call finds it well again."""
    app = App({"/": Sequence(BROKEN, BROKEN, answer(200, "well"))})
    breaker = CircuitBreaker(2, reset_timeout=30)
    with LoopbackServer(app) as server, FakeClock() as clock:
        with Client(retry=None, policies=[breaker]) as client:
            for _ in range(2):
                with pytest.raises(InternalServerError):
                    client.get(server.url)
            clock.advance(10)
            with pytest.raises(CircuitOpenError) as refused:
                client.get(server.url)
            assert 2 == len(app.requests)
            assert "open" == breaker.state(server.url)
            clock.advance(20)
            response = client.get(server.url)

    assert 20.0 == refused.value.retry_after
    assert refused.value.request is not None
    assert "well" == response.text
    assert "closed" == breaker.state(server.url)


def test_it_counts_every_attempt_and_is_not_retried() -> None:
    """Each attempt counts; once the circuit is open the call ends, for waiting would not help."""
    app = App({"/": BROKEN})
    breaker = CircuitBreaker(2)
    with LoopbackServer(app) as server, FakeClock(jump=True):
        with Client(retry=Retry(5), policies=[breaker]) as client:
            with pytest.raises(CircuitOpenError) as refused:
                client.get(server.url)

    assert 2 == len(app.requests)
    assert [500, 500, None] == [attempt.status for attempt in refused.value.attempts]


def test_statuses_below_500_are_no_failures() -> None:
    """A 429 does not open a circuit."""
    app = App({"/": answer(429, "slow down")})
    breaker = CircuitBreaker(1)
    with LoopbackServer(app) as server:
        with Client(retry=None, policies=[breaker]) as client:
            for _ in range(3):
                with pytest.raises(RateLimitError):
                    client.get(server.url)

    assert "closed" == breaker.state(server.url)


def test_errors_of_the_transport_count() -> None:
    """A timeout while the body is loaded opens a circuit."""
    breaker = CircuitBreaker(1)
    with LoopbackServer(until_closed) as server:
        with Client(
            retry=None, policies=[breaker], timeout=Timeout(read=0.01)
        ) as client:
            with pytest.raises(ReadTimeout):
                client.get(server.url)
            with pytest.raises(CircuitOpenError):
                client.get(server.url)


def test_a_trial_that_is_cancelled_gives_its_permit_back() -> None:
    """A cancelled call counts as neither, and the next one is the trial."""
    app = App({"/": Sequence(BROKEN, answer())})
    breaker = CircuitBreaker(1)
    token = CancelToken()
    token.cancel()
    with LoopbackServer(app) as server, FakeClock() as clock:
        with Client(retry=None, policies=[breaker]) as client:
            with pytest.raises(InternalServerError):
                client.get(server.url)
            clock.advance(30)
            with pytest.raises(RequestCancelled):
                client.get(server.url, cancel=token)
            assert "half_open" == breaker.state(server.url)
            client.get(server.url)

    assert "closed" == breaker.state(server.url)


def test_a_stream_counts_by_its_head() -> None:
    """A trial ends with the head of its answer, however long the body is read."""
    app = App({"/": Sequence(BROKEN, answer(200, "well"))})
    breaker = CircuitBreaker(1)
    with LoopbackServer(app) as server, FakeClock() as clock:
        with Client(retry=None, policies=[breaker]) as client:
            with pytest.raises(InternalServerError):
                client.get(server.url)
            clock.advance(30)
            with client.stream("GET", server.url) as stream:
                assert "closed" == breaker.state(server.url)
                assert b"well" == stream.read()


def test_a_predicate_that_raises_closes_the_answer() -> None:
    """The answer that nobody will get is not left open."""

    def is_failure(_status: object, _error: object) -> bool:
        raise ZeroDivisionError

    transport = Answering()
    breaker = CircuitBreaker(is_failure=is_failure)
    with Client(transport=transport, policies=[breaker]) as client:
        with pytest.raises(ZeroDivisionError):
            with client.stream("GET", "https://site.example"):
                pass

    assert "closed" in repr(transport.streams[0])
