"""One `AsyncClient` under much of everything: loops in threads, forgotten streams, abrupt exits."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time

import anyio
import pytest

from antiphon import AsyncClient, Limits
from antiphon.testing import FaultServer
from antiphon.testing.fault_script import Answer, Serve, Stall, reply
from tests.anyio_census import census, nothing_left

LARGE = reply(body=bytes(1_000_000))


def test_twenty_loops_in_threads_under_a_small_pool() -> None:
    """Loops in many threads wait for each other's connections, and all of them are served."""
    answers: list[str] = []

    async def calls(client: AsyncClient) -> None:
        async def one() -> None:
            answers.append((await client.get("")).text)

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(one)

    with FaultServer(then=[Serve()]) as server:
        client = AsyncClient(server.url, limits=Limits(max_connections=3), timeout=30)
        threads = [
            threading.Thread(
                target=lambda name: anyio.run(calls, client, backend=name),
                args=(("asyncio", "trio")[number % 2],),
            )
            for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(40)
        anyio.run(client.aclose)
    assert ["hello"] * 200 == answers
    assert len(server.connections) <= 3


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_exit_with_open_streams(backend: str) -> None:
    """A script that ends in the middle of streams ends at once, without a traceback."""
    script = """
import sys, anyio, antiphon
kept = []
async def main():
    client = antiphon.AsyncClient(sys.argv[1])
    for _ in range(5):
        kept.append(await client.stream("GET", "").__aenter__())
    kept.append(client)
    print(len(await anext(kept[0].iter_bytes())))
anyio.run(main, backend=sys.argv[2])
"""
    half = reply(body=b"hello", length=10)
    with FaultServer(then=[Answer(half), Stall()]) as server:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", script, server.url, backend],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert time.monotonic() - started < 10
    assert ("5\n", "", 0) == (done.stdout, done.stderr, done.returncode)


@pytest.mark.filterwarnings("ignore:.*was never closed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_forgotten_streams_are_collected_from_another_thread() -> None:
    """Streams forgotten in cycles are collected by another thread, while tasks wait for the pool."""
    before = census()
    with FaultServer(then=[Serve(LARGE)]) as server:
        async with AsyncClient(server.url, limits=Limits(max_connections=3), timeout=20) as client:
            stop = threading.Event()
            sizes: list[int] = []

            def collect() -> None:
                while not stop.is_set():
                    gc.collect(0)

            async def forget() -> None:
                cycle: list[object] = [await client.stream("GET", "").__aenter__()]
                cycle.append(cycle)

            async def fetch() -> None:
                sizes.append(len((await client.get("")).content))

            collector = threading.Thread(target=collect)
            collector.start()
            try:
                async with anyio.create_task_group() as group:
                    for _ in range(40):
                        group.start_soon(forget)
                        group.start_soon(fetch)
            finally:
                stop.set()
                collector.join()
            assert [1_000_000] * 40 == sizes
    await nothing_left(before)
