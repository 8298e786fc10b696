"""`LatencyWindow`: how long the last requests took, and below what most of them stayed."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from math import ceil

WINDOW = 256
"""How many requests are remembered: enough for a 99th percentile, and 4 KiB for each key."""


class LatencyWindow:
    """The latencies of the last `WINDOW` requests of one kind, in seconds.

    Exact, and cheap where it is asked as often as it is told: the numbers are kept in order. Who
    shares it among threads brings the lock.
    """

    __slots__ = ("_next", "_ordered", "_recent")

    def __init__(self) -> None:
        self._recent = array("d")
        self._ordered = array("d")
        # Where in `_recent` the oldest is, once it is full.
        self._next = 0

    def add(self, seconds: float) -> None:
        """Count one more; beyond `WINDOW` the oldest is forgotten."""
        ordered = self._ordered
        if len(ordered) < WINDOW:
            self._recent.append(seconds)
        else:
            place = self._next
            del ordered[bisect_left(ordered, self._recent[place])]
            self._recent[place] = seconds
            self._next = (place + 1) % WINDOW
        insort(ordered, seconds)

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the requests did not exceed (nearest rank).

        Raises IndexError if there are none.
        """
        ordered = self._ordered
        # 0.95 * 100 is a little more than 95 in binary; the next rank would be one too far.
        return ordered[max(0, ceil(share * len(ordered) - 1e-9) - 1)]

    def __len__(self) -> int:
        return len(self._ordered)
