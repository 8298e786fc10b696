# Source of _sync/test_limiter.py; after editing run: tox -e codegen
"""So many at once, in the order in which they came, whatever becomes of those who wait."""

from __future__ import annotations

import random
import threading
import weakref

import pytest

from antiphon._async import limiter as limiters
from antiphon._async.limiter import AsyncLimiter, AsyncLock
from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_parker import AsyncParker, sleep
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT
from tests.anyio_group import AsyncGroup, until


async def free_places(limiter: AsyncLimiter) -> int:
    """Take all places that are free, and give them back; how many there were."""
    count = 0
    while await limiter.acquire(now() - 1) is READY:
        count += 1
    for _ in range(count):
        limiter.release()
    return count


@pytest.mark.parametrize("capacity", [1, 3])
async def test_capacity(capacity: int) -> None:
    """As many as the capacity get a place at once, one more does not."""
    limiter = AsyncLimiter(capacity)
    for _ in range(capacity):
        assert READY is await limiter.acquire()
    assert TIMED_OUT is await limiter.acquire(now() + 0.01)
    assert 0 == limiter.waiting
    for _ in range(capacity):
        limiter.release()
    assert capacity == await free_places(limiter)


async def test_first_come_first_served() -> None:
    """Places go to those who wait in the order in which they came, and nobody overtakes them."""
    limiter = AsyncLimiter(2)
    order: list[int] = []

    async def call(number: int) -> None:
        await limiter.acquire()
        order.append(number)
        limiter.release()

    await limiter.acquire()
    await limiter.acquire()
    async with AsyncGroup() as group:
        for number in range(10):
            group.start(call, number)
            await until(lambda: number + 1 == limiter.waiting)  # noqa: B023
        limiter.release()
        await until(lambda: 10 == len(order))
        limiter.release()
    assert list(range(10)) == order
    assert 2 == await free_places(limiter)


async def test_who_leaves_the_queue_takes_no_place() -> None:
    """Waiters that time out or are cancelled leave the others their order and their places."""
    limiter = AsyncLimiter(1)
    await limiter.acquire()
    token = CancelToken()
    async with AsyncGroup() as group:
        cancelled = group.start(limiter.acquire, None, token)
        await until(lambda: 1 == limiter.waiting)
        late = group.start(limiter.acquire, now() + 0.02)
        await until(lambda: 2 == limiter.waiting)
        served = group.start(limiter.acquire)
        await until(lambda: late.done)
        token.cancel()
        await until(lambda: cancelled.done)
        assert not served.done
        limiter.release()
    assert (CANCELLED, TIMED_OUT, READY) == (cancelled.result, late.result, served.result)
    limiter.release()
    assert 1 == await free_places(limiter)


async def test_a_place_given_at_the_last_moment_is_taken() -> None:
    """Who is given a place just as its time runs out has it."""
    limiter = AsyncLimiter(1)
    await limiter.acquire()
    token = CancelToken()
    async with AsyncGroup() as group:
        call = group.start(limiter.acquire, None, token)
        await until(lambda: token._wakers)
        with token._lock:
            token.cancel()
            limiter.release()
    expected = 0 if call.result is READY else 1
    assert expected == await free_places(limiter)


async def test_cancellations_racing_with_releases() -> None:
    """However cancellations and releases meet, no place is lost and none appears."""
    limiter = AsyncLimiter(2)
    rng = random.Random(7)
    inside = 0
    most = 0

    async def call(token: CancelToken) -> None:
        nonlocal inside, most
        for _ in range(10):
            if await limiter.acquire(now() + 0.02, token) is READY:
                inside += 1
                most = max(most, inside)
                await sleep(0.0005)
                inside -= 1
                limiter.release()

    tokens = [CancelToken() for _ in range(20)]

    def cancel_all() -> None:
        tick = threading.Event()
        for token in tokens[::2]:
            tick.wait(rng.random() * 0.002)
            token.cancel()

    thread = threading.Thread(target=cancel_all, daemon=True)
    async with AsyncGroup() as group:
        calls = [group.start(call, token) for token in tokens]
        thread.start()
    thread.join()
    assert [] == [call.error for call in calls if call.error is not None]
    assert most <= 2
    assert 0 == limiter.waiting
    assert 2 == await free_places(limiter)


async def test_lock() -> None:
    """A lock lets one in at a time, and is free again after an error."""
    lock = AsyncLock()
    inside: list[int] = []

    async def call(number: int) -> None:
        for _ in range(20):
            async with lock:
                inside.append(number)
                assert 1 == len(inside)
                await sleep(0)
                inside.clear()

    async with AsyncGroup() as group:
        calls = [group.start(call, number) for number in range(8)]
    assert [None] * 8 == [call.error for call in calls]
    with pytest.raises(ValueError, match="mine"):
        async with lock:
            raise ValueError("mine")
    assert 1 == await free_places(lock)


async def test_everybody_leaves_just_then() -> None:
    """A place that finds nobody in the queue after all is kept for who comes next."""

    class Leaving(dict):  # type: ignore[type-arg]
        """A queue in which others are busy while it is looked at."""

        odd: list[type[Exception]] = [KeyError, RuntimeError, StopIteration]  # noqa: RUF012

        def __iter__(self):  # type: ignore[no-untyped-def]
            if self.odd and issubclass(self.odd[0], RuntimeError):
                raise self.odd.pop(0)
            if self.odd and self.odd[0] is StopIteration:
                self.clear()
            return super().__iter__()

        def __delitem__(self, key: object) -> None:
            if self.odd and self.odd[0] is KeyError:
                raise self.odd.pop(0)
            super().__delitem__(key)

    limiter = AsyncLimiter(1)
    await limiter.acquire()
    limiter._line._waiting = Leaving({object(): None})
    limiter.release()
    assert [StopIteration] == limiter._line._waiting.odd  # type: ignore[attr-defined]
    assert READY is await limiter.acquire(now() - 1)


async def test_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a forked child all places are free, and nobody waits."""
    limiter = AsyncLimiter(2)
    await limiter.acquire()
    monkeypatch.setattr(limiters, "_limiters", weakref.WeakSet([limiter]))
    limiters._reset_limiters()
    assert 2 == await free_places(limiter)


async def test_a_release_that_interrupts_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place given back by a finaliser in the midst of queueing up is not lost."""
    limiter = AsyncLimiter(1)
    await limiter.acquire()
    held = [True]
    make = AsyncParker.__init__

    def interrupted(parker: AsyncParker) -> None:
        make(parker)
        if held:  # the collector runs here, and frees a stream that held the place
            held.clear()
            limiter.release()

    monkeypatch.setattr(AsyncParker, "__init__", interrupted)
    assert READY is await limiter.acquire(now() + 20)
    assert [] == held
    limiter.release()
    assert 1 == await free_places(limiter)
