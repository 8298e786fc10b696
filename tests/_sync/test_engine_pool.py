# GENERATED from _async/test_engine_pool.py by tools/unasync.py. Do not edit.
"""Who gets a connection, in which order, and what happens to those that are idle."""

from __future__ import annotations

import threading

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.errors import ClientClosedError, ConnectError, PoolTimeout, RemoteProtocolError
from antiphon.models.body_builder import build_body
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.models.url import URL
from antiphon.testing import FakeClock
from tests._sync.engine_calls import ask, fetch
from tests.thread_group import Group, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, reset


def test_total_limit_and_order() -> None:
    """Beyond the limit callers wait, and are served in the order in which they came."""
    order: list[int] = []

    def call(number: int) -> None:
        fetch(engine, server.url)
        order.append(number)

    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_connections=1))
        held = ask(engine, server.url)
        with Group() as group:
            for number in range(5):
                group.start(call, number)
                until(lambda: number + 1 == engine.pool._plan.waiter_count)  # noqa: B023
            held.close()
        engine.close()
    assert [0, 1, 2, 3, 4] == order


def test_pool_timeout() -> None:
    """A caller that gets no connection within the pool time is told so, and nothing is sent."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_connections=1))
        held = ask(engine, server.url)
        with pytest.raises(PoolTimeout, match=r"pool=0\.01 s") as caught:
            fetch(engine, server.url, timeout=Timeout(pool=0.01))
        assert "no" == caught.value.sent
        assert 0 == engine.pool._plan.waiter_count
        held.close()
        assert b"hello" == fetch(engine, server.url)
        engine.close()


def test_per_origin_limit_holds_up_nobody_else() -> None:
    """Callers that wait for one origin do not hold up those that want another."""
    with LoopbackServer(answering(HELLO)) as one, LoopbackServer(answering(HELLO)) as other:
        engine = Engine(limits=Limits(max_connections_per_origin=1))
        held = ask(engine, one.url)
        with Group() as group:
            waiting = group.start(fetch, engine, one.url)
            until(lambda: 1 == engine.pool._plan.waiter_count)
            assert b"hello" == fetch(engine, other.url)
            assert not waiting.done
            held.close()
        assert b"hello" == waiting.result
        engine.close()


def test_idle_connections_make_room() -> None:
    """At the total limit an idle connection to another origin is closed to make room."""
    with LoopbackServer(answering(HELLO)) as one, LoopbackServer(answering(HELLO)) as other:
        engine = Engine(limits=Limits(max_connections=1))
        fetch(engine, one.url)
        fetch(engine, other.url)
        assert (1, 1) == (engine.pool._plan.open_count, engine.pool._plan.idle_count)
        engine.close()


def test_idle_limit() -> None:
    """No more connections are kept idle than the limit says."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_idle_connections=2))
        streams = [ask(engine, server.url) for _ in range(4)]
        for stream in streams:
            stream.read()
        assert (2, 2) == (engine.pool._plan.open_count, engine.pool._plan.idle_count)
        engine.close()


def test_idle_connections_expire() -> None:
    """A connection that was idle for longer than the limit is not used again."""
    script = Scripted([HELLO, HELLO], [HELLO])
    with LoopbackServer(script) as server, FakeClock() as time:
        engine = Engine(limits=Limits(idle_timeout=10))
        fetch(engine, server.url)
        time.advance(9)
        fetch(engine, server.url)
        assert 1 == script.opened
        time.advance(11)
        fetch(engine, server.url)
        engine.close()
    assert 2 == script.opened


def test_dead_idle_connection_is_noticed() -> None:
    """A connection that the server closed while it was idle is replaced before anything is sent."""
    script = Scripted([HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url, "POST")
        connection = next(engine.pool._plan.idle())
        until(lambda: not connection.channel.is_quiet())
        assert b"hello" == fetch(engine, server.url, "POST")
        engine.close()
    assert 2 == script.opened


@pytest.mark.parametrize("death", [None, reset], ids=["closed", "reset"])
def test_stale_connection_is_replaced_for_get(death: object) -> None:
    """GET is sent again, once, when a reused connection dies after it was read, unanswered."""
    script = Scripted([HELLO, death], [HELLO])  # type: ignore[list-item]
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url)
        stream = ask(engine, server.url)
        assert b"hello" == stream.read()
        assert stream.timeline is not None
        assert stream.timeline.resent
        engine.close()
    assert [0, 0, 1] == [number for number, _, _ in script.requests]


