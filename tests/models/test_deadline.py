"""Deadlines are arithmetic on a clock that is passed in."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.deadline import Deadline

MOMENTS = st.floats(0, 1e9)


@pytest.mark.parametrize(
    ("now", "remaining", "expired"),
    [(10.0, 2.5, False), (12.0, 0.5, False), (12.5, 0.0, True), (99.0, 0.0, True)],
)
def test_remaining_and_expired(now: float, remaining: float, expired: bool) -> None:
    """What remains shrinks to zero and stays there; at zero the deadline has expired."""
    deadline = Deadline.after(2.5, 10.0)
    assert deadline.at == 12.5
    assert deadline.remaining(now) == remaining
    assert deadline.expired(now) is expired


@given(MOMENTS, MOMENTS)
def test_expired_is_nothing_remaining(at: float, now: float) -> None:
    """A deadline has expired exactly when nothing remains, so that no wait spins."""
    deadline = Deadline(at)
    assert deadline.expired(now) is (deadline.remaining(now) == 0.0)


@given(st.none() | MOMENTS.map(Deadline), st.none() | MOMENTS.map(Deadline))
def test_earliest(a: Deadline | None, b: Deadline | None) -> None:
    """The earlier of two wins; None is no deadline."""
    moments = [deadline.at for deadline in (a, b) if deadline is not None]
    expected = Deadline(min(moments)) if moments else None
    assert Deadline.earliest(a, b) == expected


def test_value_semantics() -> None:
    """Deadlines compare and hash by value, pickle, and do not change."""
    deadline = Deadline(3.0)
    assert deadline == Deadline(3.0)
    assert deadline != Deadline(4.0)
    assert hash(deadline) == hash(Deadline(3.0))
    assert pickle.loads(pickle.dumps(deadline)) == deadline
    assert repr(deadline) == "Deadline(at=3.0)"
    with pytest.raises(AttributeError):
        deadline.at = 4.0  # type: ignore[misc]
