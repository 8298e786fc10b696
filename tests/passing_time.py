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

    The condition has to hold then, too; without one it moves once. That wait must be one which only
    time ends: another could be over before the clock moves.
    """

    def run() -> None:
        for condition in conditions or (lambda: True,):
            _wait_for(lambda condition=condition: condition() and clock.waiting)
            clock.advance(seconds)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _wait_for(condition: Callable[[], object]) -> None:
    tick = threading.Event()
    for _ in range(20_000):
        if condition():
            break
        tick.wait(0.001)


class TimePassesAt(TransportObserver):
    """Moves a clock on at an event, in the midst of the call, once the server is as far."""

    def __init__(
        self, clock: FakeClock, seconds: float, event: str, condition: Callable[[], object]
    ) -> None:
        def pass_time(*_: object) -> None:
            _wait_for(condition)
            clock.advance(seconds)

        setattr(self, event, pass_time)


class Started(TransportObserver):
    """Knows whether the head of a response was there."""

    def __init__(self) -> None:
        self.head = False

    def response_started(self, status: int, headers: object) -> None:
        self.head = True
