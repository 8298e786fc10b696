# GENERATED from _async/test_adaptive_concurrency.py by tools/unasync.py. Do not edit.
"""Adaptive concurrency as a step of the pipeline; how the limit moves is tested with the brain."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import BulkheadFullError, ReadTimeout, ServiceUnavailableError, TransportError
from antiphon.models.timeout import Timeout
from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
from antiphon.testing import FakeClock, FaultServer, faults
from tests.thread_group import Group, until
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.servers import until_closed

HELLO = answer(200, "hello")


def test_drops_shrink_the_limit() -> None:
    """A 503 takes a tenth away, and so does a timeout."""
    limit = AdaptiveConcurrency()
    with LoopbackServer(App({"/": answer(503)})) as server:
        with Client(policies=[limit], retry=None) as client:
            with pytest.raises(ServiceUnavailableError):
                client.get(server.url)
            assert 18 == limit.limit(server.url)
    with LoopbackServer(until_closed) as silent:
        with Client(policies=[limit], retry=None, timeout=Timeout(read=0.01)) as client:
            with pytest.raises(ReadTimeout):
                client.get(silent.url)
            assert 18 == limit.limit(silent.url)
            assert 0 == limit.running(silent.url)


def test_the_limit_grows() -> None:
    """Answers let more calls go at once."""
    limit = AdaptiveConcurrency("aimd", initial=1)
    with LoopbackServer(App({"/": HELLO})) as server:
        with Client(policies=[limit]) as client:
            assert 1 == limit.limit(server.url)
            client.get(server.url)
            assert 2 == limit.limit(server.url)


def test_calls_beyond_the_limit_queue_up() -> None:
    """They wait for their turn, and are refused after queue_timeout."""
    limit = AdaptiveConcurrency(initial=1, queue_timeout=3)
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        with (
            Client(policies=[limit]) as client,
            client.stream("GET", server.url) as held,
            Group() as group,
        ):
            refused = group.start(client.get, server.url)
            until(lambda: clock.waiting and limit.waiting(server.url))
            clock.advance(3)
            until(lambda: refused.done)
            served = group.start(client.get, server.url)
            until(lambda: limit.waiting(server.url))
            held.close()
    assert isinstance(refused.error, BulkheadFullError)
    assert served.error is None
    assert 0 == limit.running(server.url)


def test_a_failed_call_gives_its_place_back() -> None:
    """Whatever it failed of."""
    limit = AdaptiveConcurrency(initial=1, max_queue=0)
    with FaultServer(then=faults.RESET_AT_ONCE) as server:
        with Client(policies=[limit], retry=None) as client:
            for _ in range(3):
                with pytest.raises(TransportError):
                    client.get(server.url)
