"""A request, and copies of it when it takes long, in an event loop: the twin of `thread_relay`."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from antiphon.models.cancel import CancelToken
from antiphon.network import clock
from antiphon.network.anyio_background import start_background
from antiphon.network.anyio_loops import running_door
from antiphon.network.clock import now
from antiphon.policies.hedge_round import Finish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from antiphon.network.anyio_loops import LoopDoor
    from antiphon.policies.hedge_round import HedgeRound

T = TypeVar("T")

GRACE = 0.25
"""Seconds that those who were called off have to end; they need them only for code of others."""
FASTER = "another copy of the request was answered first"


async def relay(
    send: Callable[[int, CancelToken], Awaitable[T]],
    race: HedgeRound[T],
    delay: float,
    drop: Callable[[T], Awaitable[None]],
    cancel: CancelToken | None = None,
) -> Finish[T]:
    """Send a request, and a copy of it each time `delay` seconds have passed without an answer.

    `send(number, token)` sends one, number 0 here in the calling task, copies in tasks of their own
    with the context variables of the caller. `race` decides how many and which outcome counts; the
    others are cancelled by their tokens, and their answers given to `drop`. Returns once all have
    ended: who is deaf to its token is cancelled as a task, `GRACE` seconds after the outcome. What
    cancels the calling task ends all.
    """
    return await _Relay(send, race, delay, drop, cancel).run()


class _Relay(Generic[T]):
    __slots__ = (
        "_alarm",
        "_cancel",
        "_context",
        "_delay",
        "_door",
        "_drop",
        "_group",
        "_race",
        "_send",
        "_started",
        "_tokens",
    )

    def __init__(
        self,
        send: Callable[[int, CancelToken], Awaitable[T]],
        race: HedgeRound[T],
        delay: float,
        drop: Callable[[T], Awaitable[None]],
        cancel: CancelToken | None,
    ) -> None:
        self._send = send
        self._race = race
        self._delay = delay
        self._drop = drop
        self._cancel = cancel
        self._tokens: list[CancelToken] = []
        # Asked for here, since alarms ring outside of all tasks.
        self._door = running_door()
        self._group = anyio.create_task_group()
        self._context = copy_context()
        self._started = now()
        self._alarm: _Alarm | None = None

    async def run(self) -> Finish[T]:
        """Take part as the first, and wait for the outcome."""
        race = self._race
        self._join()
        try:
            # No task is started before a copy is, for that would cost more than the group does.
            async with self._group:
                self._set_alarm()
                await self._run(0)
        except BaseException as error:
            kept = race.close()
            if kept is not None and kept.value is not None:
                await self._drop(kept.value)
            if isinstance(error, BaseExceptionGroup):  # Ctrl-C in trio, which the group has wrapped
                raise error.exceptions[0] from None
            raise
        finally:
            self._take_back()
        return race.take()

    def _join(self) -> int | None:
        place = self._race.enter()
        if place is not None:
            cancel = self._cancel
            self._tokens.append(CancelToken() if cancel is None else cancel.child())
        return place

    def _set_alarm(self) -> None:
        if self._race.wants_more:
            self._ring_at(self._started + self._delay * self._race.started, self._start_copy)

    def _start_copy(self) -> None:
        """Have one started, if it is still wanted; called in the loop once its time has come."""
        # By a task of its own, for anyio starts none where it sees no event loop: in a loop that
        # asyncio.run() has started it sees one from inside of tasks alone.
        start_background(self._start, self._door)

    async def _start(self) -> None:
        place = self._join()
        if place is not None:
            try:
                # Whoever starts it has a context of its own, which is not the caller's.
                self._context.copy().run(self._group.start_soon, self._run, place)
            except RuntimeError:  # the caller was cancelled a moment ago, and the group has closed
                return
            self._set_alarm()

    async def _run(self, place: int) -> None:
        try:
            value = await self._send(place, self._tokens[place])
        except Exception as error:  # noqa: BLE001 - raised by who takes the outcome
            finish: Finish[T] = Finish(place, error=error)
        else:
            finish = Finish(place, value)
        try:
            await self._finish(finish)
        finally:
            del finish  # its error's traceback holds this frame

    async def _finish(self, finish: Finish[T]) -> None:
        before = self._race.over
        dropped = self._race.finish(finish)
        if self._race.over and not before:
            self._take_back()
            if len(self._tokens) > 1:
                for place, token in enumerate(self._tokens):
                    if place != finish.place:
                        token.cancel(FASTER)
                self._ring_at(now() + GRACE, self._group.cancel_scope.cancel)
        try:
            if dropped is not None and dropped.value is not None:
                await self._drop(dropped.value)
        finally:
            del finish, dropped

    def _ring_at(self, when: float, ring: Callable[[], None]) -> None:
        self._alarm = _Alarm(self._door, when, ring)
        self._alarm.set()

    def _take_back(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.take_back()


class _Alarm:
    """A time-out of the loop that ends no wait but calls a function, in the loop."""

    __slots__ = ("_door", "_ring", "_take_back", "_taken_back", "deadline")

    def __init__(self, door: LoopDoor, when: float, ring: Callable[[], None]) -> None:
        self.deadline = when
        self._ring = ring
        self._door = door
        self._take_back: Callable[[], None] | None = None
        self._taken_back = False

    def set(self) -> None:
        replacement = clock.replacement()
        if replacement is None:
            self._door.watch(self)
        else:
            # Whoever moves that clock may do so in any thread.
            self._take_back = replacement.call_at(self.deadline, self._ring_soon)

    def take_back(self) -> None:
        self._taken_back = True
        self._door.waiting.discard(self)
        if self._take_back is not None:
            self._take_back()

    def time_out(self) -> None:
        """Ring, unless that is not wanted any more."""
        if not self._taken_back:
            self._ring()

    def _ring_soon(self) -> None:
        self._door.call_soon(self.time_out)
