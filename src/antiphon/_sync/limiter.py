# GENERATED from _async/limiter.py by tools/unasync.py. Do not edit.
"""So many at once, first come, first served."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Self

from antiphon.network.thread_parker import Parker
from antiphon.network.outcome import READY, Outcome

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class _Waiter(Parker):
    """A caller in the queue; `lost` if its event loop was closed, so it never takes a place."""

    __slots__ = ("lost",)

    def __init__(self) -> None:
        super().__init__()
        self.lost = False


class Limiter:
    """Lets `capacity` callers in at once; the others wait in the order in which they came.

    Belongs to no event loop and no thread: callers may wait in several at once. It has no lock, for
    places are given back by finalisers too, which may interrupt anything: every step is one atomic
    operation of a list or a dict, and whoever adds to one looks at the other afterwards.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._places: list[None] = [None] * capacity
        # Who waits; a place that is freed is handed to the first, who then is no longer in here.
        self._waiting: dict[_Waiter, None] = {}
        _limiters.add(self)

    def acquire(
        self, deadline: float | None = None, cancel: CancelToken | None = None
    ) -> Outcome:
        """Take a place: READY, or TIMED_OUT at the deadline (monotonic seconds), or CANCELLED."""
        if not self._waiting and self._take_place():
            return READY
        waiter = _Waiter()
        self._waiting[waiter] = None
        self._hand_on()
        try:
            outcome = waiter.park(deadline, cancel)
        except BaseException:
            if not self._leave(waiter) and not waiter.lost:
                self.release()
            raise
        return outcome if self._leave(waiter) else READY

    def _take_place(self) -> bool:
        try:
            self._places.pop()
        except IndexError:
            return False
        return True

    def _leave(self, waiter: _Waiter) -> bool:
        """Whether the caller was still waiting, and so has no place."""
        try:
            del self._waiting[waiter]
        except KeyError:
            return False
        return True

    def release(self) -> None:
        """Give the place back, to whoever has waited longest; from anywhere, finalisers too."""
        self._places.append(None)
        self._hand_on()

    def _hand_on(self) -> None:
        while self._waiting and self._take_place():
            waiter = self._first()
            if waiter is None:
                self._places.append(None)
            elif not waiter.unpark():
                waiter.lost = True
                self._places.append(None)

    def _first(self) -> _Waiter | None:
        """Take who has waited longest out of the queue; None if all have left."""
        while True:
            try:
                waiter = next(iter(self._waiting))
            except StopIteration:
                return None
            except RuntimeError:  # the queue changed in between
                continue
            if self._leave(waiter):
                return waiter

    @property
    def waiting(self) -> int:
        """How many callers wait for a place."""
        return len(self._waiting)

    def reset_after_fork(self) -> None:
        """Start anew in a forked child: who held a place or waited for one is the parent's."""
        self._places = [None] * self._capacity
        self._waiting = {}


class Lock(Limiter):
    """One at a time, by a `with` block. Not re-entrant."""

    def __init__(self) -> None:
        super().__init__(1)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()


_limiters: weakref.WeakSet[Limiter] = weakref.WeakSet()


def _reset_limiters() -> None:
    for limiter in list(_limiters):
        limiter.reset_after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_reset_limiters)
