"""The time by which every deadline and every sleep is measured, in seconds of `time.monotonic()`.

`antiphon.testing.FakeClock` takes the place of the real time while it is installed: then `now()` is
the fake's, and a wait has no time-out of its own but asks the fake to wake it (`call_at`).
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol


class ReplacementClock(Protocol):
    """What may stand in for the real time."""

    def now(self) -> float:
        """The present moment, in seconds on a scale of its own."""
        ...

    def call_at(self, when: float, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` once the clock has reached `when`; the returned function takes it back."""
        ...

    def about_to_sleep(self, until: float) -> None:
        """Somebody is going to sleep until then, and waits for nothing but the time."""
        ...


_replacement: ReplacementClock | None = None


def now() -> float:
    """The present moment in seconds; only differences mean something."""
    if _replacement is None:
        return monotonic()
    return _replacement.now()


def replacement() -> ReplacementClock | None:
    """The clock that stands in for the real one, if a test has installed any."""
    return _replacement


def install(clock: ReplacementClock | None) -> ReplacementClock | None:
    """Let `clock` stand in for the real time (None: the real one again); returns the former one."""
    global _replacement
    former, _replacement = _replacement, clock
    return former
