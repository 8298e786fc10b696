# Source of _sync/test_forgotten_streams.py; after editing run: tox -e codegen
"""A stream that nobody closes gives its place back when it is collected, wherever that happens."""

from __future__ import annotations

import gc
import threading
import warnings
from typing import TYPE_CHECKING

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import ClientClosedError
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.policies.pool_plan import PoolPlan
from tests._async.engine_calls import ask, fetch
from tests.anyio_group import AsyncGroup, until
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, until_closed

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nfor ever and ever"


class Holder:
    """Holds a stream in a cycle, so that only the garbage collector can free it."""

    def __init__(self, stream: AsyncResponseStream) -> None:
        self.stream = stream
        self.itself = self


def collect() -> None:
    """Run the garbage collector, and expect the warning of a forgotten stream from it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def collect_in_thread() -> None:
    """Run the garbage collector in another thread."""
    thread = threading.Thread(target=gc.collect)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        thread.start()
        thread.join()


async def test_warning_and_place() -> None:
    """A stream that is dropped warns of itself, its connection is closed and its place is free."""
    with LoopbackServer(answering(ENDLESS)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        stream = await ask(engine, server.url)
        sock = stream._source._connection.channel.sock  # type: ignore[attr-defined]
        with pytest.warns(ResourceWarning, match="200 GET .* was never closed"):
            del stream
        assert -1 == sock.fileno()
        assert (0, set()) == (engine.pool._plan.open_count, engine.pool._connections)
        await (await ask(engine, server.url)).aclose()
        await engine.aclose()


async def test_read_streams_warn_of_nothing() -> None:
    """A stream that was read to its end, or closed, is dropped without a word."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url)
        async for _ in stream.iter_raw():
            pass
        closed = await ask(engine, server.url)
        await closed.aclose()
        del stream, closed
        gc.collect()
        assert 1 == engine.pool._plan.open_count
        await engine.aclose()


@pytest.mark.parametrize("collector", [collect, collect_in_thread])
async def test_a_waiter_is_served(collector: Callable[[], None]) -> None:
    """Who waits for a connection gets the place of a stream that the collector frees."""
    with LoopbackServer(Scripted([ENDLESS], [HELLO])) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        holder = Holder(await ask(engine, server.url))
        async with AsyncGroup() as group:
            call = group.start(fetch, engine, server.url)
            await until(lambda: 1 == engine.pool._plan.waiter_count)
            del holder
            collector()
        assert b"hello" == call.result
        await engine.aclose()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("change", ["join", "take_permit", "take_idle"])
async def test_in_the_midst_of_a_change(
    monkeypatch: pytest.MonkeyPatch, change: str, moment: str
) -> None:
    """A collector that interrupts a change of the pool, in its own thread, waits for no lock.

    The caller whom it interrupts is served by what it frees: nobody else may come for a long time.
    """
    with LoopbackServer(Scripted([ENDLESS], [HELLO])) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        streams = [await ask(engine, server.url)]
        real = getattr(PoolPlan, change)

        def forget() -> None:
            if streams:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ResourceWarning)
                    streams.clear()
                assert 1 == engine.pool._plan.open_count  # it is seen to afterwards

        def interrupted(*args: object, **kwargs: object) -> object:
            if moment == "before":
                forget()
            result = real(*args, **kwargs)
            forget()
            return result

        monkeypatch.setattr(PoolPlan, change, interrupted)
        assert b"hello" == await fetch(engine, server.url, timeout=Timeout(pool=None))
        assert 1 == engine.pool._plan.open_count
        await engine.aclose()


async def test_closed_in_the_midst_of_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is forgotten, and closed by the collector just then, sends home who waits."""
    with LoopbackServer(Scripted([until_closed, HELLO])) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        async with AsyncGroup() as group:
            running = group.start(fetch, engine, server.url)
            await until(lambda: running.done or 1 == len(engine.pool._connections))
            real = PoolPlan.join

            def interrupted(*args: object) -> None:
                real(*args)  # type: ignore[arg-type]
                engine.pool.close()

            monkeypatch.setattr(PoolPlan, "join", interrupted)
            with pytest.raises(ClientClosedError, match="while this call waited"):
                await fetch(engine, server.url)
        assert isinstance(running.error, ClientClosedError)
        assert 0 == engine.pool._plan.open_count


async def test_many_at_once() -> None:
    """Fifty forgotten streams leave fifty places, and wake everybody who can be served."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=50))
        held = [Holder(await ask(engine, server.url)) for _ in range(50)]
        async with AsyncGroup() as group:
            calls = [group.start(fetch, engine, server.url) for _ in range(10)]
            await until(lambda: 10 == engine.pool._plan.waiter_count)
            held.clear()
            collect()
        assert [b"hello"] * 10 == [call.result for call in calls]
        plan = engine.pool._plan
        assert plan.idle_count == plan.open_count == len(engine.pool._connections) <= 10
        await engine.aclose()
