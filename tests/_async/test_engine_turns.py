# Source of _sync/test_engine_turns.py; after editing run: tox -e codegen
"""Who waits keeps its turn, and what the engine itself did never passes for the peer's doing."""

from __future__ import annotations

import socket
import threading

import pytest

from antiphon._async.engine.connection import AsyncConnection
from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import ClientClosedError
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from tests._async.engine_calls import ask, fetch
from tests.anyio_group import AsyncGroup, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, until_closed


async def test_a_dead_connection_costs_nobody_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is granted a connection that died idle opens another in its place, not at the end."""
    order: list[int] = []
    most = 0

    async def call(number: int) -> None:
        nonlocal most
        stream = await ask(engine, server.url)
        most = max(most, engine.pool._plan.open_count)
        await stream.read()
        order.append(number)

    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held = await ask(engine, server.url)
        monkeypatch.setattr(AsyncConnection, "is_reusable", lambda _: False)
        async with AsyncGroup() as group:
            for number in range(6):
                group.start(call, number)
                await until(lambda: number + 1 == engine.pool._plan.waiter_count)  # noqa: B023
            await held.read()
        assert len(engine.pool._connections) == engine.pool._plan.open_count
        await engine.aclose()
    assert list(range(6)) == order
    assert 1 == most


async def test_a_live_connection_is_taken_before_a_new_one_is_opened() -> None:
    """Behind an idle connection that died another one may live; the dead one's place is free."""
    scripts = Scripted([HELLO, HELLO], [HELLO])
    with LoopbackServer(scripts) as server:
        engine = AsyncEngine()
        streams = [await ask(engine, server.url) for _ in range(2)]
        for stream in streams:
            await stream.read()
        idle = list(engine.pool._plan.idle())
        await until(lambda: not idle[1].channel.is_quiet())
        assert b"hello" == await fetch(engine, server.url)
        assert 1 == engine.pool._plan.open_count == len(engine.pool._connections)
        await engine.aclose()
    assert 2 == scripts.opened


async def test_all_are_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no idle connection lives, all of them are closed and one is opened."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine()
        streams = [await ask(engine, server.url) for _ in range(3)]
        for stream in streams:
            await stream.read()
        socks = [connection.channel.sock for connection in engine.pool._plan.idle()]
        monkeypatch.setattr(AsyncConnection, "is_reusable", lambda _: False)
        stream = await ask(engine, server.url)
        assert [-1, -1, -1] == [sock.fileno() for sock in socks]
        assert (1, 0) == (engine.pool._plan.open_count, engine.pool._plan.idle_count)
        await stream.read()
        await engine.aclose()


async def test_closing_the_client_does_not_end_a_body() -> None:
    """A body that runs until the close is cut, not complete, if it is the client that closes."""
    with LoopbackServer(answering(b"HTTP/1.1 200 OK\r\n\r\nthe first half")) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url)
        pieces = stream.iter_raw()
        async for piece in pieces:
            assert b"the first half" == piece
            break
        await engine.aclose()
        with pytest.raises(ClientClosedError, match="while this call was running"):
            async for _ in pieces:
                pass
        assert 0 == engine.pool._plan.open_count


async def test_closing_while_more_is_expected() -> None:
    """The same while more is waited for, from another thread."""

    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        until_closed(connection)

    with LoopbackServer(Scripted([half])) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url)
        async with AsyncGroup() as group:
            call = group.start(stream.read)
            timer = threading.Timer(0.02, engine.pool.close)
            timer.start()
        assert isinstance(call.error, ClientClosedError)
        timer.join()


async def test_limits_of_a_thousand_years() -> None:
    """A time limit of any length may be given; none of them is too long for the system."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine()
        for seconds in (3e6, 3e10, 1e300):
            assert b"hello" == await fetch(
                engine, server.url, timeout=Timeout(seconds), total=seconds
            )
        await engine.aclose()
