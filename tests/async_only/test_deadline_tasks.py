"""Tasks inherit the deadline of the block in which they are started."""

from __future__ import annotations

import anyio
import pytest

from antiphon import AsyncClient, DeadlineExceeded, deadline
from antiphon.models.ambient_deadline import AMBIENT_DEADLINE
from tests.loopback import LoopbackServer
from tests.servers import until_closed


async def test_tasks_that_are_started_inside() -> None:
    """They are bound by the block, even after it was left; those from before it are not."""
    found: dict[str, bool] = {}
    looked = anyio.Event()
    left = anyio.Event()

    async def look(name: str, until: anyio.Event) -> None:
        await until.wait()
        found[name] = AMBIENT_DEADLINE.get() is not None

    async with anyio.create_task_group() as group:
        group.start_soon(look, "before", looked)
        with deadline(5):
            group.start_soon(look, "inside", left)
            looked.set()
        left.set()
        group.start_soon(look, "after", left)

    assert {"before": False, "inside": True, "after": False} == found


async def test_calls_of_many_tasks() -> None:
    """All calls of a block end together."""
    ended = []

    async def call(client: AsyncClient, url: str) -> None:
        with pytest.raises(DeadlineExceeded):
            await client.get(url)
        ended.append(url)

    with LoopbackServer(until_closed) as server:
        async with AsyncClient() as client, anyio.create_task_group() as group:
            with deadline(0.05):
                for _ in range(5):
                    group.start_soon(call, client, server.url)

    assert 5 == len(ended)
