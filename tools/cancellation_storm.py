"""Cancel requests at random moments until a client's pool is dead, or N are through.

    python -m venv storm
    storm/bin/pip install . httpx==0.28.1 trio
    storm/bin/python tools/cancellation_storm.py httpx --requests 10000
    storm/bin/python tools/cancellation_storm.py antiphon --requests 10000

Twenty tasks share a pool of five connections to a server on the loopback interface whose answers
take some milliseconds; each request runs in a cancel scope of a random time up to 30 ms. After
every hundred requests the storm pauses, and five requests with all the time they need run at once.
A pool is hurt when not all five are answered within two seconds, and dead when none is, and none of
five more within ten. httpx and antiphon have the same limits, server and random numbers.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio

from antiphon.testing import FaultServer
from antiphon.testing.fault_script import reply

POOL = 5
AT_ONCE = 20
LONGEST = 0.03
BATCH = 100
PATIENCE = 2.0
SECOND_PATIENCE = 10.0
BODY = b"x" * 3000

Get = Callable[[str], Awaitable[bytes]]


class ServeSlowly:
    """Answer every request in three pieces, a millisecond apart."""

    def perform(self, connection: Any) -> None:
        """Do it."""
        answer = reply(body=BODY)
        while True:
            connection.read_request()
            for start, end in ((0, 20), (20, 1000), (1000, None)):
                connection.pause(0.001)
                connection.send(answer[start:end])


def client_of(peer: str) -> tuple[AbstractAsyncContextManager[Any], Callable[[Any], Get]]:
    """Return a client with a pool of five, and what makes one GET with it."""
    if peer == "httpx":
        import httpx

        limits = httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL)

        def get_with(client: Any) -> Get:
            async def get(url: str) -> bytes:
                return bytes((await client.get(url)).content)

            return get

        return httpx.AsyncClient(limits=limits, timeout=30), get_with

    import antiphon

    def get_with_ours(client: Any) -> Get:
        async def get(url: str) -> bytes:
            return bytes((await client.get(url)).content)

        return get

    ours = antiphon.AsyncClient(limits=antiphon.Limits(max_connections=POOL), timeout=30)
    return ours, get_with_ours


async def batch(get: Get, url: str, waits: list[float]) -> None:
    """Make a hundred requests, twenty at a time, each as long as its patience lasts."""
    remaining = iter(waits)

    async def caller() -> None:
        for seconds in remaining:
            with anyio.move_on_after(seconds):
                await get(url)

    async with anyio.create_task_group() as group:
        for _ in range(AT_ONCE):
            group.start_soon(caller)


async def check(get: Get, url: str, patience: float = PATIENCE) -> int:
    """How many of five requests at once are answered in time."""
    answered = 0

    async def one() -> None:
        nonlocal answered
        with anyio.move_on_after(patience):
            try:
                content = await get(url)
            except Exception as error:
                print(f"    {type(error).__name__}: {error}")
            else:
                answered += content == BODY

    async with anyio.create_task_group() as group:
        for _ in range(POOL):
            group.start_soon(one)
    return answered


async def storm(peer: str, requests: int, seed: int, server: FaultServer) -> str:
    """Run it; what became of the pool, in words."""
    chance = random.Random(seed)
    before = descriptors()
    client, get_with = client_of(peer)
    hurt = ""
    async with client as entered:
        get = get_with(entered)
        for done in range(BATCH, requests + 1, BATCH):
            await batch(get, server.url, [chance.uniform(0, LONGEST) for _ in range(BATCH)])
            answered = await check(get, server.url)
            if answered < POOL and not hurt:
                hurt = f"hurt after {done} requests ({answered} of {POOL} answered), "
            if not answered and not await check(get, server.url, SECOND_PATIENCE):
                return f"{hurt}dead after {done} requests"
    await anyio.sleep(0.2)  # for the server to see that the client has gone
    server.close()
    left = max(0, descriptors() - before)
    return f"{hurt}alive after {requests} requests, {left} descriptors left"


def descriptors() -> int:
    """How many are open; 0 where that cannot be told."""
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def main() -> None:
    """Read the arguments, run the storm, print its result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer", choices=["httpx", "antiphon"])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--backend", choices=["asyncio", "trio"], default="asyncio")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with FaultServer(then=[ServeSlowly()]) as server:
        result = anyio.run(
            storm, options.peer, options.requests, options.seed, server, backend=options.backend
        )
    version = importlib.metadata.version(options.peer)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{options.peer} {version}, {options.backend}, seed {options.seed}, {python}: {result}")
    sys.stdout.flush()
    os._exit(0)  # what a dead pool still waits for need not end


if __name__ == "__main__":
    main()
