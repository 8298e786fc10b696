"""Cancel scopes and Task.cancel() at any moment of a call leave the pool as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import threading
import time
from typing import TYPE_CHECKING

import anyio
import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon._async.limiter import AsyncLimiter
from antiphon.models.body_builder import build_body
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from antiphon.network import resolver
from antiphon.network.anyio_loops import running_door
from antiphon.network.outcome import READY
from tests._async.engine_calls import ask, fetch
from tests._async.test_engine_timeouts import full_backlog
from tests.anyio_group import AsyncGroup, until
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer
from tests.servers import over_tls, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 5
LIMITS = Limits(max_connections=SIZE)


def slowly(connection: socket.socket) -> None:
    """Answer each request in its own time, in pieces, so that a call can be anywhere when it ends."""
    rng = random.Random(id(connection))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while read_request(connection)[0]:
        for piece in (HELLO[:9], HELLO[9:40], HELLO[40:-3], HELLO[-3:]):
            time.sleep(rng.choice((0, 0, 0.001)))
            connection.sendall(piece)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@contextlib.contextmanager
def slow_lookups(port: int) -> Iterator[str]:
    """Make names that take a while to resolve to a local port."""
    real = resolver.resolve_now

    def resolve(host: str, _: int) -> list[object]:
        time.sleep(0.001)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    resolver.resolve_now = resolve  # type: ignore[assignment]
    try:
        yield f"//slow.test:{port}/"
    finally:
        resolver.resolve_now = real


async def serves_all_at_once(engine: AsyncEngine, url: str) -> None:
    """Fail unless the pool serves as many at once as it may, and nobody else is left in it."""
    plan = engine.pool._plan
    assert 0 == plan.waiter_count
    assert plan.idle_count == plan.open_count <= SIZE
    streams = [await ask(engine, url, timeout=Timeout(pool=0)) for _ in range(SIZE)]
    assert (SIZE, 0) == (plan.open_count, plan.idle_count)
    assert [b"hello"] * SIZE == [await stream.read() for stream in streams]
    assert plan.idle_count == len(engine.pool._connections) == SIZE
    assert not running_door().waiting


async def storm(engine: AsyncEngine, url: str, cancelled: Callable[[float], object]) -> None:
    """Make some hundreds of calls in 30 tasks, most of which are cancelled after a random time."""
    rng = random.Random(20)
    done = 0

    async def call() -> None:
        nonlocal done
        for _ in range(12):
            body = build_body(content=bytes(rng.choice((0, 10, 3_000_000))))
            method = "PUT" if rng.random() < 0.3 else "GET"
            with cancelled(rng.choice((0, 0.001, 0.005, 0.02, 0.1))):  # type: ignore[attr-defined]
                assert b"hello" == await fetch(
                    engine, url, method, body if method == "PUT" else None
                )
                done += 1

    async with AsyncGroup() as group:
        calls = [group.start(call) for _ in range(30)]
    assert [] == [call.error for call in calls if call.error is not None]
    assert 0 < done < 360


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_cancel_scopes(scheme: str) -> None:
    """A scope that times out anywhere between the name lookup and the end of the body leaks nothing."""
    handler = slowly if scheme == "http" else over_tls(server_context("slow.test"), slowly)
    before = descriptors()
    with LoopbackServer(handler) as server, slow_lookups(server.port) as rest:
        url = f"{scheme}:{rest}"
        engine = AsyncEngine(limits=LIMITS, tls=TLSConfig(ca_file=ca_file()))
        await storm(engine, url, anyio.move_on_after)
        await serves_all_at_once(engine, url)
        await engine.aclose()
    await until(lambda: descriptors() <= before)


@pytest.mark.parametrize("anyio_backend", ["asyncio", ("asyncio", {"use_uvloop": True})])
async def test_task_cancel() -> None:
    """asyncio's own Task.cancel(), twice at times, is as harmless as a cancel scope."""
    rng = random.Random(4)
    before = descriptors()
    with LoopbackServer(slowly) as server:
        engine = AsyncEngine(limits=LIMITS)
        tasks: list[asyncio.Task[bytes]] = []
        for _ in range(300):
            tasks.append(asyncio.create_task(fetch(engine, server.url)))
            if rng.random() < 0.3:
                await asyncio.sleep(rng.choice((0, 0.001)))
            for victim in rng.sample(tasks, min(len(tasks), 2)):
                victim.cancel()
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
        ends = {result if isinstance(result, bytes) else type(result) for result in results}
        assert {b"hello", asyncio.CancelledError} >= ends
        await serves_all_at_once(engine, server.url)
        await engine.aclose()
    await until(lambda: descriptors() <= before)


