"""Waiting for people, in a thread: one caller parks, anybody at all unparks it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from antiphon.network import clock
from antiphon.network.outcome import CANCELLED, READY, TIMED_OUT, Outcome

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken


class Parker:
    """A place for one thread to wait once: `park` there, `unpark` from anywhere.

    `unpark` never blocks and may be called from any thread, finaliser or signal handler, before
    the parking as well as during it, and any number of times. (It is a bare lock for that reason:
    a `threading.Event` takes a lock of its own, on which a finaliser could wait for ever.)
    """

    __slots__ = ("_gate", "_outcome")

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._outcome: Outcome | None = None

    def unpark(self) -> bool:
        """End the parking, or the next one before it begins; True, for a thread always wakes."""
        self._end(READY)
        return True

    def park(self, deadline: float | None = None, cancel: CancelToken | None = None) -> Outcome:
        """Wait for `unpark`, at most until `deadline` (monotonic seconds) or until cancelled."""
        take_back: Callable[[], None] | None = None
        timeout = -1.0
        if cancel is not None:
            cancel.register(self._cancel)
        try:
            if deadline is not None:
                replacement = clock.replacement()
                if replacement is None:
                    timeout = min(max(0.0, deadline - clock.now()), threading.TIMEOUT_MAX)
                else:
                    take_back = replacement.call_at(deadline, self._time_out)
            if not self._gate.acquire(timeout=timeout):
                self._outcome = self._outcome or TIMED_OUT
        finally:
            if take_back is not None:
                take_back()
            if cancel is not None:
                cancel.unregister(self._cancel)
        return self._outcome or READY

    def _time_out(self) -> None:
        self._end(TIMED_OUT)

    def _cancel(self) -> None:
        self._end(CANCELLED)

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._outcome = outcome
        try:
            self._gate.release()
        except RuntimeError:  # unparked already
            return


def sleep(
    seconds: float, deadline: float | None = None, cancel: CancelToken | None = None
) -> Outcome:
    """Wait for so many seconds: READY after them, TIMED_OUT if the deadline came first."""
    until = clock.now() + seconds
    end = until if deadline is None else min(until, deadline)
    replacement = clock.replacement()
    if replacement is not None:
        replacement.about_to_sleep(end)
    outcome = Parker().park(end, cancel)
    if outcome is TIMED_OUT and end == until:
        return READY
    return outcome
