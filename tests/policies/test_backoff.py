"""How long to wait between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.policies.backoff import Jitter, backoff, backoff_ceiling


@pytest.mark.parametrize(
    ("attempt", "expected"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (10_000, 30.0)]
)
def test_the_ceiling_doubles_up_to_its_maximum(attempt: int, expected: float) -> None:
    """The ceiling grows by the factor with each attempt, and stays at max_delay."""
    assert backoff_ceiling(attempt, base_delay=0.5, backoff_factor=2.0, max_delay=30.0) == expected


def wait(
    attempt: int = 1,
    previous: float | None = None,
    *,
    jitter: Jitter,
    random: float = 1.0,
    base_delay: float = 4.0,
    backoff_factor: float = 2.0,
    max_delay: float = 30.0,
) -> float:
    return backoff(
        attempt,
        previous,
        jitter=jitter,
        base_delay=base_delay,
        backoff_factor=backoff_factor,
        max_delay=max_delay,
        random=lambda: random,
    )


@pytest.mark.parametrize(
    ("jitter", "random", "expected"),
    [
        ("full", 0.0, 0.0),
        ("full", 0.25, 1.0),
        ("full", 1.0, 4.0),
        (None, 0.0, 4.0),
        (None, 1.0, 4.0),
        (0.25, 0.0, 4.0),
        (0.25, 1.0, 3.0),
        (1, 1.0, 0.0),
        (0, 1.0, 4.0),
    ],
)
def test_jitter(jitter: Jitter, random: float, expected: float) -> None:
    """Full jitter covers the whole range, a number its share of it, and None nothing."""
    assert expected == wait(jitter=jitter, random=random)


@pytest.mark.parametrize(
    ("previous", "random", "expected"),
    [
        (None, 0.0, 4.0),
        (None, 1.0, 12.0),
        (6.0, 0.5, 11.0),
        (6.0, 1.0, 18.0),
        (1.0, 1.0, 12.0),
        (20.0, 1.0, 30.0),
    ],
)
def test_decorrelated(previous: float | None, random: float, expected: float) -> None:
    """From base_delay to three times the wait before, at most max_delay."""
    assert expected == wait(3, previous, jitter="decorrelated", random=random)


@given(
    attempt=st.integers(1, 10**6),
    previous=st.none() | st.floats(0, 1e9),
    jitter=st.sampled_from(["full", "decorrelated", None]) | st.floats(0, 1),
    base=st.floats(0, 1e6),
    factor=st.floats(1, 1e6),
    longest=st.floats(0, 1e9),
    random=st.floats(0, 1),
)
def test_never_negative_never_above_the_maximum(
    attempt: int,
    previous: float | None,
    jitter: Jitter,
    base: float,
    factor: float,
    longest: float,
    random: float,
) -> None:
    """Whatever the settings, a wait is between zero and max_delay."""
    found = wait(
        attempt,
        previous,
        jitter=jitter,
        random=random,
        base_delay=base,
        backoff_factor=factor,
        max_delay=longest,
    )

    assert 0 <= found <= longest
