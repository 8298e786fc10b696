"""How long to wait before the next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


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


def full_jitter(ceiling: float, random: Callable[[], float]) -> float:
    """Return a wait between zero and `ceiling` seconds; `random` gives numbers from 0 to 1.

    Spreading over the whole range, rather than adding a little noise to the ceiling, is what
    keeps callers that failed together from coming back together.
    """
    return ceiling * random()
