"""Functions that are called at their time, by one thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from antiphon.network import alarms
from antiphon.network.alarms import Alarm, Watch
from antiphon.testing import FakeClock
from tests.thread_group import until


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A watch of the test's own, whose thread ends soon."""
    watch = Watch(linger=0.05)
    monkeypatch.setattr(alarms, "_watch", watch)
    return watch


def alarm(seconds: float, ring: Callable[[], None]) -> Alarm:
    """Set an alarm so many seconds from now."""
    made = Alarm(time.monotonic() + seconds, ring)
    made.set()
    return made


def test_they_ring_in_order(watch: Watch) -> None:
    """Alarms ring at their times, whatever the order in which they were set, in another thread."""
    rung: list[tuple[str, bool]] = []

    def ringing(name: str) -> Callable[[], None]:
        me = threading.current_thread()
        return lambda: rung.append((name, threading.current_thread() is me))

    alarm(0.06, ringing("last"))
    alarm(0.02, ringing("first"))
    alarm(0.04, ringing("second"))
    until(lambda: 3 == len(rung))
    assert [("first", False), ("second", False), ("last", False)] == rung
    until(lambda: not watch._running)


def test_those_taken_back_do_not_ring(watch: Watch) -> None:
    """An alarm that is taken back is silent, and keeps nothing alive."""
    rung: list[str] = []
    alarm(0.03, lambda: rung.append("kept"))
    for _ in range(100):
        alarm(0.001, lambda: rung.append("taken back")).take_back()
    until(lambda: rung)
    assert ["kept"] == rung
    assert set() == watch._alarms


def test_the_thread_ends_and_begins_anew(watch: Watch) -> None:
    """Without alarms the thread ends after a while, and the next alarm starts another."""
    rung: list[int] = []
    for count in (1, 2):
        alarm(0.0, lambda: rung.append(1))
        until(lambda wanted=count: wanted == len(rung))  # type: ignore[misc]
        assert watch._running
        until(lambda: not watch._running)
        assert [] == [one for one in threading.enumerate() if one.name == "antiphon-alarms"][1:]


def test_no_more_threads(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started alarms do not ring, and nobody is told of an error."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    alarm(0.0, lambda: None)
    assert not watch._running


def test_a_clock_of_a_test(watch: Watch) -> None:
    """With a clock that stands in for the real one they ring by that."""
    rung: list[str] = []
    with FakeClock() as clock:
        for when, name in ((1.0, "one"), (2.0, "two")):
            Alarm(when, lambda name=name: rung.append(name)).set()  # type: ignore[misc]
        dropped = Alarm(1.5, lambda: rung.append("taken back"))
        dropped.set()
        dropped.take_back()
        clock.advance(1)
        assert ["one"] == rung
        clock.advance(1)
        assert ["one", "two"] == rung
    assert not watch._running
