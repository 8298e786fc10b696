"""How long to wait before the next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Jitter: TypeAlias = "Literal['full', 'decorrelated'] | float | None"
"""How much of a wait is left to chance; see `backoff`."""

# How far a decorrelated wait may be above the one before it, as in the article that named it
# ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
_DECORRELATED_GROWTH = 3


def backoff_ceiling(
    attempt: int, *, base_delay: float, backoff_factor: float, max_delay: float
) -> float:
    """Return the longest wait after attempt number `attempt` (the first is 1), in seconds.

    `base_delay * backoff_factor ** (attempt - 1)`, and never more than `max_delay`.
    """
    try:
        return min(max_delay, base_delay * backoff_factor ** (attempt - 1))
    except OverflowError:
        return max_delay


def backoff(
    attempt: int,
    previous: float | None,
    *,
    jitter: Jitter,
    base_delay: float,
    backoff_factor: float,
    max_delay: float,
    random: Callable[[], float],
) -> float:
    """Return the wait after attempt number `attempt`, in seconds; `random` gives 0 to 1.

    "full" spreads it from zero to the ceiling, which is what keeps callers that failed together
    from coming back together, better than a little noise would. A number from 0 to 1 is the share
    of the ceiling that is left to chance, and None waits all of it. "decorrelated" goes from
    `base_delay` to three times the `previous` wait, which is None before the second attempt.
    """
    if jitter == "decorrelated":
        highest = _DECORRELATED_GROWTH * max(base_delay, previous or 0.0)
        return min(max_delay, base_delay + (highest - base_delay) * random())
    ceiling = backoff_ceiling(
        attempt, base_delay=base_delay, backoff_factor=backoff_factor, max_delay=max_delay
    )
    if jitter is None:
        return ceiling
    return ceiling * random() if jitter == "full" else ceiling * (1 - jitter * random())
