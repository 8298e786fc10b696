# Source of _sync/test_engine_pool.py; after editing run: tox -e codegen
"""Who gets a connection, in which order, and what happens to those that are idle."""

from __future__ import annotations

import threading

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import ClientClosedError, ConnectError, PoolTimeout, RemoteProtocolError
from antiphon.models.body_builder import build_body
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.models.url import URL
from antiphon.testing import FakeClock
from tests._async.engine_calls import ask, fetch
from tests.anyio_group import AsyncGroup, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, reset


async def test_total_limit_and_order() -> None:
    """Beyond the limit callers wait, and are served in the order in which they came."""
    order: list[int] = []

    async def call(number: int) -> None:
        await fetch(engine, server.url)
        order.append(number)

    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held = await ask(engine, server.url)
        async with AsyncGroup() as group:
            for number in range(5):
                group.start(call, number)
                await until(lambda: number + 1 == engine.pool._plan.waiter_count)  # noqa: B023
            await held.aclose()
        await engine.aclose()
    assert [0, 1, 2, 3, 4] == order


async def test_pool_timeout() -> None:
    """A caller that gets no connection within the pool time is told so, and nothing is sent."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held = await ask(engine, server.url)
        with pytest.raises(PoolTimeout, match=r"pool=0\.01 s") as caught:
            await fetch(engine, server.url, timeout=Timeout(pool=0.01))
        assert "no" == caught.value.sent
        assert 0 == engine.pool._plan.waiter_count
        await held.aclose()
        assert b"hello" == await fetch(engine, server.url)
        await engine.aclose()


async def test_per_origin_limit_holds_up_nobody_else() -> None:
    """Callers that wait for one origin do not hold up those that want another."""
    with LoopbackServer(answering(HELLO)) as one, LoopbackServer(answering(HELLO)) as other:
        engine = AsyncEngine(limits=Limits(max_connections_per_origin=1))
        held = await ask(engine, one.url)
        async with AsyncGroup() as group:
            waiting = group.start(fetch, engine, one.url)
            await until(lambda: 1 == engine.pool._plan.waiter_count)
            assert b"hello" == await fetch(engine, other.url)
            assert not waiting.done
            await held.aclose()
        assert b"hello" == waiting.result
        await engine.aclose()


async def test_idle_connections_make_room() -> None:
    """At the total limit an idle connection to another origin is closed to make room."""
    with LoopbackServer(answering(HELLO)) as one, LoopbackServer(answering(HELLO)) as other:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        await fetch(engine, one.url)
        await fetch(engine, other.url)
        assert (1, 1) == (engine.pool._plan.open_count, engine.pool._plan.idle_count)
        await engine.aclose()


async def test_idle_limit() -> None:
    """No more connections are kept idle than the limit says."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_idle_connections=2))
        streams = [await ask(engine, server.url) for _ in range(4)]
        for stream in streams:
            await stream.read()
        assert (2, 2) == (engine.pool._plan.open_count, engine.pool._plan.idle_count)
        await engine.aclose()


async def test_idle_connections_expire() -> None:
    """A connection that was idle for longer than the limit is not used again."""
    script = Scripted([HELLO, HELLO], [HELLO])
    with LoopbackServer(script) as server, FakeClock() as time:
        engine = AsyncEngine(limits=Limits(idle_timeout=10))
        await fetch(engine, server.url)
        time.advance(9)
        await fetch(engine, server.url)
        assert 1 == script.opened
        time.advance(11)
        await fetch(engine, server.url)
        await engine.aclose()
    assert 2 == script.opened


