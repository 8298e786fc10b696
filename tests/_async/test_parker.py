# Source of _sync/test_parker.py; after editing run: tox -e codegen
"""One caller waits, anybody wakes it: from any thread, handler or finaliser, early or late."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref

import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_parker import AsyncParker, sleep
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT
from antiphon.testing import FakeClock
from tests.anyio_group import AsyncGroup, until


def in_thread(function: object, *args: object) -> threading.Thread:
    """Run a function in another thread."""
    thread = threading.Thread(target=function, args=args, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


async def test_unparked_before() -> None:
    """Who was unparked before it parks does not wait; once or many times is the same."""
    for times in (1, 3):
        parker = AsyncParker()
        assert [True] * times == [parker.unpark() for _ in range(times)]
        assert READY is await parker.park()


async def test_unparked_from_another_thread() -> None:
    """Another thread may unpark, before, during and after the parking, as often as it likes."""
    for _ in range(200):
        parker = AsyncParker()
        thread = in_thread(lambda: [parker.unpark() for _ in range(3)])  # noqa: B023
        assert READY is await parker.park(now() + 20)
        thread.join()


async def test_many_are_parked_at_once() -> None:
    """Each is woken by its own unparking, in whichever order that comes."""
    parkers = [AsyncParker() for _ in range(50)]
    async with AsyncGroup() as group:
        calls = [group.start(parker.park, now() + 20) for parker in parkers]
        await sleep(0.01)
        assert not any(call.done for call in calls)
        parkers[30].unpark()
        await until(lambda: calls[30].done)
        assert 1 == sum(call.done for call in calls)
        thread = in_thread(lambda: [parker.unpark() for parker in reversed(parkers)])
    assert {READY} == {call.result for call in calls}
    thread.join()


async def test_unparked_by_a_signal_handler() -> None:
    """A signal handler may unpark whom the signal interrupts."""
    parker = AsyncParker()
    former = signal.signal(signal.SIGUSR1, lambda *_: parker.unpark())
    try:
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert READY is await parker.park(now() + 20)
    finally:
        signal.signal(signal.SIGUSR1, former)


async def test_unparked_by_a_finaliser() -> None:
    """The garbage collector may unpark, in whichever thread it runs."""

    class Forgotten:
        pass

    for collector in (gc.collect, lambda: in_thread(gc.collect).join()):
        parker = AsyncParker()
        forgotten = Forgotten()
        forgotten.itself = forgotten  # type: ignore[attr-defined]
        weakref.finalize(forgotten, parker.unpark)
        del forgotten
        async with AsyncGroup() as group:
            call = group.start(parker.park, now() + 20)
            collector()
        assert READY is call.result


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.02])
async def test_deadline(seconds: float) -> None:
    """The parking ends at its deadline, passed ones included, and not before it."""
    deadline = now() + seconds
    assert TIMED_OUT is await AsyncParker().park(deadline)
    assert deadline <= now() < deadline + 10


async def test_an_earlier_deadline_comes_later() -> None:
    """A deadline earlier than those that are waited for already is kept to as well."""
    async with AsyncGroup() as group:
        late = AsyncParker()
        call = group.start(late.park, now() + 20)
        for seconds in (10, 1, 0.02, 0.01):
            started = time.monotonic()
            if seconds < 1:
                assert TIMED_OUT is await AsyncParker().park(now() + seconds)
                assert seconds <= time.monotonic() - started < 1
            else:
                parker = AsyncParker()
                parker.unpark()
                assert READY is await parker.park(now() + seconds)
        assert not call.done
        late.unpark()
    assert READY is call.result


async def test_a_distant_deadline() -> None:
    """A deadline in a hundred thousand years is one like any other."""
    parker = AsyncParker()
    async with AsyncGroup() as group:
        call = group.start(parker.park, now() + 3e12)
        await sleep(0.01)
        assert not call.done
        parker.unpark()
    assert READY is call.result


async def test_cancelled_by_a_token() -> None:
    """A token ends the parking, before and during it, from another thread too."""
    token = CancelToken()
    async with AsyncGroup() as group:
        call = group.start(AsyncParker().park, now() + 20, token)
        await until(lambda: token._wakers)
        thread = in_thread(token.cancel)
    assert CANCELLED is call.result
    assert CANCELLED is await AsyncParker().park(None, token)
    thread.join()


async def test_the_first_to_end_it_says_how() -> None:
    """Of an unparking and a cancellation the one that came first is the outcome."""
    token = CancelToken()
    parker = AsyncParker()
    parker.unpark()
    token.cancel()
    assert READY is await parker.park(now() - 1, token)


async def test_nothing_is_left_behind() -> None:
    """After the parking neither the token nor the clock knows of it."""
    token = CancelToken()
    with FakeClock() as time_:
        for _ in range(20):
            parker = AsyncParker()
            parker.unpark()
            assert READY is await parker.park(1.0, token)
        assert 0 == time_.waiting
    assert not token._wakers


async def test_fake_clock() -> None:
    """With a fake clock the parking ends when the clock says so."""
    with FakeClock() as time_:
        async with AsyncGroup() as group:
            call = group.start(AsyncParker().park, 5.0)
            await until(lambda: time_.waiting)
            time_.advance(4.9)
            assert 1 == time_.waiting
            time_.advance(0.1)
        assert TIMED_OUT is call.result
        assert TIMED_OUT is await AsyncParker().park(5.0)


async def test_sleep() -> None:
    """A sleep is READY after its time, TIMED_OUT at an earlier deadline, CANCELLED by a token."""
    started = now()
    assert READY is await sleep(0.02)
    assert READY is await sleep(0.01, now() + 20)
    assert 0.03 <= now() - started
    assert TIMED_OUT is await sleep(20, now() + 0.01)
    token = CancelToken()
    token.cancel()
    assert CANCELLED is await sleep(20, None, token)
    assert now() - started < 10


async def test_sleep_by_a_fake_clock() -> None:
    """Sleeps are listed, and with `jump` take no real time."""
    with FakeClock(100.0, jump=True) as time_:
        assert READY is await sleep(3600)
        assert TIMED_OUT is await sleep(3600, time_.now() + 60)
        assert READY is await sleep(0)
        assert ([3600.0, 60.0, 0.0], 3760.0) == (time_.slept, time_.now())
