"""One `Client` in many threads, across a fork, and at the end of the interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from antiphon import Client, Limits
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer

THREADS = 32
CALLS = 25


def echo(request: Received) -> bytes:
    """Answer with the query, and set a cookie named after it."""
    return answer(200, request.query, {"Set-Cookie": f"c{request.query[2:]}=1"})


def test_32_threads_share_a_client() -> None:
    """Each call gets its own answer, no more connections are open than allowed, all cookies stay."""
    app = App({"/": echo})
    limits = Limits(max_connections=8)
    with LoopbackServer(app) as server, Client(server.url, limits=limits, timeout=30) as client:
        together = threading.Barrier(THREADS)

        def call_often(thread: int) -> list[str]:
            together.wait()
            return [
                client.get("/", params={"n": f"{thread}-{number}"}).text for number in range(CALLS)
            ]

        with ThreadPoolExecutor(THREADS) as threads:
            answers = list(threads.map(call_often, range(THREADS)))

        assert [
            [f"n={thread}-{number}" for number in range(CALLS)] for thread in range(THREADS)
        ] == answers
        assert len({request.connection for request in app.requests}) <= 8
        kept = min(THREADS * CALLS, 180)  # a jar keeps 180 cookies a domain
        assert kept == len(client.cookies)


def test_threads_stream_at_the_same_time() -> None:
    """Streams of several threads do not mix."""
    app = App({f"/{n}": answer(200, bytes([n]) * 300_000) for n in range(8)})

    def read(number: int) -> set[bytes]:
        with client.stream("GET", f"/{number}") as stream:
            return {piece[:1] for piece in stream.iter_bytes(1000)}

    with (
        LoopbackServer(app) as server,
        Client(server.url) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        assert [{bytes([n])} for n in range(8)] == list(threads.map(read, range(8)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_client_survives_a_fork() -> None:
    """The child makes connections of its own, and the parent keeps using the old ones."""
    app = App({"/": answer(200, "alive")})
    code = """
import os, sys, antiphon
client = antiphon.Client(sys.argv[1])
client.get("/")
child = os.fork()
answers = [client.get("/").text for _ in range(2)]
if child == 0:
    os._exit(0 if answers == ["alive", "alive"] else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *answers)
"""
    with LoopbackServer(app) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, server.url],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert ("0 alive alive\n", "") == (done.stdout, done.stderr)
    assert [3, 2] == sorted(
        ([r.connection for r in app.requests].count(n) for n in (1, 2)), reverse=True
    )


@pytest.mark.parametrize("ending", ["atexit", "earlier atexit", "finaliser", "thread"])
def test_a_client_works_while_the_interpreter_ends(ending: str) -> None:
    """Exit handlers, finalisers of globals and threads that outlive the main one can make calls."""
    app = App({"/": answer(200, "alive")})
    code = {
        "atexit": "atexit.register(lambda: print(client.get('/').text))",
        "earlier atexit": "",
        "finaliser": (
            "class Last:\n"
            "    def __del__(self):\n"
            "        print(self.client.get('/').text)\n"
            "last = Last(); last.client = client; client.get('/')"
        ),
        "thread": (
            "def late():\n"
            "    time.sleep(0.1); print(client.get('/').text)\n"
            "threading.Thread(target=late).start()"
        ),
    }[ending]
    script = (
        "import atexit, sys, threading, time, antiphon\n"
        + ("atexit.register(lambda: print(client.get('/').text))\n" * (ending == "earlier atexit"))
        + f"client = antiphon.Client(sys.argv[1])\n{code}\n"
    )
    with LoopbackServer(app) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, server.url],
            # Measured, a process may end without finalising its globals at all.
            env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert ("alive\n", "", 0) == (done.stdout, done.stderr, done.returncode)


def test_a_plain_script_warns_of_nothing() -> None:
    """`Client().get(url)` without a `with` leaves no warning behind, not at the exit either."""
    app = App({"/": answer(200, "alive")})
    script = "import sys, antiphon\nprint(antiphon.Client().get(sys.argv[1]).text)"
    with LoopbackServer(app) as server:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", script, server.url],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert ("alive\n", "") == (done.stdout, done.stderr)
