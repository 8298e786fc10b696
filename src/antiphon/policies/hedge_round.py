"""`HedgeRound`: the copies of one request, who of them runs, and whose outcome counts."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from antiphon.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Finish(Generic[T]):
    """How copy number `place` ended: with a `value`, or with an `error`. 0 is the first request.

    `refused` says that nothing was sent, because a policy of ours or the system did not let it.
    """

    __slots__ = ("error", "place", "refused", "value")

    def __init__(
        self,
        place: int,
        value: T | None = None,
        error: BaseException | None = None,
        *,
        refused: bool = False,
    ) -> None:
        self.place = place
        self.value = value
        self.error = error
        self.refused = refused or isinstance(error, PolicyError)


class HedgeRound(Generic[T]):
    """The first request and its copies. Told who starts and how each ends; safe among threads.

    The first answer ends it. A failure does not, as long as another one runs: then that one is
    waited for. If all fail, the outcome is the failure that came last, though not one that was
    refused before anything was sent, unless all were.

    `most` copies may be made beside the first request. `may_copy` is asked before each, and its
    first no is the last word; `is_answer` tells an answer from a failure that has a value.
    """

    __slots__ = (
        "_best",
        "_is_answer",
        "_lock",
        "_may_copy",
        "_most",
        "_running",
        "over",
        "started",
    )

    def __init__(
        self, most: int, may_copy: Callable[[], bool], is_answer: Callable[[T], bool]
    ) -> None:
        self._lock = Lock()
        self._most = most
        self._may_copy = may_copy
        self._is_answer = is_answer
        self._running = 0
        self._best: Finish[T] | None = None
        # How many were started, the first request included.
        self.started = 0
        self.over = False

    def enter(self) -> int | None:
        """Return the number of the one that starts now, None if none may."""
        with self._lock:
            place = self.started
            if self.over or place > self._most:
                return None
            if place and not self._may_copy():
                self._most = 0
                return None
            self.started += 1
            self._running += 1
            return place

    @property
    def wants_more(self) -> bool:
        """Whether another copy may be started later."""
        return not self.over and self.started <= self._most

    def finish(self, finish: Finish[T]) -> Finish[T] | None:
        """Take note of how one ended; returns what is of no use any more: this one, or another."""
        with self._lock:
            self._running -= 1
            if self.over:
                return finish
            best = self._best
            answered = finish.value is not None and self._is_answer(finish.value)
            self.over = answered or not self._running
            # Of several that were refused the first request's counts: the others were our idea.
            if best is not None and finish.refused and (finish.place or not best.refused):
                return finish
            self._best = finish
            return best

    def close(self) -> Finish[T] | None:
        """End it, whoever still runs; returns what was kept as the outcome."""
        with self._lock:
            self.over = True
            best, self._best = self._best, None
            return best

    def take(self) -> Finish[T]:
        """Return the outcome, once it is over; it is kept here no longer."""
        best = self.close()
        if best is None:
            raise AssertionError("a round was asked for its outcome before anybody finished")
        return best
