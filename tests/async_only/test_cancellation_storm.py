"""Requests that are cancelled at random moments, by the scopes of anyio, leave the pool whole."""

from __future__ import annotations

import anyio
import pytest

from antiphon import AsyncClient, Limits, PoolTimeout, Timeout, TLSConfig
from antiphon._async.stream import AsyncResponseStream
from antiphon.testing import FaultServer
from tests.anyio_census import census, nothing_left
from tests.certificates import ca_file
from tests.storm import AT_ONCE, BODY, POOL, REQUESTS, patience, slow_server


async def request(client: AsyncClient, url: str, number: int) -> None:
    """Make a call of one kind or another, to its end."""
    if number % 3 == 0:
        assert BODY == (await client.get(url)).content
    elif number % 3 == 1:
        assert BODY == (await client.post(url, content=bytes(200_000))).content
    else:
        async with client.stream("GET", url) as stream:
            async for _ in stream.iter_bytes(100):
                if number % 2:
                    break


async def storm(client: AsyncClient, url: str, waits: list[float]) -> int:
    """Make the calls, some at a time, each as long as its patience lasts; how many were done."""
    done = 0
    numbers = iter(range(len(waits)))

    async def caller() -> None:
        nonlocal done
        for number in numbers:
            with anyio.move_on_after(waits[number]):
                await request(client, url, number)
                done += 1

    async with anyio.create_task_group() as group:
        for _ in range(AT_ONCE):
            group.start_soon(caller)
    return done


async def serves_as_many_as_it_may(client: AsyncClient, server: FaultServer) -> None:
    """The pool has a connection for each of five callers at once, and none for a sixth."""
    streams: list[AsyncResponseStream] = []
    async with anyio.create_task_group() as group:

        async def hold() -> None:
            streams.append(await client.stream("GET", server.url).__aenter__())

        for _ in range(POOL):
            group.start_soon(hold)
    with pytest.raises(PoolTimeout):
        await client.get(server.url, timeout=Timeout(pool=0.01), retry=None)
    for stream in streams:
        assert BODY == await stream.read()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_pool_survives(scheme: str) -> None:
    """After hundreds of cancelled calls a pool of five serves five, and no descriptor is left."""
    before = census()
    with slow_server(scheme) as server:
        async with AsyncClient(
            limits=Limits(max_connections=POOL), tls=TLSConfig(ca_file=ca_file())
        ) as client:
            done = await storm(client, server.url, patience(seed=1))
            assert REQUESTS / 10 <= done < REQUESTS
            await serves_as_many_as_it_may(client, server)
    await nothing_left(before)
