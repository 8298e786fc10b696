"""A generator that holds a stream and is not run to its end gives the stream's place back."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.policies.pool_plan import PoolPlan
from tests._sync.engine_calls import ask, fetch
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted
from tests.sync_only.scripts import run_script

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nfor ever and ever"


def pieces(engine: Engine, url: str) -> Iterator[bytes]:
    """Yield a body as it comes."""
    # Not the pool's usual patience: what is looked for is a wake-up that never comes.
    with ask(engine, url, timeout=Timeout(pool=None)) as stream:
        yield from stream.iter_raw()


class Holder:
    """Holds a generator in a cycle, so that only the garbage collector can free it."""

    def __init__(self, generator: Iterator[bytes]) -> None:
        self.generator = generator
        self.itself = self


def test_dropped() -> None:
    """Breaking out of its loop and dropping it closes the stream, without a warning."""
    with LoopbackServer(answering(ENDLESS)) as server:
        engine = Engine(limits=Limits(max_connections=1))
        for _ in range(3):
            for piece in pieces(engine, server.url):
                assert piece.startswith(b"for")
                break
            assert 0 == engine.pool._plan.open_count
        engine.close()


# The collector may come upon the stream before it closes the generator that would close it.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("change", ["join", "take_permit", "take_idle"])
def test_collected_in_the_midst_of_a_change(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """The collector may close the stream while its thread changes the pool: nothing hangs.

    A lock of the pool that a finaliser waited for would be its own thread's, for ever.
    """
    with LoopbackServer(Scripted([ENDLESS], [HELLO])) as server:
        engine = Engine(limits=Limits(max_connections=1))
        holders = [Holder(pieces(engine, server.url))]
        assert next(holders[0].generator).startswith(b"for")
        real = getattr(PoolPlan, change)

        def interrupted(*args: object, **kwargs: object) -> object:
            result = real(*args, **kwargs)
            if holders:
                holders.clear()
                gc.collect()
            return result

        monkeypatch.setattr(PoolPlan, change, interrupted)
        assert b"hello" == fetch(engine, server.url, timeout=Timeout(pool=None))
        assert 1 == engine.pool._plan.open_count
        engine.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_collected_whenever_it_comes() -> None:
    """Threads that forget generators in cycles, with a collector that runs all the time, go on."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                holder = Holder(pieces(engine, server.url))
                assert next(holder.generator).startswith(b"for")
                del holder
        except BaseException as error:
            errors.append(error)

    threshold = gc.get_threshold()
    with LoopbackServer(answering(ENDLESS)) as server:
        engine = Engine(limits=Limits(max_connections=4))
        gc.set_threshold(5, 2, 2)
        try:
            threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                # What is collected elsewhere than in the waiters wakes them too.
                gc.collect()
                threads[-1].join(0.005)
        finally:
            gc.set_threshold(*threshold)
        gc.collect()
        assert [] == errors
        assert (0, 0) == (engine.pool._plan.open_count, engine.pool._plan.waiter_count)
        engine.close()


def test_a_forgotten_stream_warns() -> None:
    """A stream that was forgotten open tells so in a ResourceWarning, where these are shown."""
    script = """
        import sys, warnings
        import antiphon
        warnings.simplefilter("always")
        shown = []
        warnings.showwarning = lambda message, kind, *_: shown.append((kind.__name__, str(message)))
        client = antiphon.Client()
        stream = client.stream("GET", sys.argv[1]).__enter__()
        del stream
        print(shown)
    """
    with LoopbackServer(answering(HELLO)) as server:
        printed = run_script(script, server.url)
    assert printed.startswith("[('ResourceWarning', '<ResponseStream 200 GET http://127.0.0.1")
    assert 1 == printed.count("ResourceWarning")
