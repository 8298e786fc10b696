# Source of _sync/limiter.py; after editing run: tox -e codegen
"""So many at once, first come, first served."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.outcome import READY, Outcome

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class AsyncLimiter:
    """Lets `capacity` callers in at once; the others wait in the order in which they came.

    Belongs to no event loop and no thread: callers may wait in several at once.
    """

    def __init__(self, capacity: int) -> None:
        self._lock = threading.Lock()
        self._free = capacity
        # Who waits; a place that is freed is handed to the first, who then is no longer in here.
        self._waiting: dict[AsyncParker, None] = {}

    async def acquire(
        self, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> Outcome:
        """Take a place: READY, or TIMED_OUT at the deadline (monotonic seconds), or CANCELLED."""
        with self._lock:
            if self._free:
                self._free -= 1
                return READY
            parker = AsyncParker()
            self._waiting[parker] = None
        try:
            outcome = await parker.park(deadline, cancel)
        except BaseException:
            if not self._leave(parker):
                self.release()
            raise
        return READY if not self._leave(parker) else outcome

    def _leave(self, parker: AsyncParker) -> bool:
        """Whether the caller was still waiting, and so has no place."""
        with self._lock:
            if parker in self._waiting:
                del self._waiting[parker]
                return True
            return False

    def release(self) -> None:
        """Give the place back, to whoever has waited longest."""
        with self._lock:
            for parker in self._waiting:
                del self._waiting[parker]
                break
            else:
                self._free += 1
                return
        parker.unpark()

    @property
    def waiting(self) -> int:
        """How many callers wait for a place."""
        return len(self._waiting)


class AsyncLock(AsyncLimiter):
    """One at a time, by a `with` block. Not re-entrant."""

    def __init__(self) -> None:
        super().__init__(1)

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.release()
