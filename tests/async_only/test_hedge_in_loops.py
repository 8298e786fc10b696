"""Hedged calls in every event loop that people start, not only in those that anyio has started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import anyio
import pytest
import trio

from antiphon import AsyncClient, AsyncNext, AsyncResponseStream, CallContext, Hedge, Request
from tests.turns import Turns

Main: TypeAlias = "Callable[[], Coroutine[Any, Any, None]]"


def of_asyncio(main: Main) -> None:
    asyncio.run(main())


def of_uvloop(main: Main) -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not for this system")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


class Deaf:
    """The first request does not look at its token while it waits."""

    stage = "attempt"

    async def __call__(
        self, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        if call.copy == 0:
            await anyio.sleep(20)
        return await next(request)


@pytest.mark.parametrize("run", [of_asyncio, of_uvloop, trio.run, anyio.run])
def test_a_copy_is_sent(run: Callable[[Main], None]) -> None:
    """Whoever has started the loop: the copy is sent, and its answer is the call's."""
    hedged: list[object] = []

    async def main() -> None:
        async with AsyncClient(base_url=turns.url, policies=[Hedge(0.02)], timeout=5) as client:
            response = await client.get("/")
            hedged.append((response.attempts[0].copies, response.attempts[0].winner))

    with Turns(0) as turns:
        run(main)
    assert [(1, 1)] == hedged


@pytest.mark.parametrize("run", [of_asyncio, trio.run])
def test_who_is_deaf_is_cancelled(run: Callable[[Main], None]) -> None:
    """A first request that does not look at its token ends as a task, in each of them."""
    hedged: list[object] = []

    async def main() -> None:
        async with AsyncClient(policies=[Hedge(0.02), Deaf()], timeout=5) as client:
            with anyio.fail_after(10):
                hedged.append((await client.get(turns.url)).attempts[0].winner)

    with Turns() as turns:
        run(main)
    assert [1] == hedged
