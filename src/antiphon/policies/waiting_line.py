"""`WaitingLine`: so many places, and those who wait for one, first come, first served."""

from __future__ import annotations

from typing import Protocol


class Waiter(Protocol):
    """Who waits; it parks in its own voice, and compares by identity."""

    lost: bool
    """Whether it can no longer be told, so that it takes no place; starts as False."""

    def unpark(self) -> bool:
        """Tell it that it has a place, from anywhere; False if it will never know."""
        ...


class WaitingLine:
    """Hands `capacity` places to callers of both voices, in any number of threads and event loops.

    It has no lock, for places are given back by finalisers too, which may interrupt anything: every
    step is one atomic operation of a list or a dict, and whoever adds to one looks at the others
    afterwards. Only `resize` wants one caller at a time.
    """

    __slots__ = ("_capacity", "_debts", "_places", "_waiting")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._places: list[None] = [None] * capacity
        # Places that are still in use though they are no longer meant to be; gone when given back.
        self._debts: list[None] = []
        # Who waits; a place that is freed is handed to the first, who then is no longer in here.
        self._waiting: dict[Waiter, None] = {}

    def enter(self) -> bool:
        """Take a place if there is one and nobody waits for it."""
        return not self._waiting and _took(self._places)

    def join(self, waiter: Waiter) -> None:
        """Wait at the end of the line; `waiter` is unparked once it has a place."""
        self._waiting[waiter] = None
        self._hand_on()

    def leave(self, waiter: Waiter) -> bool:
        """Leave the line; False if the waiter is not in it any more, and so has a place."""
        try:
            del self._waiting[waiter]
        except KeyError:
            return False
        return True

    def abandon(self, waiter: Waiter) -> None:
        """Leave the line in a hurry, and give back the place if there was one already."""
        if not self.leave(waiter) and not waiter.lost:
            self.release()

    def release(self) -> None:
        """Give a place back, to whoever has waited longest; from anywhere, finalisers too."""
        if not _took(self._debts):
            self._places.append(None)
            self._hand_on()

    def resize(self, capacity: int) -> None:
        """Have so many places from now on; those in use too many go as they are given back."""
        change = capacity - self._capacity
        self._capacity = capacity
        for _ in range(change):
            self.release()
        for _ in range(-change):
            self._debts.append(None)
        while self._debts and _took(self._places):
            self.release()

    def _hand_on(self) -> None:
        while self._waiting and _took(self._places):
            waiter = self._first()
            if waiter is None:
                self._places.append(None)
            elif not waiter.unpark():
                waiter.lost = True
                self._places.append(None)

    def _first(self) -> Waiter | None:
        """Take who has waited longest out of the line; None if all have left."""
        while True:
            try:
                waiter = next(iter(self._waiting))
            except StopIteration:
                return None
            except RuntimeError:  # the line changed in between
                continue
            if self.leave(waiter):
                return waiter

    @property
    def capacity(self) -> int:
        """How many places there are meant to be."""
        return self._capacity

    @property
    def running(self) -> int:
        """How many places are in use; may be over the capacity for a while after `resize`."""
        return max(0, self._capacity + len(self._debts) - len(self._places))

    @property
    def waiting(self) -> int:
        """How many callers wait for a place."""
        return len(self._waiting)

    def reset(self) -> None:
        """Start anew, in a forked child: who held a place or waited for one is the parent's."""
        self._places = [None] * self._capacity
        self._debts = []
        self._waiting = {}


class Permit:
    """One place in a line, given back once: by `release`, or by being forgotten."""

    __slots__ = ("_held", "_line")

    def __init__(self, line: WaitingLine) -> None:
        self._line = line
        self._held: list[None] = [None]

    def release(self) -> None:
        """Give the place back; safe to repeat, and from anywhere."""
        if _took(self._held):
            self._line.release()

    def __del__(self) -> None:
        self.release()


def _took(places: list[None]) -> bool:
    """Take one out of the list; False if there was none."""
    try:
        places.pop()
    except IndexError:
        return False
    return True
