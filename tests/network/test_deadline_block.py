"""One deadline for all calls of a block."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import InvalidOptionError, UsageError
from antiphon.models.ambient_deadline import AMBIENT_DEADLINE
from antiphon.models.deadline import Deadline
from antiphon.models.timeout import Timeout
from antiphon.network.deadline_block import deadline
from antiphon.policies.call_options import CallOptions
from antiphon.testing import FakeClock


def test_it_is_there_inside_the_block_only() -> None:
    """It counts from the entry, and what was before comes back at the end, errors or not."""
    with FakeClock(100.0):
        block = deadline(5)
        assert AMBIENT_DEADLINE.get() is None
        with pytest.raises(ZeroDivisionError), block:
            assert Deadline(105.0) == AMBIENT_DEADLINE.get()
            raise ZeroDivisionError

    assert AMBIENT_DEADLINE.get() is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5), st.none() | st.floats(0, 100))
def test_the_earliest_wins(blocks: list[float], total: float | None) -> None:
    """Of blocks within blocks, and the total timeout of a call, whichever ends first counts."""
    options = CallOptions(timeout=Timeout(total=total))
    entered = []
    with FakeClock(50.0):
        for seconds in blocks:
            entered.append(deadline(seconds))
            entered[-1].__enter__()
        found = options.transport_options(stream=False, now=50.0).deadline
        for block in reversed(entered):
            block.__exit__(None, None, None)

    limits = blocks if total is None else [*blocks, total]
    assert Deadline(50.0 + min(limits)) == found


def test_calls_outside_have_none() -> None:
    """Without a block and a total timeout, all calls share options that have no deadline."""
    options = CallOptions()
    with deadline(5):
        assert options.transport_options(stream=True, now=0.0).deadline is not None

    outside = options.transport_options(stream=True, now=0.0)
    assert outside.deadline is None
    assert outside is options.transport_options(stream=True, now=1.0)


def test_what_remains() -> None:
    """The block says how much time is left, of an earlier one around it too."""
    with FakeClock(0.0) as clock:
        block = deadline(5)
        assert 5 == block.remaining()
        assert "<deadline(5), 5.000 s left>" == repr(block)
        with deadline(2), block:
            assert 2 == block.remaining()
            clock.advance(1.5)
            assert 0.5 == block.remaining()
            clock.advance(1.5)
            assert 0 == block.remaining()


def test_a_block_is_entered_once() -> None:
    """A second entry would have to mean either the old moment or a new one, so it is refused."""
    block = deadline(5)
    with block, pytest.raises(UsageError, match="entered already"), block:
        pass  # pragma: no cover - never entered
    with pytest.raises(UsageError, match="entered already"), block:
        pass  # pragma: no cover - never entered

    assert AMBIENT_DEADLINE.get() is None


def test_a_block_that_was_not_entered() -> None:
    """To leave it does nothing, as an ExitStack of one's own might."""
    deadline(5).__exit__(None, None, None)

    assert AMBIENT_DEADLINE.get() is None


def test_threads_have_their_own() -> None:
    """A thread that is started inside is not bound, unless it is run in a copy of the context."""
    found: list[Deadline | None] = []

    def look() -> None:
        found.append(AMBIENT_DEADLINE.get())

    with FakeClock(0.0), deadline(5):
        context = contextvars.copy_context()
        threads = [
            threading.Thread(target=contextvars.Context().run, args=(look,)),
            threading.Thread(target=context.run, args=(look,)),
        ]
        for thread in threads:
            thread.start()
            thread.join()

    assert [None, Deadline(5.0)] == found


def test_left_in_another_context() -> None:
    """A block around a `yield` that is ended by somebody else is a mistake, and says so."""

    def generator() -> Generator[None, None, None]:
        with deadline(5):
            yield

    suspended = generator()
    contextvars.copy_context().run(next, suspended)
    with pytest.raises(UsageError, match="was left in another context than it was entered in"):
        contextvars.copy_context().run(suspended.close)
    assert AMBIENT_DEADLINE.get() is None


@pytest.mark.parametrize(
    "seconds", [-1, "5", None, True, float("nan"), float("inf"), 10**309, Timeout(5)]
)
def test_what_is_no_deadline(seconds: object) -> None:
    """A deadline is a finite number of seconds from zero."""
    with pytest.raises(InvalidOptionError, match=r"^deadline\(.*\): must be a finite number"):
        deadline(seconds)  # type: ignore[arg-type]
