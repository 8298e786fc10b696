"""Functions that are called at their time, by one thread for the whole process.

For calls that block their thread and have something to do meanwhile: a thread for each of them
would cost as much as the call. (An event loop has timers of its own.)
"""

from __future__ import annotations

import os
import threading
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from antiphon.network import clock

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarm:
    """`ring` is called once `when` (monotonic seconds) has come, in any thread; it must not raise.

    By a clock that stands in for the real one, if there is one when the alarm is set.
    """

    __slots__ = ("_take_back", "ring", "when")

    def __init__(self, when: float, ring: Callable[[], None]) -> None:
        self.when = when
        self.ring = ring
        self._take_back: Callable[[], None] | None = None

    def set(self) -> None:
        """Begin to watch the time."""
        replacement = clock.replacement()
        if replacement is None:
            _watch.add(self)
        else:
            self._take_back = replacement.call_at(self.when, self.ring)

    def take_back(self) -> None:
        """Let it not ring any more; it may be about to just now."""
        if self._take_back is None:
            _watch.discard(self)
        else:
            self._take_back()


class Watch:
    """The thread that watches the time; it ends when there was nothing to watch for some time.

    It sleeps until the earliest alarm that it knows. One that is taken back does not wake it, and a
    later one neither: so a busy client, whose alarms hardly ever ring, wakes it a few times a
    second, not at every call. It goes by the real time alone.
    """

    def __init__(self, linger: float = 5.0) -> None:
        self.linger = linger
        # The lock of a Condition is re-entrant: a signal handler may make a call while we hold it.
        self._changed = threading.Condition()
        self._alarms: set[Alarm] = set()
        self._wake_at = inf
        self._running = False

    def add(self, alarm: Alarm) -> None:
        """Ring at the time of `alarm`."""
        with self._changed:
            self._alarms.add(alarm)
            if self._running:
                if alarm.when < self._wake_at:
                    self._changed.notify()
                return
            self._running = True
        try:
            threading.Thread(target=self._serve, name="antiphon-alarms", daemon=True).start()
        except RuntimeError:  # the interpreter is shutting down, or the system has no more threads
            self._running = False

    def discard(self, alarm: Alarm) -> None:
        """Forget `alarm`."""
        with self._changed:
            self._alarms.discard(alarm)

    def _serve(self) -> None:
        idle_since = monotonic()
        while True:
            with self._changed:
                moment = monotonic()
                due = [alarm for alarm in self._alarms if alarm.when <= moment]
                self._alarms.difference_update(due)
                if not due:
                    if self._alarms:
                        self._wake_at = min(alarm.when for alarm in self._alarms)
                        idle_since = moment
                    elif moment - idle_since >= self.linger:
                        self._running = False
                        self._wake_at = inf
                        return
                    else:
                        self._wake_at = idle_since + self.linger
                    self._changed.wait(min(self._wake_at - moment, threading.TIMEOUT_MAX))
                    self._wake_at = -inf  # awake: whoever adds need not wake it
            due.sort(key=lambda alarm: alarm.when, reverse=True)
            while due:  # nothing that has rung is kept while the thread sleeps
                due.pop().ring()


_watch = Watch()


def _start_over_in_child() -> None:  # pragma: no cover - a forked child
    # Threads do not survive a fork, and one of them may have held the lock.
    global _watch
    _watch = Watch()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_start_over_in_child)
