"""A forked child has connections, locks and threads of its own; the parent's are left alone."""

from __future__ import annotations

import os

import pytest

from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import over_tls
from tests.sync_only.scripts import run_script

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")

# Python 3.12 warns of forks in processes with threads: just what is tested here.
PRELUDE = """
import os, sys, threading, time, traceback, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
from antiphon._sync.engine.engine import Engine
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from tests._sync.engine_calls import ask, fetch
url = sys.argv[1]

def in_child(function):
    child = os.fork()
    if child:
        return child
    try:
        function()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

def wait_for(*children):
    for child in children:
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def run(script: str, *arguments: str) -> str:
    """Run a script after the prelude."""
    return run_script(PRELUDE + script, *arguments)


def test_connections_are_not_shared() -> None:
    """Parent and child go on at once, each on connections of its own, idle or in use at the fork."""
    script = """
engine = Engine(limits=Limits(max_connections=2))
fetch(engine, url)
used = next(engine.pool._plan.idle()).channel.sock.getsockname()
open_stream = ask(engine, url)

def child():
    assert "0 open, 0 idle, 0 waiting" in repr(engine)
    streams = [ask(engine, url) for _ in range(2)]
    for stream in streams:
        assert used != stream._source._connection.channel.sock.getsockname()
        assert b"hello" == stream.read()
    assert "2 open, 2 idle, 0 waiting" in repr(engine)

wait_for(in_child(child), in_child(child))
assert b"hello" == open_stream.read()
assert b"hello" == fetch(engine, url)
assert used == next(engine.pool._plan.idle()).channel.sock.getsockname()
assert "1 open, 1 idle, 0 waiting" in repr(engine)
engine.close()
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "" == run(script, server.url)


@pytest.mark.parametrize("ending", ["read()", "close()", "__del__()"])
def test_streams_of_the_parent(ending: str) -> None:
    """What the child does to a stream that was open at the fork changes nothing in either pool."""
    script = f"""
from antiphon.errors import AntiphonError
engine = Engine(limits=Limits(max_connections=1))
stream = ask(engine, url)

def child():
    global stream
    warnings.simplefilter("ignore", ResourceWarning)
    try:
        stream.{ending}
    except AntiphonError:
        pass
    stream = None
    assert "0 open" in repr(engine), repr(engine)
    assert b"hello" == fetch(engine, url)
    assert "1 open, 1 idle" in repr(engine), repr(engine)

wait_for(in_child(child))
assert b"hello" == stream.read()
assert b"hello" == fetch(engine, url)
engine.close()
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "" == run(script, server.url)


def test_threads_are_amid_everything_at_the_fork() -> None:
    """Whatever locks other threads hold at the fork, whoever waits in the queue: the child works."""
    script = """
engine = Engine(limits=Limits(max_connections=3))
stop = threading.Event()
errors = []

def hammer():
    while not stop.is_set():
        try:
            assert b"hello" == fetch(engine, url, timeout=Timeout(20))
            assert b"hello" == fetch(engine, url.replace("127.0.0.1", "localhost"))
        except BaseException as error:
            errors.append(error)

threads = [threading.Thread(target=hammer, daemon=True) for _ in range(12)]
for thread in threads:
    thread.start()

def child():
    for _ in range(2):
        streams = [ask(engine, url, timeout=Timeout(pool=0)) for _ in range(3)]
        assert [b"hello"] * 3 == [stream.read() for stream in streams]
    assert b"hello" == fetch(engine, url.replace("127.0.0.1", "localhost"))

for _ in range(10):
    wait_for(*[in_child(child) for _ in range(3)])
stop.set()
for thread in threads:
    thread.join()
assert not errors, errors
engine.close()
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "" == run(script, server.url)


def test_tls_settings_being_built_at_the_fork() -> None:
    """A child shakes hands although another thread was building the TLS settings at the fork."""
    script = """
from antiphon.network import tls_context
building, forked = threading.Event(), threading.Event()
real = tls_context._build

def slow(*settings):
    building.set()
    forked.wait()
    return real(*settings)

def request():
    engine = Engine(tls=TLSConfig(ca_file=sys.argv[2]))
    assert b"hello" == fetch(engine, url)
    assert b"hello" == fetch(engine, url)
    engine.close()

tls_context._build = slow
thread = threading.Thread(target=request)
thread.start()
building.wait()

def child():
    tls_context._build = real
    request()

children = in_child(child)
forked.set()
thread.join()
wait_for(children)
"""
    with LoopbackServer(over_tls(server_context("127.0.0.1"), answering(HELLO))) as server:
        assert "" == run(script, server.url.replace("http:", "https:"), ca_file())


def test_limiters() -> None:
    """Places held by the parent's threads at the fork are free in the child."""
    script = """
from antiphon._sync.limiter import Limiter, Lock
from antiphon.network.outcome import READY
limiter, lock = Limiter(2), Lock()
held = threading.Barrier(5)

def hold():
    with lock:
        held.wait()
        time.sleep(0.2)

def wait():
    held.wait()
    lock.acquire(time.monotonic() + 0.1)

threads = [threading.Thread(target=target) for target in (hold, wait, wait)]
for thread in threads:
    thread.start()
threads.append(threading.Thread(target=lambda: (limiter.acquire(), held.wait(), limiter.release())))
threads[-1].start()
held.wait()
limiter.acquire()

def child():
    with lock:
        assert 0 == lock.waiting
    for _ in range(2):
        assert READY is limiter.acquire(time.monotonic())

wait_for(in_child(child))
for thread in threads:
    thread.join()
"""
    assert "" == run(script, "")
