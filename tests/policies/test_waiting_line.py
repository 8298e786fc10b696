"""Places and those who wait for them, whoever they are."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.policies.keyed_states import MAX_KEYS
from antiphon.policies.lines_by_key import LinesByKey
from antiphon.policies.waiting_line import Permit, WaitingLine


class Waiting:
    """Who waits, and does nothing else."""

    def __init__(self, told: Callable[[], bool] = lambda: True) -> None:
        self.lost = False
        self.served = False
        self._told = told

    def unpark(self) -> bool:
        self.served = self._told()
        return self.served


def test_first_come_first_served() -> None:
    """Places are handed on in the order in which callers came, and nobody overtakes."""
    line = WaitingLine(1)
    first, second = Waiting(), Waiting()
    assert line.enter()
    line.join(first)
    line.join(second)
    assert not line.enter()
    line.release()
    assert (True, False) == (first.served, second.served)
    assert not line.enter()
    assert not line.leave(first)
    line.release()
    assert second.served
    assert (1, 0) == (line.running, line.waiting)


def test_who_leaves_is_passed_over() -> None:
    """Who left takes no place, and who left with one gives it back."""
    line = WaitingLine(1)
    line.enter()
    gone, next_one = Waiting(), Waiting()
    line.join(gone)
    line.join(next_one)
    assert line.leave(gone)
    line.release()
    assert (False, True) == (gone.served, next_one.served)
    line.abandon(next_one)
    assert (0, 0) == (line.running, line.waiting)
    line.join(gone)
    line.abandon(gone)
    assert line.enter()


def test_who_cannot_be_told_takes_no_place() -> None:
    """A caller whose event loop is closed is passed over, and has nothing to give back."""
    line = WaitingLine(1)
    line.enter()
    lost = Waiting(lambda: False)
    line.join(lost)
    line.release()
    line.abandon(lost)
    assert lost.lost
    assert (0, 0) == (line.running, line.waiting)


def test_growing_serves_those_who_wait() -> None:
    """New places go to the line first."""
    line = WaitingLine(1)
    line.enter()
    waiting = [Waiting() for _ in range(3)]
    for one in waiting:
        line.join(one)
    line.resize(3)
    assert [True, True, False] == [one.served for one in waiting]
    assert (3, 3, 1) == (line.capacity, line.running, line.waiting)


def test_shrinking_waits_for_those_who_run() -> None:
    """Nobody is thrown out: places that are too many vanish as they are given back."""
    line = WaitingLine(4)
    for _ in range(3):
        line.enter()
    late = Waiting()
    line.resize(1)
    assert (1, 3) == (line.capacity, line.running)
    line.join(late)
    line.release()
    line.release()
    assert not late.served
    line.release()
    assert late.served
    assert 1 == line.running
    line.resize(2)
    assert line.enter()
    assert not line.enter()


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["enter", "leave", "resize"]), st.integers(1, 5))))
def test_places_are_neither_lost_nor_made(steps: list[tuple[str, int]]) -> None:
    """Whatever the order of events, as many run as have places, and never more once it settles."""
    line = WaitingLine(3)
    running = 0
    for step, number in steps:
        if step == "enter" and line.enter():
            assert running < line.capacity
            running += 1
        elif step == "leave" and running:
            line.release()
            running -= 1
        elif step == "resize":
            line.resize(number)
        assert running == line.running
    for _ in range(running):
        line.release()
    for _ in range(line.capacity):
        assert line.enter()
    assert not line.enter()


def test_a_permit_is_given_back_once() -> None:
    """By its owner, or by being forgotten, but not by both."""
    line = WaitingLine(2)
    line.enter()
    line.enter()
    permit = Permit(line)
    permit.release()
    permit.release()
    assert 1 == line.running
    del permit
    gc.collect()
    assert 1 == line.running
    Permit(line)
    gc.collect()
    assert 0 == line.running


def test_a_forked_child_starts_anew() -> None:
    """Places and callers of the parent are none of its own."""
    line = WaitingLine(1)
    line.enter()
    line.join(Waiting())
    line.reset()
    assert (0, 0) == (line.running, line.waiting)


def test_lines_by_key() -> None:
    """Each key has its own line, and a queue of its own length."""
    lines = LinesByKey(1, max_queue=1)
    permits = [lines.enter(key) for key in "aab"]

    assert [True, False, True] == [permit is not None for permit in permits]
    assert lines.join("a", Waiting()) is not None
    assert lines.join("a", Waiting()) is None
    assert (1, 1, 0) == (lines.running("a"), lines.waiting("a"), lines.waiting("b"))
    assert (0, 0) == (lines.running("c"), lines.waiting("c"))
    lines.resize("b", 2)
    lines.resize("b", 2)
    assert lines.enter("b") is not None


@pytest.mark.parametrize("busy", [True, False])
def test_lines_in_use_are_not_forgotten(busy: bool) -> None:
    """However many keys there are, a running call is never counted out of its line."""
    lines = LinesByKey(1, None)
    permit = lines.enter("first")
    assert permit is not None
    if not busy:
        permit.release()
    for number in range(MAX_KEYS + 5):
        lines.enter(str(number))
    assert (lines.enter("first") is None) is busy
    assert busy == ("first" in dict(lines._lines.items()) and lines.running("first") == 1)


def test_more_keys_than_may_be_when_all_are_busy() -> None:
    """Then nothing is forgotten, for the running calls bound the memory."""
    lines = LinesByKey(1, None)
    permits = [lines.enter(str(number)) for number in range(MAX_KEYS + 2)]

    assert [1] * len(permits) == [lines.running(str(number)) for number in range(MAX_KEYS + 2)]


def test_keys_that_were_busy_are_forgotten_later() -> None:
    """The memory of a busy time is given back, and no call looks at all of it."""
    lines = LinesByKey(1, None)
    permits = [lines.enter(str(number)) for number in range(MAX_KEYS * 2)]
    permits.clear()
    for number in range(MAX_KEYS):
        lines.enter(f"later {number}")

    assert MAX_KEYS == len(lines._lines.items())
