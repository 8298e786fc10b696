"""Time that passes when something waits for it, for tests of limits that no machine is too slow for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from antiphon.models.events import TransportObserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.testing.fake_clock import FakeClock


def let_time_pass(
    clock: FakeClock, seconds: float, *conditions: Callable[[], object]
) -> threading.Thread:
    """Move the clock on, from a thread, as soon as something waits for it; once for each condition.

    The condition has to hold then, too; without one it moves once.
    """
    tick = threading.Event()

    def run() -> None:
        for condition in conditions or (lambda: True,):
            for _ in range(20_000):
                if condition() and clock.waiting:
                    break
                tick.wait(0.001)
            clock.advance(seconds)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


class TimePassesAt(TransportObserver):
    """Moves a clock on at the first of the named events, in the midst of the call."""

    def __init__(self, clock: FakeClock, seconds: float, event: str) -> None:
        setattr(self, event, lambda *_: clock.advance(seconds))


class Started(TransportObserver):
    """Knows whether the head of a response was there."""

    def __init__(self) -> None:
        self.head = False

    def response_started(self, status: int, headers: object) -> None:
        self.head = True