def test_stale_connection_is_replaced_once_only() -> None:
    """If the fresh connection dies as well, the error is raised."""
    script = Scripted([HELLO, None], [None])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending"):
            fetch(engine, server.url)
        engine.close()
    assert 3 == len(script.requests)


def test_stale_connection_is_never_replaced_for_post() -> None:
    """POST is not sent again: the server may have acted on it."""
    script = Scripted([HELLO, None])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending") as caught:
            fetch(engine, server.url, "POST")
        assert "maybe" == caught.value.sent
        engine.close()
    assert 2 == len(script.requests)


def test_stale_connection_is_not_replaced_for_a_stream() -> None:
    """A PUT whose body can be read only once is not sent again."""

    def read_all(connection) -> None:  # type: ignore[no-untyped-def]
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65_536)

    script = Scripted([HELLO, read_all], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending"):
            fetch(engine, server.url, "PUT", build_body(content=iter([b"once"])))
        engine.close()
    assert 2 == len(script.requests)


def test_fresh_connection_waits_for_its_place() -> None:
    """A resent request keeps to the limits, even when its place went to someone who waited."""
    proceed = threading.Event()

    def die_later(connection) -> None:  # type: ignore[no-untyped-def]
        assert proceed.wait(10)

    script = Scripted([HELLO, die_later], [HELLO, HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine(limits=Limits(max_connections=1))
        fetch(engine, server.url)
        with Group() as group:
            first = group.start(fetch, engine, server.url)
            until(lambda: 2 == len(script.requests))
            second = group.start(fetch, engine, server.url)
            until(lambda: 1 == engine.pool._plan.waiter_count)
            proceed.set()
        assert (b"hello", b"hello") == (first.result, second.result)
        assert 1 == engine.pool._plan.open_count
        engine.close()


def test_refused_connection_frees_its_place() -> None:
    """A connection that could not be opened is a ConnectError, and its place is free again."""
    with LoopbackServer(answering(HELLO)) as server:
        refused = server.url
    engine = Engine(limits=Limits(max_connections=1))
    for _ in range(3):
        with pytest.raises(ConnectError, match="refused") as caught:
            fetch(engine, refused)
        assert "no" == caught.value.sent
        assert isinstance(caught.value, ConnectionError)
    assert 0 == engine.pool._plan.open_count
    engine.close()


def test_warm_up() -> None:
    """`warm_up` opens connections ahead of use, within the limits."""
    script = Scripted([HELLO], [HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine(limits=Limits(max_connections=2))
        assert 2 == engine.warm_up([URL(server.url)] * 3)
        until(lambda: 2 == script.opened)
        assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 2 == script.opened


def test_closing_ends_calls_in_flight() -> None:
    """Closing the engine ends what runs and what waits, with an error that says so."""
    script = Scripted([lambda connection: connection.recv(1)])
    with LoopbackServer(script) as server:
        engine = Engine(limits=Limits(max_connections=1))
        with Group() as group:
            running = group.start(fetch, engine, server.url)
            until(lambda: 1 == len(script.requests))
            waiting = group.start(fetch, engine, server.url)
            until(lambda: 1 == engine.pool._plan.waiter_count)
            engine.close()
        with pytest.raises(ClientClosedError):
            fetch(engine, server.url)
    assert isinstance(running.error, ClientClosedError)
    assert isinstance(waiting.error, ClientClosedError)
    assert 0 == engine.pool._plan.open_count


def test_connection_released_after_closing_is_closed() -> None:
    """A stream that outlives its client still reads what has come, and keeps no connection."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        engine.close()
        stream.close()
        assert 0 == engine.pool._plan.open_count
