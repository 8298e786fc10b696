"""The door of a loop: its watcher ends what is overdue, and it outlives no loop."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from math import inf
from typing import TYPE_CHECKING

import anyio
import pytest
import trio

from antiphon.errors import UsageError
from antiphon.network import anyio_loops
from antiphon.network.anyio_loops import AsyncioDoor, TrioDoor, end_overdue, running_door
from antiphon.network.anyio_parker import AsyncParker, sleep
from antiphon.network.clock import now
from antiphon.network.outcome import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Callable

uvloop = pytest.importorskip("uvloop", reason="uvloop is not for this system")

NEW_LOOP = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Wait:
    """A wait that notes when it was ended."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.ended_at: float | None = None

    def time_out(self) -> None:
        self.ended_at = now()


async def test_one_door_a_loop() -> None:
    """Within one loop it is always the same door."""
    door = running_door()

    assert door is running_door()
    async with anyio.create_task_group() as group:
        others: list[object] = []
        group.start_soon(sleep, 0)
        group.start_soon(lambda: _note(others))
    assert [door] == others


async def _note(doors: list[object]) -> None:
    doors.append(running_door())


def test_doors_of_several_threads() -> None:
    """Loops in several threads each have a door of their own, of their own kind."""
    doors: dict[str, object] = {}
    together = threading.Barrier(4)

    async def enter(name: str) -> None:
        doors[name] = running_door()
        together.wait(10)
        assert doors[name] is running_door()

    runs = {
        "asyncio": lambda: asyncio.run(enter("asyncio")),
        "asyncio again": lambda: asyncio.run(enter("asyncio again")),
        "uvloop": lambda: uvloop.run(enter("uvloop")),
        "trio": lambda: trio.run(enter, "trio"),
    }
    threads = [threading.Thread(target=run) for run in runs.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert 4 == len(set(doors.values()))
    assert [AsyncioDoor] * 3 + [TrioDoor] == [type(doors[name]) for name in runs]


def test_loops_in_turn() -> None:
    """A loop that goes on after another one ran in its thread has the door that it had."""
    loops = [asyncio.new_event_loop() for _ in range(2)]
    doors: list[anyio_loops.LoopDoor] = []

    async def enter() -> None:
        doors.append(running_door())

    for loop in loops * 2:
        loop.run_until_complete(enter())
    for loop in loops:
        loop.close()

    assert doors[:2] == doors[2:]
    assert doors[0] is not doors[1]


def test_no_loop() -> None:
    """Where no loop runs the error says what to do instead, trio imported or not."""
    with pytest.raises(UsageError, match=r"use antiphon\.Client"):
        running_door()
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(anyio_loops.sys.modules, "trio")
        with pytest.raises(UsageError, match=r"use antiphon\.Client"):
            running_door()


async def test_watch() -> None:
    """Waits end at their deadlines, in whichever order they were begun, and not before."""
    door = running_door()
    begun = now()
    waits = [Wait(begun + seconds) for seconds in (20, 0.03, 0.01, 0.02, -1)]
    for wait in waits:
        door.watch(wait)
    while not all(wait.ended_at for wait in waits[1:]):
        await sleep(0.005)

    assert waits[0].ended_at is None
    assert all(wait.deadline <= wait.ended_at < begun + 5 for wait in waits[1:])  # type: ignore[operator]
    assert waits[0] in door.waiting
    assert waits[0].deadline == door.wake_at
    door.waiting.clear()


async def test_what_was_discarded_is_not_ended() -> None:
    """A wait that is over is not ended again, and the watcher rests when nothing is left."""
    door = running_door()
    wait = Wait(now() + 0.01)
    door.watch(wait)
    door.waiting.discard(wait)
    while door.wake_at < inf:
        await anyio.sleep(0.005)

    assert wait.ended_at is None
    again = Wait(now() + 0.01)
    door.watch(again)
    while again.ended_at is None:
        await anyio.sleep(0.005)


async def test_watched_between_two_turns_of_the_watcher() -> None:
    """A deadline that comes up while the watcher ends another is kept to."""
    door = running_door()
    later: list[Wait] = []

    class Chain(Wait):
        def time_out(self) -> None:
            super().time_out()
            if len(later) < 3:
                later.append(Chain(now() + 0.005))
                door.watch(later[-1])

    door.watch(Chain(now()))
    while len(later) < 3 or later[-1].ended_at is None:
        await anyio.sleep(0.005)

    assert not door.waiting


def test_end_overdue() -> None:
    """What is overdue is ended; the earliest of the rest is when to look again."""
    moment = now()
    waits = {Wait(moment - 1), Wait(moment), Wait(moment + 50), Wait(moment + 60)}

    assert moment + 50 == end_overdue(waits)  # type: ignore[arg-type]
    assert {moment + 50, moment + 60} == {wait.deadline for wait in waits}
    assert all(wait.ended_at is None for wait in waits)
    assert inf == end_overdue(set())


async def test_call_soon_from_another_thread() -> None:
    """A callback from another thread runs in the loop's own."""
    door = running_door()
    called = anyio.Event()
    ran_in: list[int] = []

    def callback() -> None:
        ran_in.append(threading.get_ident())
        called.set()

    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(door.call_soon(callback)))
    thread.start()
    await called.wait()
    thread.join()

    assert ([threading.get_ident()], [True]) == (ran_in, answers)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run, lambda main: trio.run(lambda: main)])
