"""How long to wait between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.policies.backoff import backoff_ceiling, full_jitter


@pytest.mark.parametrize(
    ("attempt", "expected"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (10_000, 30.0)]
)
def test_the_ceiling_doubles_up_to_its_maximum(attempt: int, expected: float) -> None:
    """The ceiling grows by the factor with each attempt, and stays at max_delay."""
    assert backoff_ceiling(attempt, base_delay=0.5, backoff_factor=2.0, max_delay=30.0) == expected


@pytest.mark.parametrize(("random", "expected"), [(0.0, 0.0), (0.25, 1.0), (1.0, 4.0)])
def test_full_jitter_covers_the_whole_range(random: float, expected: float) -> None:
    """The wait is a random share of the ceiling, from nothing to all of it."""
    assert full_jitter(4.0, lambda: random) == expected


@given(
    attempt=st.integers(1, 10**6),
    base=st.floats(0, 1e6),
    factor=st.floats(1, 1e6),
    longest=st.floats(0, 1e9),
    random=st.floats(0, 1),
)
def test_never_negative_never_above_the_maximum(
    attempt: int, base: float, factor: float, longest: float, random: float
) -> None:
    """Whatever the settings, a wait is between zero and max_delay."""
    ceiling = backoff_ceiling(attempt, base_delay=base, backoff_factor=factor, max_delay=longest)

    assert 0 <= full_jitter(ceiling, lambda: random) <= longest
