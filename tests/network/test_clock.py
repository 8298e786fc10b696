"""The time is the real one unless a clock has been installed in its place."""

from __future__ import annotations

import threading
import time

import pytest

from antiphon.network import clock
from antiphon.testing import FakeClock


def test_real_time() -> None:
    """Without a replacement `now` is the monotonic time."""
    before = time.monotonic()

    assert before <= clock.now() <= time.monotonic()
    assert clock.replacement() is None


def test_install_returns_the_former_clock() -> None:
    """Installing gives back what was there, so that it can be put back."""
    fake = FakeClock(3.0)
    assert clock.install(fake) is None
    try:
        assert 3.0 == clock.now()
        assert fake is clock.replacement()
    finally:
        assert fake is clock.install(None)


def test_due_waits_end_in_order() -> None:
    """When time passes, what is due ends, the earliest first, and the rest goes on waiting."""
    fake = FakeClock()
    ended: list[str] = []
    fake.call_at(3.0, lambda: ended.append("third"))
    fake.call_at(1.0, lambda: ended.append("first"))
    fake.call_at(2.0, lambda: ended.append("second"))
    fake.call_at(9.0, lambda: ended.append("ninth"))

    fake.advance(3.0)

    assert ["first", "second", "third"] == ended
    assert 1 == fake.waiting


def test_a_wait_that_is_due_already_ends_at_once() -> None:
    """A wait for the present or the past is woken before it begins, and is not listed."""
    fake = FakeClock(5.0)
    ended: list[float] = []
    for when in (5.0, 4.0):
        fake.call_at(when, lambda: ended.append(fake.now()))()

    assert [5.0, 5.0] == ended
    assert 0 == fake.waiting


def test_a_wait_that_was_taken_back_is_not_woken() -> None:
    """Taking a wait back, twice too, leaves nothing to wake."""
    fake = FakeClock()
    take_back = fake.call_at(1.0, lambda: pytest.fail("was woken"))
    take_back()
    take_back()

    fake.advance(2.0)


def test_a_waker_may_wait_again() -> None:
    """A waker may ask the clock for another wait: a loop of sleeps is one."""
    fake = FakeClock()
    ended: list[float] = []

    def again() -> None:
        ended.append(fake.now())
        if len(ended) < 3:
            fake.call_at(fake.now() + 1.0, again)

    fake.call_at(1.0, again)
    for _ in range(5):
        fake.advance(1.0)

    assert [1.0, 2.0, 3.0] == ended


def test_wait_for() -> None:
    """A test may block until so many waits go on in other threads."""
    fake = FakeClock()
    with pytest.raises(TimeoutError, match=r"0 of 1 waits began in 0\.01 s"):
        fake.wait_for(1, timeout=0.01)
    thread = threading.Thread(target=lambda: [fake.call_at(1.0, print) for _ in range(2)])
    thread.start()

    fake.wait_for(2)

    thread.join()
    assert "<FakeClock at 0 s, 2 waiting>" == repr(fake)


def test_jump_wakes_what_is_due_by_then() -> None:
    """A sleep that is jumped over ends the waits that would have ended during it."""
    fake = FakeClock(jump=True)
    ended: list[str] = []
    fake.call_at(1.0, lambda: ended.append("time-out"))

    fake.about_to_sleep(2.0)

    assert (["time-out"], [2.0], 2.0) == (ended, fake.slept, fake.now())