def test_call_soon_after_the_end(run: Callable[[object], object]) -> None:
    """A loop that has ended takes no callback, and says so; its parkers too."""
    parker = AsyncParker()
    doors: list[anyio_loops.LoopDoor] = []

    async def main() -> None:
        doors.append(running_door())
        parker._wake = lambda: doors[0].call_soon(lambda: None)

    run(main())

    assert doors[0].call_soon(lambda: pytest.fail("was called")) is False
    assert parker.unpark() is False
    gc.collect()
    assert doors[0].call_soon(lambda: pytest.fail("was called")) is False


@pytest.mark.parametrize("kind", NEW_LOOP)
def test_no_finished_loop_is_kept(kind: str) -> None:
    """A loop that was closed is freed although timers were armed in it, in threads that live on."""
    freed: list[bool] = []

    async def main() -> None:
        assert TIMED_OUT is await AsyncParker().park(now() + 0.001)
        parker = AsyncParker()
        parker.unpark()
        await parker.park(now() + 1000)

    def work() -> None:
        for _ in range(2):
            loop = NEW_LOOP[kind]()
            loop.run_until_complete(main())
            loop.close()
            reference = weakref.ref(loop)
            del loop
            gc.collect()
            freed.append(reference() is None)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert [True, True] == freed


def test_no_finished_trio_run_is_kept() -> None:
    """A run of trio that has ended is freed although its watcher was asleep until a deadline."""
    references: list[weakref.ref[object]] = []

    async def main() -> None:
        references.append(weakref.ref(trio.lowlevel.current_task()))
        references.append(weakref.ref(trio.lowlevel.current_root_task()))  # type: ignore[arg-type]
        parker = AsyncParker()
        with trio.move_on_after(0.01):
            await parker.park(now() + 1000)
        assert now() + 100 < running_door().wake_at < inf

    trio.run(main)
    gc.collect()

    assert [None, None] == [reference() for reference in references]


@pytest.mark.parametrize("kind", NEW_LOOP)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_closed_under_its_waits(kind: str) -> None:
    """A loop that was closed while calls waited in it is let go when the next loop begins."""
    loop = NEW_LOOP[kind]()

    async def leave_waiting() -> None:
        task = asyncio.ensure_future(AsyncParker().park(now() + 1000))
        await asyncio.sleep(0)
        reference_to.append(weakref.ref(task))
        task._log_destroy_pending = False  # type: ignore[attr-defined]

    reference_to: list[weakref.ref[object]] = []
    loop.run_until_complete(leave_waiting())
    loop.close()
    reference_to.append(weakref.ref(loop))
    del loop

    asyncio.run(sleep(0))  # type: ignore[arg-type]
    gc.collect()

    assert [None, None] == [reference() for reference in reference_to]


def test_trio_as_a_guest_of_asyncio() -> None:
    """trio may run as a guest of asyncio: each finds its own door in the same thread."""
    guests: list[object] = []
    hosts: list[object] = []

    async def guest() -> None:
        for _ in range(3):
            guests.append(running_door())
            assert TIMED_OUT is await AsyncParker().park(now() + 0.01)

    async def host() -> None:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        trio.lowlevel.start_guest_run(
            guest,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=lambda outcome: ended.set_result(outcome.unwrap()),
            host_uses_signal_set_wakeup_fd=True,
        )
        for _ in range(3):
            hosts.append(running_door())
            assert TIMED_OUT is await AsyncParker().park(now() + 0.01)
        await ended

    asyncio.run(host())

    assert [TrioDoor] * 3 == [type(door) for door in guests]
    assert [AsyncioDoor] * 3 == [type(door) for door in hosts]
    assert (1, 1) == (len(set(guests)), len(set(hosts)))
