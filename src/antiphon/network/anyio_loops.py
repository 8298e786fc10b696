"""What this package needs of the running event loop beyond anyio: time-outs by the thousand.

A `CancelScope` around every wait costs a third of what a whole request may. So a wait stores its
deadline in a set, and one watcher a loop wakes what is overdue. Read time-outs lie half a minute
ahead and hardly ever come to pass: registering is an addition to a set, nothing else.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Protocol

from antiphon.errors import UsageError
from antiphon.network.clock import now

if TYPE_CHECKING:
    import trio


class Overdue(Protocol):
    """A wait with a deadline; `time_out` ends it and is called in the wait's own loop."""

    deadline: float

    def time_out(self) -> None:
        """End the wait: its deadline has passed."""


class LoopDoor(Protocol):
    """One event loop, seen from inside (`watch`) and from any other thread (`call_soon`)."""

    waiting: set[Overdue]
    wake_at: float

    def watch(self, wait: Overdue) -> None:
        """Let `wait.time_out` be called at its deadline, unless it is discarded from `waiting`."""
        ...

    def call_soon(self, callback: Callable[[], None]) -> bool:
        """Run `callback` in the loop; from any thread, finaliser or signal handler.

        False if the loop is closed, and whoever waited in it is gone.
        """
        ...


class AsyncioDoor:
    """asyncio, and uvloop as one of its loops."""

    __slots__ = ("_loop", "waiting", "wake_at")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Weak, and no timer handle is kept (it holds its loop): a door lives in a thread's memory,
        # and must not keep a finished loop alive there.
        self._loop = weakref.ref(loop)
        self.waiting: set[Overdue] = set()
        self.wake_at = inf

    def watch(self, wait: Overdue) -> None:
        """Let `wait.time_out` be called at its deadline, unless it is discarded from `waiting`."""
        self.waiting.add(wait)
        if wait.deadline < self.wake_at:
            self._arm(wait.deadline)

    def _arm(self, when: float) -> None:
        self.wake_at = when
        # Relative, because uvloop's `time()` is on another scale than `monotonic()`.
        asyncio.get_running_loop().call_later(max(0.0, when - now()), self._fire, when)

    def _fire(self, when: float) -> None:
        if when != self.wake_at:  # an earlier deadline came in between and has armed its own timer
            return
        self.wake_at = inf
        following = end_overdue(self.waiting)
        if following < self.wake_at:
            self._arm(following)

    def call_soon(self, callback: Callable[[], None]) -> bool:
        """Run `callback` in the loop; from any thread, finaliser or signal handler.

        False if the loop is closed, and whoever waited in it is gone.
        """
        loop = self._loop()
        if loop is None:
            return False
        try:
            loop.call_soon_threadsafe(callback)
        except RuntimeError:  # closed
            return False
        return True


class TrioDoor:
    """trio."""

    __slots__ = ("_scope", "_token", "_watching", "waiting", "wake_at")

    def __init__(self, token: trio.lowlevel.TrioToken) -> None:
        self._token = token
        self._scope: trio.CancelScope | None = None
        self._watching = False
        self.waiting: set[Overdue] = set()
        self.wake_at = inf

    def watch(self, wait: Overdue) -> None:
        """Let `wait.time_out` be called at its deadline, unless it is discarded from `waiting`."""
        self.waiting.add(wait)
        if wait.deadline < self.wake_at:
            self.wake_at = wait.deadline
            if self._scope is not None:
                self._scope.deadline = self._trio_time(wait.deadline)
            elif not self._watching:
                import trio

                self._watching = True
                trio.lowlevel.spawn_system_task(self._run)

    async def _run(self) -> None:
        import trio

        try:
            while self.waiting:
                with trio.CancelScope(deadline=self._trio_time(self.wake_at)) as self._scope:
                    await trio.sleep_forever()
                self._scope = None
                self.wake_at = inf
                self.wake_at = min(end_overdue(self.waiting), self.wake_at)
        finally:
            self._scope = None
            self._watching = False
            self.wake_at = inf

    @staticmethod
    def _trio_time(when: float) -> float:
        import trio

        return trio.current_time() + (when - now())

    def call_soon(self, callback: Callable[[], None]) -> bool:
        """Run `callback` in the loop; from any thread, finaliser or signal handler.

        False if the loop is closed, and whoever waited in it is gone.
        """
        import trio

        try:
            self._token.run_sync_soon(callback)
        except trio.RunFinishedError:
            return False
        return True


def end_overdue(waiting: set[Overdue]) -> float:
    """End the waits whose time is up; returns when the next one is due, infinity if none is."""
    moment = now()
    following = inf
    for wait in list(waiting):
        if wait.deadline <= moment:
            waiting.discard(wait)
            wait.time_out()
        elif wait.deadline < following:
            following = wait.deadline
    return following


class _ThisThread(threading.local):
    """The door of the loop that ran last in this thread, so that finding it again is one look."""

    asyncio_loop: weakref.ref[asyncio.AbstractEventLoop] | None = None
    asyncio_door: AsyncioDoor | None = None
    trio_token: trio.lowlevel.TrioToken | None = None
    trio_door: TrioDoor | None = None


_this_thread = _ThisThread()
_asyncio_doors: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncioDoor]
_asyncio_doors = weakref.WeakKeyDictionary()
_get_running_loop = asyncio._get_running_loop
_current_task = asyncio.current_task


def running_asyncio_loop() -> asyncio.AbstractEventLoop | None:
    """The running loop if it is one of asyncio, whose selector can be asked directly."""
    loop = _get_running_loop()
    return loop if loop is not None and _current_task(loop) is not None else None


def running_door() -> LoopDoor:
    """The door of the running loop; `UsageError` where none runs."""
    loop = _get_running_loop()
    # A trio run inside of asyncio (guest mode) steps its tasks in callbacks, where asyncio has a
    # running loop and no current task.
    if loop is not None and _current_task(loop) is not None:
        memory = _this_thread
        if (
            memory.asyncio_loop is not None
            and memory.asyncio_loop() is loop
            and memory.asyncio_door is not None
        ):
            return memory.asyncio_door
        door = _asyncio_doors.get(loop)
        if door is None:
            _forget_closed_loops()
            door = _asyncio_doors[loop] = AsyncioDoor(loop)
        memory.asyncio_loop = weakref.ref(loop)
        memory.asyncio_door = door
        return door
    return _running_trio_door()


def _forget_closed_loops() -> None:
    """Let go of waits whose loop was closed under them, as they hold their loop and its tasks."""
    for reference in _asyncio_doors.keyrefs():
        loop = reference()
        if loop is not None and loop.is_closed():
            _asyncio_doors[loop].waiting.clear()


def _running_trio_door() -> TrioDoor:
    if "trio" in sys.modules:
        import trio

        try:
            token = trio.lowlevel.current_trio_token()
        except RuntimeError:
            pass
        else:
            memory = _this_thread
            if memory.trio_token is not token or memory.trio_door is None:
                memory.trio_token = token
                memory.trio_door = TrioDoor(token)
            return memory.trio_door
    raise UsageError(
        "AsyncClient was used where no asyncio or trio event loop runs; "
        "await it inside of one, or use antiphon.Client"
    )
