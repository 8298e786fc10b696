# GENERATED from _async/limiter.py by tools/unasync.py. Do not edit.
"""So many at once, first come, first served."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from antiphon.network.thread_parker import Parker
from antiphon.network.outcome import READY, Outcome

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class Limiter:
    """Lets `capacity` callers in at once; the others wait in the order in which they came.

    Belongs to no event loop and no thread: callers may wait in several at once.
    """

    def __init__(self, capacity: int) -> None:
        self._lock = threading.Lock()
        self._free = capacity
        # Who waits; a place that is freed is handed to the first, who then is no longer in here.
        self._waiting: dict[Parker, None] = {}

    def acquire(
        self, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> Outcome:
        """Take a place: READY, or TIMED_OUT at the deadline (monotonic seconds), or CANCELLED."""
        with self._lock:
            if self._free:
                self._free -= 1
                return READY
            parker = Parker()
            self._waiting[parker] = None
        try:
            outcome = parker.park(deadline, cancel)
        except BaseException:
            if not self._leave(parker):
                self.release()
            raise
        return READY if not self._leave(parker) else outcome

    def _leave(self, parker: Parker) -> bool:
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


class Lock(Limiter):
    """One at a time, by a `with` block. Not re-entrant."""

    def __init__(self) -> None:
        super().__init__(1)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()
