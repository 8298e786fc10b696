"""Waiting for people, in an event loop: one caller parks, anybody at all unparks it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from antiphon.network import clock
from antiphon.network.anyio_loops import AsyncioDoor, LoopDoor, running_door
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT, Outcome

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class AsyncParker:
    """A place for one task to wait once: `park` there, `unpark` from anywhere.

    `unpark` never blocks and may be called from any thread, loop, finaliser or signal handler,
    before the parking as well as during it, and any number of times. (`anyio.Event` and
    `anyio.from_thread` will not do: they must be called in the loop, or wait for it.)
    """

    __slots__ = ("_outcome", "_wake", "deadline")

    def __init__(self) -> None:
        self.deadline = 0.0
        self._outcome: Outcome | None = None
        self._wake: Callable[[], bool] | None = None

    def unpark(self) -> bool:
        """End the parking, or the next one before it begins.

        False if its event loop is closed: whoever parked there will never know.
        """
        return self._end(READY)

    async def park(
        self, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> Outcome:
        """Wait for `unpark`, at most until `deadline` (monotonic seconds) or until cancelled."""
        door = running_door()
        take_back: Callable[[], None] | None = None
        if cancel is not None:
            cancel.register(self._cancel)
        try:
            if deadline is not None:
                self.deadline = deadline
                replacement = clock.replacement()
                if replacement is None:
                    door.watch(self)
                else:
                    take_back = replacement.call_at(deadline, self.time_out)
            if isinstance(door, AsyncioDoor):
                await self._park_in_asyncio(door)
            else:
                await self._park_in_trio(door)
        finally:
            self._wake = None
            door.waiting.discard(self)
            if take_back is not None:
                take_back()
            if cancel is not None:
                cancel.unregister(self._cancel)
        return self._outcome or READY

    async def _park_in_asyncio(self, door: AsyncioDoor) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def resolve() -> None:
            if not future.done():
                future.set_result(None)

        # First the way to be woken, then the question whether that has happened already: whoever
        # unparks does the same two things the other way round, so one of the two sees the other.
        self._wake = lambda: door.call_soon(resolve)
        if self._outcome is None:
            await future
        else:
            await asyncio.sleep(0)

    async def _park_in_trio(self, door: LoopDoor) -> None:
        import trio

        task = trio.lowlevel.current_task()
        parked = False

        def resolve() -> None:
            nonlocal parked
            if parked:
                parked = False
                trio.lowlevel.reschedule(task)

        def abort(_: object) -> trio.lowlevel.Abort:
            nonlocal parked
            parked = False
            return trio.lowlevel.Abort.SUCCEEDED

        self._wake = lambda: door.call_soon(resolve)
        if self._outcome is None:
            parked = True
            await trio.lowlevel.wait_task_rescheduled(abort)
        else:
            await trio.lowlevel.checkpoint()

    def time_out(self) -> None:
        """End the parking: its deadline has passed."""
        self._end(TIMED_OUT)

    def _cancel(self) -> None:
        self._end(CANCELLED)

    def _end(self, outcome: Outcome) -> bool:
        if self._outcome is None:
            self._outcome = outcome
        wake = self._wake
        return wake is None or wake()


async def sleep(
    seconds: float, deadline: float | None = None, cancel: CancelToken | None = None
) -> Outcome:
    """Wait for so many seconds: READY after them, TIMED_OUT if the deadline came first."""
    until = clock.now() + seconds
    end = until if deadline is None else min(until, deadline)
    replacement = clock.replacement()
    if replacement is not None:
        replacement.about_to_sleep(end)
    outcome = await AsyncParker().park(end, cancel)
    if outcome is TIMED_OUT and end == until:
        return READY
    return outcome
