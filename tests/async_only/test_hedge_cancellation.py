"""Hedged requests and the cancellation of tasks: the caller's ends all, and it ends who is deaf."""

from __future__ import annotations

import asyncio
import time as real_time

import anyio
import pytest

from antiphon import AsyncClient, AsyncNext, AsyncResponseStream, CallContext, Hedge, Request
from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_loops import running_door
from antiphon.network.anyio_relay import _Relay
from antiphon.policies.hedge_round import HedgeRound
from antiphon.testing import FakeClock
from tests.anyio_census import census, nothing_left
from tests.anyio_group import until
from tests.app import answer
from tests.turns import Turns


def pool_of(client: AsyncClient) -> tuple[int, int]:
    """Open connections and callers in wait."""
    plan = client._core.transport.pool._plan  # type: ignore[attr-defined]
    return plan.open_count, plan.waiter_count


@pytest.mark.parametrize("copied", [False, True])
async def test_cancelled_while_waiting(copied: bool) -> None:
    """Cancellation of the caller ends the first request and its copy, and no copy comes later."""
    before = census()
    with Turns(0, 1) as turns, FakeClock() as time:
        async with AsyncClient(policies=[Hedge(0.2, max_copies=2)]) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.get, turns.url)
                await until(lambda: 1 == len(turns.requests))
                if copied:
                    time.advance(0.2)
                    await until(lambda: 2 == len(turns.requests))
                tasks.cancel_scope.cancel()
            assert (0, 0) == pool_of(client)
            assert 0 == time.waiting
            time.advance(1)
    await nothing_left(before)
    assert 1 + copied == len(turns.requests)


async def test_cancelled_while_the_copy_is_waited_for() -> None:
    """A failure of the first that was kept for the caller is dropped with him."""
    kept: list[AsyncResponseStream] = []

    class Keeper:
        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            kept.append(await next(request))
            return kept[-1]

    with Turns(0, 1, answers={0: answer(503, "x" * 1_000_000)}) as turns, FakeClock() as time:
        async with AsyncClient(policies=[Hedge(0.2), Keeper()], retry=None) as client:

            async def stream() -> None:
                async with client.stream("GET", turns.url):
                    raise AssertionError("nobody answered")

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stream)
                await until(lambda: 1 == len(turns.requests))
                time.advance(0.2)
                await until(lambda: 2 == len(turns.requests))
                turns.let_go(0)
                await until(lambda: kept)
                await anyio.sleep(0.01)  # the first has ended, and its failure is kept
                tasks.cancel_scope.cancel()
            assert "closed" in repr(kept[0])
            assert (0, 0) == pool_of(client)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_of_asyncio_that_is_cancelled() -> None:
    """`task.cancel()` ends the call with CancelledError, and leaves nothing."""
    with Turns(0, 1) as turns, FakeClock() as time:
        async with AsyncClient(policies=[Hedge(0.2)]) as client:
            task = asyncio.ensure_future(client.get(turns.url))
            await until(lambda: 1 == len(turns.requests))
            time.advance(0.2)
            await until(lambda: 2 == len(turns.requests))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (0, 0) == pool_of(client)


class Deaf:
    """A policy that does not look at the token while it waits, in the copies that it is told."""

    stage = "attempt"

    def __init__(self, *copies: int) -> None:
        self._copies = copies
        self.ended = 0

    async def __call__(
        self, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        try:
            if call.copy in self._copies:
                await anyio.sleep(20)
            return await next(request)
        finally:
            self.ended += 1


async def test_a_loser_that_is_deaf_to_its_token() -> None:
    """It is cancelled as a task, a moment after the answer of the other."""
    deaf = Deaf(0)
    before = census()
    with Turns() as turns:
        async with AsyncClient(policies=[Hedge(0.0), deaf]) as client:
            started = real_time.monotonic()
            response = await client.get(turns.url)
            assert real_time.monotonic() - started < 5
            assert "answer 0" == response.text
            assert 2 == deaf.ended
            assert not running_door().waiting
    await nothing_left(before)


async def test_the_time_has_come_when_the_group_has_closed() -> None:
    """A copy that is due in the moment in which its caller leaves is not started."""
    race: HedgeRound[str] = HedgeRound(3, lambda: True, lambda _: True)

    async def wait(_place: int, _token: CancelToken) -> str:
        await anyio.sleep(20)
        return "never"

    async def drop(_value: str) -> None:
        raise AssertionError("there is nothing to drop")

    made = _Relay(wait, race, 30.0, drop, None)
    with anyio.move_on_after(0.01):
        await made.run()
    assert race.over
    race.over = False  # as it is in the moment between the two
    await made._start()
    assert made._alarm is None
