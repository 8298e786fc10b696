# GENERATED from _async/test_pool_corners.py by tools/unasync.py. Do not edit.
"""The pool where two things happen at once: closing, dying, forking, and being interrupted."""

from __future__ import annotations

import threading
import weakref

import pytest

from antiphon._sync.engine import pool as pools
from antiphon._sync.engine.engine import Engine
from antiphon.errors import AntiphonError, ClientClosedError
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.network import resolver
from antiphon.policies.patience import Patience
from antiphon.policies.pool_plan import PoolPlan
from antiphon.testing import FakeClock
from tests._sync.engine_calls import ask, fetch
from tests._sync.test_engine_events import Notes
from tests.thread_group import Group, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted

CLOSING = HELLO.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def test_a_closed_engine_opens_nothing() -> None:
    """A closed engine refuses calls and warming up alike."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine()
        engine.close()
        engine.close()
        with pytest.raises(ClientClosedError, match="make a new one"):
            fetch(engine, server.url)
        with pytest.raises(ClientClosedError, match="make a new one"):
            engine.warm_up([URL(server.url)])


def test_closed_while_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is made while its client is closed is closed too."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine()
        real = resolver.resolve_now

        def close_meanwhile(host: str, port: int) -> list[resolver.Address]:
            engine.pool.close()
            return real(host, port)

        monkeypatch.setattr(resolver, "resolve_now", close_meanwhile)
        with pytest.raises(ClientClosedError, match="while this call was connecting"):
            fetch(engine, f"http://localhost:{server.port}/")
        assert (0, set()) == (engine.pool._plan.open_count, engine.pool._connections)


@pytest.mark.parametrize("change", ["join", "take_permit", "put_idle"])
def test_released_in_the_midst_of_a_change(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A finaliser that gives a good connection back while the pool changes serves who waits."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_connections=2))
        request = Request("GET", URL(server.url))
        assert 2 == engine.warm_up([request.url, request.url])
        patience = Patience(request, DEFAULT)
        held = [engine.pool.acquire(request.url.origin, patience) for _ in range(2)]
        real = getattr(PoolPlan, change)

        def interrupted(*args: object, **kwargs: object) -> object:
            result = real(*args, **kwargs)
            if held and (connection := held.pop()) is not None:
                engine.pool.release(connection)
            return result

        monkeypatch.setattr(PoolPlan, change, interrupted)
        if change == "put_idle":
            connection = held.pop()
            assert connection is not None
            engine.pool.release(connection)
        assert b"hello" == fetch(engine, server.url)
        assert len(held) < 2
        for connection in held:
            assert connection is not None
            engine.pool.release(connection)
        plan = engine.pool._plan
        assert (2, 2, 0) == (plan.open_count, plan.idle_count, plan.waiter_count)
        engine.close()


def test_another_thread_closes_faster() -> None:
    """What two threads are about to close is closed by one of them."""

    class Raced(list):  # type: ignore[type-arg]
        """Is found empty by who thought that there was something in it."""

        def __bool__(self) -> bool:
            return not self.asked

        asked = False

        def pop(self, *_: object) -> object:
            self.asked = True
            raise IndexError

    engine = Engine()
    engine.pool._plan.doomed = Raced()
    engine.pool._settle()
    assert engine.pool._plan.doomed.asked  # type: ignore[attr-defined]


def test_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a forked child everything open is closed, and what is given back later counts for nothing."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_connections=3))
        streams = [ask(engine, server.url) for _ in range(3)]
        assert b"hello" == streams.pop().read()
        idle = next(engine.pool._plan.idle())
        monkeypatch.setattr(pools, "_pools", weakref.WeakSet([engine.pool]))
        pools._reset_pools()
        assert "0 open, 0 idle, 0 waiting" in repr(engine)
        assert -1 == idle.channel.sock.fileno()
        try:
            assert b"hello" == streams[0].read()  # if it had come before the fork
        except AntiphonError:
            pass
        streams[1].close()
        engine.pool.discard(idle, "as one would without a fork")
        assert "0 open, 0 idle, 0 waiting" in repr(engine)
        assert b"hello" == fetch(engine, server.url)
        assert "1 open, 1 idle, 0 waiting" in repr(engine)
        engine.close()


def test_a_connection_says_where_it_goes() -> None:
    """A connection's repr names its origin, and whether it has served before."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        (connection,) = engine.pool._connections
        assert repr(connection).endswith(f"Connection to {server.url}>")
        stream.read()
        assert repr(connection).endswith(f"Connection to {server.url}, used>")
        engine.close()


def test_sent_again_in_a_place_that_became_free() -> None:
    """A resent request waits in turn, and may find its turn to be a place without a connection."""
    proceed = threading.Event()

    def die_later(connection) -> None:  # type: ignore[no-untyped-def]
        assert proceed.wait(10)

    script = Scripted([HELLO, die_later], [CLOSING], [HELLO])
    notes = Notes()
    with LoopbackServer(script) as server:
        engine = Engine(limits=Limits(max_connections=1))
        fetch(engine, server.url)
        with Group() as group:
            first = group.start(lambda: ask(engine, server.url, observer=notes))
            until(lambda: 2 == len(script.requests))
            second = group.start(fetch, engine, server.url)
            until(lambda: 1 == engine.pool._plan.waiter_count)
            proceed.set()
        assert b"hello" == second.result
        assert b"hello" == first.result.read()  # type: ignore[attr-defined]
        assert [True, False] == [
            event[3] for event in notes.events if event[0] == "connection_acquired"
        ]
        engine.close()
    assert 3 == script.opened


def test_closed_early_over_a_body_that_is_wrong() -> None:
    """What is wrong with the rest of a body that nobody reads closes the connection, no more."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with LoopbackServer(answering(head + b"5\r\nhello\r\nno chunk size\r\n")) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        stream.close()
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_swept_connections_are_closed_at_once() -> None:
    """Idle connections to another origin whose time is up are closed when one is put down."""
    with (
        LoopbackServer(answering(HELLO)) as one,
        LoopbackServer(answering(HELLO)) as other,
        FakeClock() as time,
    ):
        engine = Engine(limits=Limits(idle_timeout=10))
        fetch(engine, one.url)
        old = next(engine.pool._plan.idle())
        for _ in range(5):
            time.advance(6)
            fetch(engine, other.url)
        assert -1 == old.channel.sock.fileno()
        assert 1 == engine.pool._plan.open_count == len(engine.pool._connections)
        engine.close()
