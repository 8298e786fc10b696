"""One engine under several event loops: one after another, at once, and closed under its calls."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from typing import TYPE_CHECKING

import anyio
import pytest
import trio

from antiphon._async.engine.engine import AsyncEngine
from antiphon._async.limiter import AsyncLimiter
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.network.clock import now
from antiphon.network.outcome import READY
from tests._async.engine_calls import ask, fetch
from tests.conftest import LOOPS
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, read_request

if TYPE_CHECKING:
    import socket

    from antiphon._async.stream import AsyncResponseStream

BACKENDS = sorted(LOOPS)


def run(backend: str, function: object, *args: object) -> object:
    """Run an async function in a new event loop."""
    name, options = LOOPS[backend]
    return anyio.run(function, *args, backend=name, backend_options=options)  # type: ignore[arg-type]


class Counted:
    """Answers requests, and knows how many connections were open at most, and how many in all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.open = 0
        self.most = 0
        self.total = 0

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        with self._lock:
            self.total += 1
            self.open += 1
            self.most = max(self.most, self.open)
        while read_request(connection)[0]:
            connection.sendall(HELLO)
        with self._lock:
            self.open -= 1


def test_one_after_another() -> None:
    """Loops of every kind in turn use one connection, which none of them owns."""
    server_side = Counted()
    with LoopbackServer(server_side) as server:
        engine = AsyncEngine()
        for backend in [*BACKENDS, *reversed(BACKENDS)] * 3:
            assert b"hello" == run(backend, fetch, engine, server.url)
        assert 1 == engine.pool._plan.open_count
        run("trio", engine.aclose)
    assert 1 == server_side.total


def test_many_at_once() -> None:
    """Six loops in six threads share three connections; calls are cancelled, and all others served."""
    server_side = Counted()
    answers: list[bytes] = []
    errors: list[BaseException] = []
    patient: list[int] = []

    async def call(number: int) -> None:
        rng = random.Random(number)
        for _ in range(15):
            patience = rng.choice((0, 0.002, 20))
            patient.extend([number] * (patience == 20))
            with anyio.move_on_after(patience):
                answers.append(await fetch(engine, server.url, timeout=Timeout(pool=20)))

    async def calls(seed: int) -> None:
        async with anyio.create_task_group() as group:
            for number in range(6):
                group.start_soon(call, seed * 6 + number)

    def work(backend: str, seed: int) -> None:
        try:
            run(backend, calls, seed)
        except BaseException as error:
            errors.append(error)

    with LoopbackServer(server_side) as server:
        engine = AsyncEngine(limits=Limits(max_connections=3))
        threads = [
            threading.Thread(target=work, args=(backend, seed))
            for seed, backend in enumerate(BACKENDS * 2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        plan = engine.pool._plan
        assert [] == errors
        assert 100 < len(patient) <= len(answers)
        assert {b"hello"} == set(answers)
        assert 0 == plan.waiter_count
        assert plan.idle_count == plan.open_count == len(engine.pool._connections) <= 3
        run("asyncio", engine.aclose)


@pytest.mark.parametrize("releasing", BACKENDS)
@pytest.mark.parametrize("waiting", BACKENDS)
def test_a_waiter_is_woken_across_loops(waiting: str, releasing: str) -> None:
    """A connection that is given back in one loop goes to who waits in another, at once."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held: AsyncResponseStream = run(releasing, ask, engine, server.url)  # type: ignore[assignment]
        result: list[object] = []
        thread = threading.Thread(
            target=lambda: result.append(
                run(waiting, lambda: fetch(engine, server.url, timeout=Timeout(pool=None)))
            )
        )
        thread.start()
        while not engine.pool._plan.waiter_count:
            threading.Event().wait(0.001)
        run(releasing, held.read)
        thread.join(10)
        assert [b"hello"] == result
        engine.pool.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_streams_outlive_their_loop(backend: str) -> None:
    """A stream that was opened in one loop is read on in the next."""
    halves = threading.Event()

    def in_halves(connection: socket.socket) -> None:
        connection.sendall(HELLO[:-3])
        assert halves.wait(10)
        connection.sendall(HELLO[-3:])

    with LoopbackServer(Scripted([in_halves])) as server:
        engine = AsyncEngine()
        stream: AsyncResponseStream = run(backend, ask, engine, server.url)  # type: ignore[assignment]
        halves.set()
        assert b"hello" == run("asyncio", stream.read)
        assert b"hello" == run("trio", stream.read)
        engine.pool.close()


def abandon(main: object) -> asyncio.Task[object]:
    """Begin a call in a loop that is closed under it, as a careless host does."""
    loop = asyncio.new_event_loop()

    async def begin() -> asyncio.Task[object]:
        task = asyncio.ensure_future(main)  # type: ignore[call-overload]
        for _ in range(10):
            await asyncio.sleep(0.005)
        task._log_destroy_pending = False
        return task  # type: ignore[no-any-return]

    task = loop.run_until_complete(begin())
    loop.close()
    return task


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_place_in_the_queue_of_a_closed_loop() -> None:
    """A call whose loop was closed while it waited for a connection holds up nobody behind it."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held: AsyncResponseStream = run("trio", ask, engine, server.url)  # type: ignore[assignment]
        dead = [abandon(fetch(engine, server.url)) for _ in range(3)]
        assert 3 == engine.pool._plan.waiter_count
        run("trio", held.read)
        assert b"hello" == run("trio", fetch, engine, server.url)
        dead.clear()
        run("asyncio", anyio.sleep, 0)
        gc.collect()
        plan = engine.pool._plan
        assert (1, 1, 0) == (plan.open_count, plan.idle_count, plan.waiter_count)
        engine.pool.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_place_of_a_limiter_in_a_closed_loop() -> None:
    """The same for a limiter: the place goes to the next, and comes back once."""
    limiter = AsyncLimiter(1)
    assert READY is run("trio", limiter.acquire)
    dead = [abandon(limiter.acquire(now() + 100)) for _ in range(3)]
    limiter.release()
    assert READY is run("trio", limiter.acquire, now() + 5)
    dead.clear()
    run("asyncio", anyio.sleep, 0)
    gc.collect()
    assert READY is not run("trio", limiter.acquire, now() - 1)
    limiter.release()
    assert READY is run("trio", limiter.acquire, now() - 1)


def test_trio_as_a_guest_of_asyncio() -> None:
    """A call in a trio run that is a guest of asyncio, beside calls of its host."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))

        async def guest() -> list[bytes]:
            return [await fetch(engine, server.url) for _ in range(5)]

        async def host() -> None:
            loop = asyncio.get_running_loop()
            ended: asyncio.Future[list[bytes]] = loop.create_future()
            trio.lowlevel.start_guest_run(
                guest,
                run_sync_soon_threadsafe=loop.call_soon_threadsafe,
                done_callback=lambda outcome: ended.set_result(outcome.unwrap()),
                host_uses_signal_set_wakeup_fd=True,
            )
            for _ in range(5):
                assert b"hello" == await fetch(engine, server.url)
            assert [b"hello"] * 5 == await ended

        asyncio.run(host())
        engine.pool.close()
