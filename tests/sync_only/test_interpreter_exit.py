"""At the end of the process nothing is printed, and nothing is waited for."""

from __future__ import annotations

import time

import pytest

from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, until_closed
from tests.sync_only.scripts import run_script

PRELUDE = """
import sys, threading, time, warnings
import antiphon
from antiphon.models.limits import Limits
url = sys.argv[1]
client = antiphon.Client(retry=None)
"""


def run(script: str, url: str) -> str:
    """Run a script that must end within a few seconds."""
    started = time.monotonic()
    printed = run_script(PRELUDE + script, url, timeout=20)
    assert time.monotonic() - started < 8
    return printed


def test_idle_connections_and_open_streams() -> None:
    """A client with idle connections and open streams, forgotten in globals, ends in silence."""
    script = """
warnings.simplefilter("ignore", ResourceWarning)  # the stream warns of itself, as it should
client.get(url)
context = client.stream("GET", url)
stream = context.__enter__()
cycle = [client.stream("GET", url), client]
cycle.append(cycle)
print(next(iter(cycle[0].__enter__().iter_bytes())))
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "b'hello'\n" == run(script, server.url)


def test_calls_of_daemon_threads() -> None:
    """Daemon threads in the midst of calls, and waiting for a connection, are left to their fate."""
    script = """
client = antiphon.Client(retry=None, limits=Limits(max_connections=2))
for _ in range(6):
    threading.Thread(target=client.get, args=(url,), daemon=True).start()
pool = client._core.transport.pool
while pool._plan.waiter_count < 4:
    time.sleep(0.001)
"""
    with LoopbackServer(until_closed) as server:
        assert "" == run(script, server.url)


@pytest.mark.parametrize("daemon", [True, False])
def test_a_hung_lookup(daemon: bool) -> None:
    """A name server that never answers holds up neither its caller nor the end of the process."""
    script = f"""
import socket
asked = threading.Event()

def hang(*_, **__):
    asked.set()
    time.sleep(60)

socket.getaddrinfo = hang

def call():
    try:
        client.get("http://slow.test/", timeout=0.2)
    except antiphon.ConnectTimeout as error:
        print(error.sent)

thread = threading.Thread(target=call, daemon={daemon})
thread.start()
asked.wait()
if not {daemon}:
    thread.join()
"""
    assert ("" if daemon else "no\n") == run(script, "")


def test_a_lookup_where_no_thread_can_start() -> None:
    """Where threads can no longer be started, a name is resolved by its caller."""
    script = """
def refuse(_):
    raise RuntimeError("can't start new thread at interpreter shutdown")

threading.Thread.start = refuse
print(client.get(url.replace("127.0.0.1", "localhost")).text)
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "hello\n" == run(script, server.url)


def test_a_lookup_in_an_exit_handler() -> None:
    """A name may be resolved while the process ends, whether or not a thread is left from before."""
    script = """
import atexit
named = url.replace("127.0.0.1", "localhost")
atexit.register(lambda: print(client.get(named).text))
atexit.register(lambda: print(antiphon.Client().get(named).text))
if len(url) % 2:
    client.get(named)
"""
    with LoopbackServer(answering(HELLO)) as server:
        assert "hello\nhello\n" == run(script, server.url)
        assert "hello\nhello\n" == run(script, server.url + "/")


def test_an_unfinished_body_of_a_global() -> None:
    """A body that is half read when the process ends is dropped without a word."""
    script = """
warnings.simplefilter("ignore", ResourceWarning)
def pieces():
    with client.stream("GET", url) as stream:
        yield from stream.iter_bytes()
generator = pieces()
print(next(generator))
"""

    def endless(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nx")
        until_closed(connection)

    with LoopbackServer(Scripted([endless])) as server:
        assert "b'x'\n" == run(script, server.url)
