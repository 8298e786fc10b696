"""`LinesByKey`: a waiting line for each origin or key, and `Places`: a policy that has them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from antiphon.policies.keyed_states import KeyedStates
from antiphon.policies.waiting_line import Permit, Waiter, WaitingLine

if TYPE_CHECKING:
    from antiphon.errors import BulkheadFullError
    from antiphon.models.request import Request


class Places(Protocol):
    """A policy that has places for so many calls."""

    @property
    def queue_timeout(self) -> float | None:
        """How long a call waits for a place, in seconds."""
        ...

    def enter(self, key: str) -> Permit | None:
        """Take a place, if one is free and nobody waits for it."""
        ...

    def join(self, key: str, waiter: Waiter) -> WaitingLine | None:
        """Wait for a place in the line that is returned; None if too many wait already."""
        ...

    def refusal(self, request: Request, waited: float | None) -> BulkheadFullError:
        """Return the error of a call that waited so many seconds in vain, or was not let wait."""
        ...


class LinesByKey:
    """`capacity` places in each line, `max_queue` callers who wait in each; None is no limit."""

    __slots__ = ("_lines", "_max_queue")

    def __init__(self, capacity: int, max_queue: int | None) -> None:
        self._max_queue = max_queue
        self._lines: KeyedStates[WaitingLine] = KeyedStates(partial(WaitingLine, capacity), _busy)

    def enter(self, key: str) -> Permit | None:
        """Take a place; None if there is none, or others wait for it."""
        lines = self._lines
        with lines.lock:
            line = lines.of(key)
            return Permit(line) if line.enter() else None

    def join(self, key: str, waiter: Waiter) -> WaitingLine | None:
        """Wait in the line that is returned, or None if too many do."""
        lines = self._lines
        with lines.lock:
            line = lines.of(key)
            if self._max_queue is not None and line.waiting >= self._max_queue:
                return None
            line.join(waiter)
            return line

    def resize(self, key: str, capacity: int) -> None:
        """Have so many places in one line."""
        lines = self._lines
        with lines.lock:
            line = lines.of(key)
            if line.capacity != capacity:
                line.resize(capacity)

    def running(self, key: str) -> int:
        """How many places of a line are in use."""
        line = self._lines.peek(key)
        return 0 if line is None else line.running

    def waiting(self, key: str) -> int:
        """How many callers wait in a line."""
        line = self._lines.peek(key)
        return 0 if line is None else line.waiting


def _busy(line: WaitingLine) -> bool:
    return bool(line.running or line.waiting)
