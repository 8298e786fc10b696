# GENERATED from _async/test_fake_clock.py by tools/unasync.py. Do not edit.
"""A clock that stands still until it is told to move, under waits of every kind."""

from __future__ import annotations

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.errors import ConnectTimeout, DeadlineExceeded, PoolTimeout, ReadTimeout
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from antiphon.network import clock
from antiphon.testing import FakeClock
from tests._sync.engine_calls import ask, fetch
from tests._sync.test_engine_timeouts import full_backlog
from tests.thread_group import Group, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, until_closed


def test_read_timeout() -> None:
    """The wait for a response ends when the fake time is up, and a response in time is read."""
    script = Scripted([until_closed], [HELLO])
    with LoopbackServer(script) as server, FakeClock() as time:
        engine = Engine()
        with Group() as group:
            call = group.start(fetch, engine, server.url)
            until(lambda: script.requests and time.waiting)
            time.advance(29.9)
            assert 1 == time.waiting
            time.advance(0.1)
        assert isinstance(call.error, ReadTimeout)
        assert b"hello" == fetch(engine, server.url)
        assert 0 == time.waiting
        engine.close()


def test_pool_timeout() -> None:
    """The wait for a connection ends when the fake time is up."""
    with LoopbackServer(answering(HELLO)) as server, FakeClock() as time:
        engine = Engine(limits=Limits(max_connections=1))
        held = ask(engine, server.url)
        with Group() as group:
            call = group.start(fetch, engine, server.url)
            until(lambda: time.waiting)
            time.advance(5)
        assert isinstance(call.error, PoolTimeout)
        held.close()
        engine.close()


def test_connect_timeout() -> None:
    """The wait for a connection to be made ends when the fake time is up, and by a token."""
    with full_backlog() as url, FakeClock() as time:
        engine = Engine()
        with Group() as group:
            call = group.start(fetch, engine, url)
            until(lambda: time.waiting)
            time.advance(5)
        assert isinstance(call.error, ConnectTimeout)
        token = CancelToken()
        with Group() as group:
            call = group.start(lambda: fetch(engine, url, cancel=token))
            until(lambda: (time.waiting and token._wakers) or token._descriptor)
            token.cancel("enough")
        assert "enough" in str(call.error)
        assert 0 == time.waiting
        engine.close()


def test_deadline() -> None:
    """A deadline on the fake time ends the call, in a handshake as elsewhere."""
    with LoopbackServer(until_closed) as server, FakeClock(1000.0) as time:
        engine = Engine()
        url = server.url.replace("http:", "https:")
        with Group() as group:
            call = group.start(lambda: fetch(engine, url, total=2))
            until(lambda: time.waiting)
            time.advance(2)
        assert isinstance(call.error, DeadlineExceeded)
        engine.close()


def test_real_time_passes_for_nobody() -> None:
    """While a fake is installed no wait ends by the real time, and the former clock comes back."""
    before = clock.replacement()
    with FakeClock(7.0) as outer:
        assert 7.0 == clock.now()
        with FakeClock(9.0) as inner:
            inner.advance(1)
            assert 10.0 == clock.now()
        assert outer is clock.replacement()
        assert 7.0 == clock.now()
    assert before is clock.replacement() is None
    with pytest.raises(ValueError, match="backwards"):
        outer.advance(-1)
