"""`Pace`: when the next calls to one peer may go, and what the peer says about its own limit."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from antiphon.policies.rate_limit_headers import RateLimitState

# Seconds; sums of floating point numbers are no more exact than this.
_ON_TIME = 1e-6
# A reset is told in whole seconds: what moves by less is the same window of the server's.
_SAME_WINDOW = 1.5
# No quota in use is for longer than a day; who says so has a wrong clock, or means us no good.
_LONGEST_RESET = 86_400.0


class Slot(NamedTuple):
    """A moment at which one call may go; `after` and `before` are the line's end with and without.

    In seconds of the caller's clock. Slots are ordered as they go.
    """

    after: float
    before: float
    at: float


class Pace:
    """The slots of one peer: the limiter's lock is held over every method.

    This is the generic cell rate algorithm (ITU-T I.371), which keeps a token bucket in one number:
    the moment at which the bucket would be full again. Calls go `interval` seconds apart, and as
    much earlier than that as `tolerance` says: a burst.
    """

    __slots__ = ("_freed", "_full_at", "_remaining", "_reset_at", "_under_way")

    def __init__(self) -> None:
        self._full_at = float("-inf")
        # Slots that were taken and given back, in order.
        self._freed: list[Slot] = []
        # What the peer says: so many calls more until its reset, and those it may not know of yet.
        self._remaining = 0
        self._reset_at = float("-inf")
        self._under_way = 0

    def next_slot(self, now: float, interval: float, tolerance: float) -> Slot:
        """Return the slot that a call would get, which is still free."""
        freed = self._freed
        while freed and freed[0].at < now:
            del freed[0]
        earliest = now if self.may_go(now) else self._reset_at
        if freed and freed[0].at >= earliest:
            return freed[0]
        before = self._full_at
        at = before - tolerance
        if at - earliest < _ON_TIME:
            at = earliest
        return Slot(max(before, earliest) + interval, before, at)

    def take(self, slot: Slot) -> None:
        """Take a slot that `next_slot` has just returned."""
        if self._freed and self._freed[0] is slot:
            del self._freed[0]
        else:
            self._full_at = slot.after

    def give_back(self, slot: Slot) -> None:
        """Have somebody else use a slot; as if it had never been taken if it is the last."""
        if slot.after > self._full_at:
            return  # of a line that was forgotten since
        if slot.after != self._full_at:
            insort(self._freed, slot)
            return
        self._full_at = slot.before
        while self._freed and self._freed[-1].after == self._full_at:
            self._full_at = self._freed.pop().before

    # --- what the peer says ----------------------------------------------------------------------

    def may_go(self, now: float) -> bool:
        """Whether the peer has room for one more, as far as it said."""
        return self._remaining > 0 or now >= self._reset_at

    def reset_in(self, now: float) -> float:
        """Return the seconds for which the peer has no room at all, 0.0 if it has."""
        return 0.0 if self.may_go(now) else self._reset_at - now

    def gone(self) -> None:
        """Count a call that is sent now."""
        self._remaining -= 1
        self._under_way += 1

    def over(self) -> None:
        """Count a call that was answered, or will not be."""
        self._under_way = max(0, self._under_way - 1)

    def learn(self, state: RateLimitState, now: float) -> None:
        """Take in what an answer says; the call that it answers is over."""
        reset = state.reset_seconds
        if reset is None or reset > _LONGEST_RESET:
            return
        if now < self._reset_at and now + reset <= self._reset_at + _SAME_WINDOW:
            # Of one window the least counts: answers overtake each other, and others call too.
            self._remaining = min(self._remaining, state.remaining)
        else:
            self._remaining = state.remaining - self._under_way
            self._reset_at = now + reset
