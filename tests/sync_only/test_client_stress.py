"""One `Client` under much of everything: threads, forks, forgotten streams, an abrupt exit."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from antiphon import Client, Limits, TLSConfig
from antiphon.testing import FaultServer, faults
from antiphon.testing.fault_script import Answer, Serve, Stall, reply
from tests.certificates import ca_file, server_context
from tests.thread_census import census, nothing_left

WITH_COOKIE = reply(headers=[("Set-Cookie", "a=1; Path=/")])
LARGE = reply(body=bytes(1_000_000))


def run(script: str, url: str) -> tuple[str, str, int]:
    """Run a script in a process of its own; what it wrote, and its exit code."""
    done = subprocess.run(
        # Python 3.12 and later warn of forks beside threads, which are the point here.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, url],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_200_threads(scheme: str) -> None:
    """200 threads share a client: all are served over ten connections, and nothing is left."""
    before = census()
    tls = server_context("127.0.0.1") if scheme == "https" else None
    with FaultServer(then=[Serve(WITH_COOKIE)], tls=tls) as server:
        limits = Limits(max_connections=10, max_idle_connections=10)
        trust = TLSConfig(ca_file=ca_file())
        with Client(server.url, limits=limits, tls=trust, timeout=30) as client:
            together = threading.Barrier(200)

            def call(number: int) -> list[str]:
                together.wait()
                return [client.get("", params={"n": number}).text for _ in range(5)]

            with ThreadPoolExecutor(200) as threads:
                answers = list(threads.map(call, range(200)))
            assert [["hello"] * 5] * 200 == answers
            assert len(server.connections) <= 10
            assert 1000 == len(server.requests)
    nothing_left(before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_fork_amid_traffic() -> None:
    """Children forked while eight threads are at work can use the client; the parent's calls go on."""
    script = """
import os, sys, threading, antiphon
client = antiphon.Client(sys.argv[1], limits=antiphon.Limits(max_connections=4), timeout=20)
stop, failed, counts = threading.Event(), [], [0] * 8
def work(number):
    try:
        while not stop.is_set():
            assert client.get("").text == "hello"
            counts[number] += 1
    except BaseException as error:
        failed.append(error)
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for thread in threads: thread.start()
codes = []
for _ in range(25):
    child = os.fork()
    if child == 0:
        try:
            answers = [client.get("").text for _ in range(3)]
        except BaseException:
            os._exit(4)
        os._exit(0 if answers == ["hello"] * 3 else 3)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
for thread in threads: thread.join()
print(sorted(set(codes)), failed, min(counts) > 0)
"""
    with FaultServer(then=[Serve(WITH_COOKIE)]) as server:
        assert ("[0] [] True\n", "", 0) == run(script, server.url)


def test_exit_with_open_streams() -> None:
    """A script that ends in the middle of streams ends at once, without a traceback."""
    script = """
import sys, threading, antiphon
client = antiphon.Client(sys.argv[1])
streams = [client.stream("GET", "").__enter__() for _ in range(5)]
readers = [threading.Thread(target=stream.read, daemon=True) for stream in streams[:2]]
for reader in readers: reader.start()
iterator = streams[2].iter_bytes()
print(len(next(iterator)))
"""
    half = reply(body=b"hello", length=10)
    with FaultServer(then=[Answer(half), Stall()]) as server:
        started = time.monotonic()
        assert ("5\n", "", 0) == run(script, server.url)
        assert time.monotonic() - started < 10


@pytest.mark.filterwarnings("ignore:.*was never closed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_forgotten_streams_are_collected_from_another_thread() -> None:
    """Streams forgotten in cycles are collected by another thread amid calls, without a deadlock.

    Their places go to those who wait for them.
    """
    before = census()
    with FaultServer(then=[Serve(LARGE)]) as server:  # noqa: SIM117 - a block within a block
        with Client(server.url, limits=Limits(max_connections=3), timeout=20) as client:
            stop = threading.Event()

            def collect() -> None:
                while not stop.is_set():
                    gc.collect(0)

            def forget(_: int) -> None:
                cycle: list[object] = [client.stream("GET", "").__enter__()]
                cycle.append(cycle)

            def fetch(_: int) -> int:
                return len(client.get("").content)

            collector = threading.Thread(target=collect)
            collector.start()
            try:
                with ThreadPoolExecutor(8) as threads:
                    forgotten = [threads.submit(forget, number) for number in range(60)]
                    fetched = [threads.submit(fetch, number) for number in range(60)]
                    assert {1_000_000} == {call.result(30) for call in fetched}
                    assert {None} == {call.result(30) for call in forgotten}
            finally:
                stop.set()
                collector.join()
    nothing_left(before)


def test_a_finaliser_that_makes_calls() -> None:
    """A call made while the collector runs inside of another call cannot deadlock with it."""
    script = """
import gc, sys, antiphon
client = antiphon.Client(sys.argv[1], limits=antiphon.Limits(max_connections=4), timeout=20)
answers = []
class Last:
    def __init__(self):
        self.cycle = self
    def __del__(self):
        answers.append(client.get("").text)
client.get("")
gc.set_threshold(20, 2, 2)
for _ in range(100):
    Last()
    answers.append(client.get("").text)
gc.collect()
print(len(answers), set(answers))
"""
    with FaultServer(then=[Serve(WITH_COOKIE)]) as server:
        assert ("200 {'hello'}\n", "", 0) == run(script, server.url)


def test_a_place_is_granted_although_its_holder_was_forgotten() -> None:
    """Who waits for the only connection gets its place when another thread's stream is collected."""
    half = [Answer(reply(length=10)), Stall()]
    with FaultServer(half, then=[Serve()]) as server:  # noqa: SIM117 - a block within a block
        with Client(server.url, limits=Limits(max_connections=1), timeout=20) as client:
            held: list[object] = [client.stream("GET", "").__enter__()]
            got: list[str] = []
            waiting = threading.Thread(target=lambda: got.append(client.get("").text))
            waiting.start()
            time.sleep(0.05)  # most likely it waits by now; if it does not, all the better
            with pytest.warns(ResourceWarning, match="was never closed"):
                held.clear()
            waiting.join(10)
            assert ["hello"] == got


def test_trailing_bytes_are_never_taken_for_an_answer() -> None:
    """In many threads too, a response that nobody asked for is given to nobody."""
    with (
        FaultServer(then=faults.TOO_MUCH) as server,
        Client(server.url, limits=Limits(max_connections=5), timeout=20) as client,
        ThreadPoolExecutor(10) as threads,
    ):
        answers = set(threads.map(lambda _: client.get("").text, range(200)))
        assert {"hello"} == answers
        assert 200 == len(server.connections)