async def test_while_connecting() -> None:
    """Calls that are cancelled while a host does not answer leave no socket and no place."""
    before = descriptors()
    with full_backlog() as url:
        engine = AsyncEngine(limits=LIMITS)
        for _ in range(3):
            async with AsyncGroup() as group:
                with anyio.move_on_after(0.02):
                    async with anyio.create_task_group() as tasks:
                        for _ in range(20):
                            tasks.start_soon(fetch, engine, url)
                assert not group._tasks.cancel_scope.cancel_called
            assert (0, 0) == (engine.pool._plan.open_count, engine.pool._plan.waiter_count)
        await engine.aclose()
    assert before == descriptors()


async def test_thousands_leave_the_queue() -> None:
    """Waiters leave by thousands, some cancelled and some timed out, and the rest is served."""
    with LoopbackServer(slowly) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held = await ask(engine, server.url)
        async with AsyncGroup() as group:
            kept = [group.start(fetch, engine, server.url) for _ in range(3)]
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as tasks:
                    for _ in range(2000):
                        tasks.start_soon(fetch, engine, server.url)
                    late = [
                        group.start(lambda: fetch(engine, server.url, timeout=Timeout(pool=0.01)))
                        for _ in range(1000)
                    ]
                    await until(lambda: 3003 <= engine.pool._plan.waiter_count)
                    scope.cancel()
            await until(lambda: all(call.done for call in late))
            assert 3 == engine.pool._plan.waiter_count
            await held.read()
        assert [b"hello"] * 3 == [call.result for call in kept]
        assert {"PoolTimeout"} == {type(call.error).__name__ for call in late}
        await engine.aclose()


async def test_granted_and_cancelled_at_once() -> None:
    """A connection granted to a waiter that is cancelled before it wakes goes to the next one."""
    with LoopbackServer(slowly) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        for _ in range(20):
            held = await ask(engine, server.url)
            async with AsyncGroup() as group:
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(fetch, engine, server.url)
                        await until(lambda: 1 == engine.pool._plan.waiter_count)
                        next_one = group.start(fetch, engine, server.url)
                        await until(lambda: 2 == engine.pool._plan.waiter_count)
                        # Without a checkpoint in between: the first is granted and cancelled.
                        await held.aclose()
                        scope.cancel()
            assert b"hello" == next_one.result
        await engine.aclose()


async def test_a_place_granted_and_cancelled_at_once() -> None:
    """The same for a limiter."""
    limiter = AsyncLimiter(1)
    for _ in range(5):
        await limiter.acquire()
        async with AsyncGroup() as group:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(limiter.acquire)
                    await until(lambda: 1 == limiter.waiting)
                    next_one = group.start(limiter.acquire)
                    await until(lambda: 2 == limiter.waiting)
                    limiter.release()
                    scope.cancel()
        assert READY is next_one.result
        limiter.release()
    assert [None] == limiter._line._places


async def test_while_a_stream_is_read() -> None:
    """Cancelling a reader closes the connection of its stream, and only that."""
    proceed = threading.Event()

    def half(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HELLO[:-2])
        proceed.wait(10)

    with LoopbackServer(half) as server:
        engine = AsyncEngine(limits=LIMITS)
        streams = [await ask(engine, server.url) for _ in range(SIZE)]
        with anyio.move_on_after(0.02) as scope:
            await streams[0].read()
        assert scope.cancelled_caught
        assert SIZE - 1 == engine.pool._plan.open_count
        with pytest.raises(Exception, match="closed"):
            async for _ in streams[0].iter_raw():
                pass
        proceed.set()
        for stream in streams:
            await stream.aclose()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
