"""The moment at which a whole call must be over."""

from __future__ import annotations

import attrs


@attrs.frozen
class Deadline:
    """A moment on the scale of `time.monotonic()`, in seconds; `now` is always passed in."""

    at: float

    @classmethod
    def after(cls, seconds: float, now: float) -> Deadline:
        """Return the moment `seconds` from `now`."""
        return cls(now + seconds)

    def remaining(self, now: float) -> float:
        """Return the seconds left, 0.0 once it has passed."""
        left = self.at - now
        return max(0.0, left)

    def expired(self, now: float) -> bool:
        """Say whether the moment has come."""
        return now >= self.at

    @staticmethod
    def earliest(a: Deadline | None, b: Deadline | None) -> Deadline | None:
        """Return whichever comes first; None stands for no deadline."""
        if a is None:
            return b
        if b is None or a.at <= b.at:
            return a
        return b
