"""One `AsyncClient` in several event loops, one after another and at once."""

from __future__ import annotations

import asyncio
import gc
import threading

import anyio
import pytest

from antiphon import AsyncClient, Limits
from tests.app import App, answer
from tests.loopback import LoopbackServer


async def fetch(client: AsyncClient, count: int) -> list[str]:
    """Make calls at the same time in the running loop."""
    found: list[str] = []

    async def one() -> None:
        found.append((await client.get("/")).text)

    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(one)
    return found


@pytest.mark.parametrize("first", ["asyncio", "trio"])
@pytest.mark.parametrize("second", ["asyncio", "trio"])
def test_loops_one_after_another(first: str, second: str) -> None:
    """A client outlives its first loop, whatever the next one is; connections go along."""
    app = App({"/": answer(200, "x")})
    with LoopbackServer(app) as server:
        client = AsyncClient(server.url)
        for backend in (first, second):
            assert ["x"] * 3 == anyio.run(fetch, client, 3, backend=backend)
        anyio.run(client.aclose, backend=second)

    assert len({request.connection for request in app.requests}) <= 3


def test_loops_at_once() -> None:
    """Loops in several threads share one client and its limits."""
    app = App({"/": answer(200, "x")})
    results: list[list[str]] = []
    with LoopbackServer(app) as server:
        client = AsyncClient(server.url, limits=Limits(max_connections=3), timeout=30)

        def run(backend: str) -> None:
            results.append(anyio.run(fetch, client, 20, backend=backend))

        threads = [
            threading.Thread(target=run, args=(backend,))
            for backend in ("asyncio", "trio", "asyncio", "trio")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        anyio.run(client.aclose)

    assert [["x"] * 20] * 4 == results
    assert len({request.connection for request in app.requests}) <= 3


def test_a_client_forgotten_with_its_loop() -> None:
    """A client that is collected after its loop has ended warns of nothing."""

    async def use(url: str) -> None:
        await AsyncClient(url).get("/")

    with LoopbackServer(App({"/": answer(200, "x")})) as server:
        asyncio.run(use(server.url))
        gc.collect()
