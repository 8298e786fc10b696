"""One engine under 32 threads that use it, misuse it, give up and forget."""

from __future__ import annotations

import gc
import random
import socket
import threading
import time
import warnings
from typing import TYPE_CHECKING

from antiphon._sync.engine.engine import Engine
from antiphon.errors import PoolTimeout, ReadTimeout, RequestCancelled, TransportError
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from tests._sync.engine_calls import ask, fetch
from tests.loopback import LoopbackServer
from tests.servers import read_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._sync.stream import ResponseStream

THREADS = 32
PER_ORIGIN = 4
TOTAL = 6


class Echo:
    """Answers with the path that was asked for; knows how many asked at the same time at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.asking = 0
        self.most = 0

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while head := read_request(connection)[0]:
            with self._lock:
                self.asking += 1
                self.most = max(self.most, self.asking)
            path = head.split(b" ", 2)[1]
            if b"slow" in path:
                time.sleep(0.01)
            with self._lock:
                self.asking -= 1
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(path) + path)


def in_threads(function: Callable[[int], object]) -> None:
    """Call `function(number)` in 32 threads; raise what one of them raised."""
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def at_rest(engine: Engine) -> None:
    """Fail unless every connection of the engine is idle, and nobody waits for one."""
    plan = engine.pool._plan
    assert (0, plan.open_count) == (plan.waiter_count, plan.idle_count)
    assert plan.open_count == len(engine.pool._connections)


def test_everybody_gets_their_own_answer() -> None:
    """Thousands of calls to two origins: no answer is another's, no limit is ever passed."""
    one, other = Echo(), Echo()
    with LoopbackServer(one) as first, LoopbackServer(other) as second:
        engine = Engine(limits=Limits(max_connections=TOTAL, max_connections_per_origin=PER_ORIGIN))

        def call(number: int) -> None:
            for turn in range(40):
                url = (first if (number + turn) % 3 else second).url
                path = f"/{'quick' if turn % 10 else 'slow'}/{number}/{turn}"
                assert path.encode() == fetch(engine, url + path, timeout=Timeout(pool=20))

        in_threads(call)
        at_rest(engine)
        assert engine.pool._plan.open_count <= TOTAL
        engine.close()
    assert 1 < one.most <= PER_ORIGIN
    assert 1 < other.most <= PER_ORIGIN


def test_some_give_up() -> None:
    """Calls that time out, are cancelled, closed early or forgotten leave every place free."""
    echo = Echo()
    outcomes: set[object] = set()

    def call(number: int) -> None:
        rng = random.Random(number)
        for turn in range(15):
            path = f"/{rng.choice(('slow', 'quick'))}/{number}/{turn}"
            token = CancelToken()
            timer = None
            if rng.random() < 0.2:
                timer = threading.Timer(rng.random() * 0.01, token.cancel)
                timer.start()
            timeout = Timeout(
                read=rng.choice((0.001, 20)), pool=rng.choice((0.001, 20, 20)), connect=20
            )
            try:
                stream = ask(engine, server.url + path, timeout=timeout, cancel=token)
                if (way := rng.random()) < 0.6:
                    assert path.encode() == stream.read()
                elif way < 0.8:
                    stream.close()
                del stream
                outcomes.add("answer")
            except (TransportError, RequestCancelled) as error:
                outcomes.add(type(error))
            if timer is not None:
                timer.join()

    with LoopbackServer(echo) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        engine = Engine(limits=Limits(max_connections=TOTAL))
        in_threads(call)
        gc.collect()
        at_rest(engine)
        streams = [ask(engine, server.url, timeout=Timeout(pool=0)) for _ in range(TOTAL)]
        assert [b"/"] * TOTAL == [stream.read() for stream in streams]
        engine.close()
    assert {"answer", ReadTimeout, PoolTimeout} <= outcomes
    assert outcomes <= {"answer", ReadTimeout, PoolTimeout, RequestCancelled}


def test_the_engine_is_closed_amid_calls() -> None:
    """Closing ends all calls, running and waiting, with an error that says so; no socket is left."""
    echo = Echo()
    begun = threading.Barrier(THREADS + 1)
    ends: list[object] = []

    def call(number: int) -> None:
        begun.wait(20)
        while True:
            try:
                fetch(engine, server.url + "/slow", timeout=Timeout(20))
            except Exception as error:
                ends.append(type(error).__name__)
                return

    with LoopbackServer(echo) as server:
        engine = Engine(limits=Limits(max_connections=TOTAL))
        closer = threading.Thread(target=lambda: (begun.wait(20), time.sleep(0.05), engine.close()))
        closer.start()
        in_threads(call)
        closer.join()
        assert ["ClientClosedError"] * THREADS == ends
        assert (0, set()) == (engine.pool._plan.open_count, engine.pool._connections)


def test_a_stream_read_by_another_thread() -> None:
    """A stream may be opened in one thread and read in another."""
    with LoopbackServer(Echo()) as server:
        engine = Engine()
        streams: list[ResponseStream] = [ask(engine, f"{server.url}/{n}") for n in range(THREADS)]

        def read(number: int) -> None:
            assert f"/{number}".encode() == streams[number].read()

        in_threads(read)
        assert engine.pool._plan.idle_count == 20
        engine.close()