async def test_dead_idle_connection_is_noticed() -> None:
    """A connection that the server closed while it was idle is replaced before anything is sent."""
    script = Scripted([HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        await fetch(engine, server.url, "POST")
        connection = next(engine.pool._plan.idle())
        await until(lambda: not connection.channel.is_quiet())
        assert b"hello" == await fetch(engine, server.url, "POST")
        await engine.aclose()
    assert 2 == script.opened


@pytest.mark.parametrize("death", [None, reset], ids=["closed", "reset"])
async def test_stale_connection_is_replaced_for_get(death: object) -> None:
    """GET is sent again, once, when a reused connection dies after it was read, unanswered."""
    script = Scripted([HELLO, death], [HELLO])  # type: ignore[list-item]
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        await fetch(engine, server.url)
        stream = await ask(engine, server.url)
        assert b"hello" == await stream.read()
        assert stream.timeline is not None
        assert stream.timeline.resent
        await engine.aclose()
    assert [0, 0, 1] == [number for number, _, _ in script.requests]


async def test_stale_connection_is_replaced_once_only() -> None:
    """If the fresh connection dies as well, the error is raised."""
    script = Scripted([HELLO, None], [None])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        await fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending"):
            await fetch(engine, server.url)
        await engine.aclose()
    assert 3 == len(script.requests)


async def test_stale_connection_is_never_replaced_for_post() -> None:
    """POST is not sent again: the server may have acted on it."""
    script = Scripted([HELLO, None])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        await fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending") as caught:
            await fetch(engine, server.url, "POST")
        assert "maybe" == caught.value.sent
        await engine.aclose()
    assert 2 == len(script.requests)


async def test_stale_connection_is_not_replaced_for_a_stream() -> None:
    """A PUT whose body can be read only once is not sent again."""

    def read_all(connection) -> None:  # type: ignore[no-untyped-def]
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65_536)

    script = Scripted([HELLO, read_all], [HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        await fetch(engine, server.url)
        with pytest.raises(RemoteProtocolError, match="closed without sending"):
            await fetch(engine, server.url, "PUT", build_body(content=iter([b"once"])))
        await engine.aclose()
    assert 2 == len(script.requests)


async def test_fresh_connection_waits_for_its_place() -> None:
    """A resent request keeps to the limits, even when its place went to someone who waited."""
    proceed = threading.Event()

    def die_later(connection) -> None:  # type: ignore[no-untyped-def]
        assert proceed.wait(10)

    script = Scripted([HELLO, die_later], [HELLO, HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        await fetch(engine, server.url)
        async with AsyncGroup() as group:
            first = group.start(fetch, engine, server.url)
            await until(lambda: 2 == len(script.requests))
            second = group.start(fetch, engine, server.url)
            await until(lambda: 1 == engine.pool._plan.waiter_count)
            proceed.set()
        assert (b"hello", b"hello") == (first.result, second.result)
        assert 1 == engine.pool._plan.open_count
        await engine.aclose()


async def test_refused_connection_frees_its_place() -> None:
    """A connection that could not be opened is a ConnectError, and its place is free again."""
    with LoopbackServer(answering(HELLO)) as server:
        refused = server.url
    engine = AsyncEngine(limits=Limits(max_connections=1))
    for _ in range(3):
        with pytest.raises(ConnectError, match="refused") as caught:
            await fetch(engine, refused)
        assert "no" == caught.value.sent
        assert isinstance(caught.value, ConnectionError)
    assert 0 == engine.pool._plan.open_count
    await engine.aclose()


async def test_warm_up() -> None:
    """`warm_up` opens connections ahead of use, within the limits."""
    script = Scripted([HELLO], [HELLO], [HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine(limits=Limits(max_connections=2))
        assert 2 == await engine.warm_up([URL(server.url)] * 3)
        await until(lambda: 2 == script.opened)
        assert b"hello" == await fetch(engine, server.url)
        await engine.aclose()
    assert 2 == script.opened


async def test_closing_ends_calls_in_flight() -> None:
    """Closing the engine ends what runs and what waits, with an error that says so."""
    script = Scripted([lambda connection: connection.recv(1)])
    with LoopbackServer(script) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        async with AsyncGroup() as group:
            running = group.start(fetch, engine, server.url)
            await until(lambda: 1 == len(script.requests))
            waiting = group.start(fetch, engine, server.url)
            await until(lambda: 1 == engine.pool._plan.waiter_count)
            await engine.aclose()
        with pytest.raises(ClientClosedError):
            await fetch(engine, server.url)
    assert isinstance(running.error, ClientClosedError)
    assert isinstance(waiting.error, ClientClosedError)
    assert 0 == engine.pool._plan.open_count


async def test_connection_released_after_closing_is_closed() -> None:
    """A stream that outlives its client still reads what has come, and keeps no connection."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url)
        await engine.aclose()
        await stream.aclose()
        assert 0 == engine.pool._plan.open_count
