"""A clock that only moves when it is told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from antiphon.network import clock

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeClock:
    """Takes the place of the time for every antiphon client of the process, of either voice.

    `with FakeClock() as time:` stops the time; `time.advance(5)` lets five seconds pass and ends
    the waits that were due by then: sleeps between retries, waits for a pool, time-outs of sockets.
    With `jump=True` a sleep moves the clock to its own end, so that retries need no real time; what
    else waits then is due as well. `slept` lists how long each sleep was meant to be, in seconds.
    """

    def __init__(self, start: float = 0.0, *, jump: bool = False) -> None:
        self._now = start
        self._jump = jump
        self._changed = threading.Condition()
        self._waits: dict[object, tuple[float, Callable[[], None]]] = {}
        self._former: clock.ReplacementClock | None = None
        self.slept: list[float] = []

    def now(self) -> float:
        """The present moment, in seconds."""
        return self._now

    @property
    def waiting(self) -> int:
        """How many waits with a deadline are going on."""
        return len(self._waits)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass, and end what is due, the earliest first."""
        if seconds < 0:
            raise ValueError(f"seconds: time does not run backwards, got {seconds}")
        with self._changed:
            self._now += seconds
            due = sorted(
                ((when, key) for key, (when, _) in self._waits.items() if when <= self._now),
                key=lambda entry: entry[0],
            )
            wakers = [self._waits.pop(key)[1] for _, key in due]
        for wake in wakers:
            wake()

    def wait_for(self, count: int, timeout: float = 10.0) -> None:
        """Block this thread until `count` waits with a deadline are going on in others.

        Raises the builtin `TimeoutError` after `timeout` real seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._waits) >= count, timeout):
                raise TimeoutError(f"{len(self._waits)} of {count} waits began in {timeout} s")

    def call_at(self, when: float, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` once the clock has reached `when`; the returned function takes it back."""
        key = object()
        with self._changed:
            due = when <= self._now
            if not due:
                self._waits[key] = (when, wake)
                self._changed.notify_all()
        if due:
            wake()

        def take_back() -> None:
            with self._changed:
                self._waits.pop(key, None)

        return take_back

    def about_to_sleep(self, until: float) -> None:
        """Note the sleep, and with `jump` let its time pass at once."""
        self.slept.append(until - self._now)
        if self._jump and until > self._now:
            self.advance(until - self._now)

    def __enter__(self) -> Self:
        self._former = clock.install(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        clock.install(self._former)

    def __repr__(self) -> str:
        return f"<FakeClock at {self._now:g} s, {len(self._waits)} waiting>"
