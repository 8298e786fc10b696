# Source of _sync/limiter.py; after editing run: tox -e codegen
"""So many at once, first come, first served."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Self

from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.outcome import READY, Outcome
from antiphon.policies.waiting_line import WaitingLine

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class AsyncParkedWaiter(AsyncParker):
    """A caller in a `WaitingLine`; `lost` if its event loop was closed: it never takes a place."""

    __slots__ = ("lost",)

    def __init__(self) -> None:
        super().__init__()
        self.lost = False


class AsyncLimiter:
    """Lets `capacity` callers in at once; the others wait in the order in which they came.

    Belongs to no event loop and no thread: callers may wait in several at once, and give places
    back in finalisers. See `WaitingLine`.
    """

    def __init__(self, capacity: int) -> None:
        self._line = WaitingLine(capacity)
        _limiters.add(self)

    async def acquire(
        self, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> Outcome:
        """Take a place: READY, or TIMED_OUT at the deadline (monotonic seconds), or CANCELLED."""
        if self._line.enter():
            return READY
        return await wait_in_line(self._line, deadline, cancel)

    def release(self) -> None:
        """Give the place back, to whoever has waited longest; from anywhere, finalisers too."""
        self._line.release()

    @property
    def waiting(self) -> int:
        """How many callers wait for a place."""
        return self._line.waiting

    def reset_after_fork(self) -> None:
        """Start anew in a forked child: who held a place or waited for one is the parent's."""
        self._line.reset()


async def wait_in_line(
    line: WaitingLine, deadline: float | None = None, cancel: CancelToken | None = None
) -> Outcome:
    """Wait for a place: READY with one, or TIMED_OUT at the deadline, or CANCELLED."""
    waiter = AsyncParkedWaiter()
    line.join(waiter)
    try:
        outcome = await waiter.park(deadline, cancel)
    except BaseException:
        line.abandon(waiter)
        raise
    return outcome if line.leave(waiter) else READY


class AsyncLock(AsyncLimiter):
    """One at a time, by a `with` block. Not re-entrant."""

    def __init__(self) -> None:
        super().__init__(1)

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.release()


_limiters: weakref.WeakSet[AsyncLimiter] = weakref.WeakSet()


def _reset_limiters() -> None:
    for limiter in list(_limiters):
        limiter.reset_after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_reset_limiters)
