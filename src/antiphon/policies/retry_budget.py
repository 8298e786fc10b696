"""`RetryBudget`: how large a share of the load may be retries."""

from __future__ import annotations

import math
import os
import weakref
from threading import RLock
from typing import TYPE_CHECKING

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.setting_checks import is_finite, shown
from antiphon.policies.shared_state import shared_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.policies.shared_state import SharedState

# The window moves on in tenths of it, as Finagle's does: precise enough, and no list of moments.
_SLICES = 10


def _between(
    least: float, most: float
) -> Callable[[RetryBudget, attrs.Attribute[float], object], None]:
    def check(_budget: RetryBudget, field: attrs.Attribute[float], value: object) -> None:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not is_finite(value)
            or not least <= value <= most
        ):
            upto = f" and at most {most:g}" if math.isfinite(most) else ""
            message = (
                f"RetryBudget({field.name}={shown(value)}): must be a number of at least "
                f"{least:g}{upto}"
            )
            raise InvalidOptionError(message)

    return check


@attrs.frozen(eq=False)
class RetryBudget:
    """Keeps retries from multiplying the load of a peer that is down; shared by its clients.

    A token bucket, with the numbers of Finagle's: every first attempt pays in `share` of a retry,
    every retry takes out one, and what was paid in or taken out counts for `ttl` seconds. On top of
    it `min_per_second` retries are free, so that few calls can be retried too. The window moves on
    in tenths: within `0.9 * ttl` seconds there are at most `share * calls + min_per_second * ttl`
    retries, by the calls of the last `ttl` seconds.

    Raises `InvalidOptionError` for values out of range. Serves clients of both voices in all
    threads at once; a forked child starts with a new one. With `shared`, such as a RedisShared, it
    is one budget for all processes, which pay in together ten times in `ttl` seconds.
    """

    share: float = attrs.field(default=0.2, validator=_between(0, 1000))
    min_per_second: float = attrs.field(
        default=10.0,
        kw_only=True,
        validator=_between(0, math.inf),
    )
    ttl: float = attrs.field(
        default=10.0,
        kw_only=True,
        validator=_between(1, 3600),
    )
    shared: SharedState | None = attrs.field(
        default=None, kw_only=True, repr=False, validator=shared_or_none
    )
    _window: _Window = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_window", _Window(self.ttl))

    def deposit(self, now: float) -> None:
        """Count a first attempt at `now`, in monotonic seconds."""
        self._window.add(now, deposits=1)

    def withdraw(self, now: float) -> bool:
        """Take out one retry at `now` if there is one, and say whether there was."""
        window = self._window
        with window.lock:
            if self.balance(now) < 1:
                return False
            window.add(now, withdrawals=1)
            return True

    def owes(self, now: float) -> bool:
        """Whether it is time to tell the fleet what was paid in here."""
        return now - self._window.told_at >= self.ttl / _SLICES

    def pay_shared(self, now: float) -> None:
        """Pay into the fleet's budget what was not paid in yet; blocks."""
        assert self.shared is not None
        self.shared.spend(self, self._window.take_untold(now), 0)

    def withdraw_shared(self, now: float) -> bool:
        """Take out one retry of the fleet's, or of this process's if nobody can be asked; blocks.

        Raises SharedStateError if there is to be none then.
        """
        assert self.shared is not None
        granted = self.shared.spend(self, self._window.take_untold(now), 1)
        if granted is None:
            return self.withdraw(now)
        if granted:
            self._window.add(now, withdrawals=1)
        return granted

    def balance(self, now: float) -> float:
        """Return how many retries may be made at `now`, as far as this process knows."""
        deposits, withdrawals = self._window.totals(now)
        return self.min_per_second * self.ttl + self.share * deposits - withdrawals


class _Window:
    """Counts what happened in the last `ttl` seconds, in slices."""

    __slots__ = (
        "__weakref__",
        "_current",
        "_deposits",
        "_length",
        "_untold",
        "_withdrawals",
        "lock",
        "told_at",
    )

    def __init__(self, ttl: float) -> None:
        self._length = ttl / _SLICES
        # Re-entrant: a signal handler or a finaliser may make a call in the midst of ours.
        self.lock = RLock()
        self._current = 0
        self._deposits = [0] * _SLICES
        self._withdrawals = [0] * _SLICES
        self._untold = 0
        self.told_at = 0.0
        _windows.add(self)

    def add(self, now: float, deposits: int = 0, withdrawals: int = 0) -> None:
        with self.lock:
            slot = self._slot(now)
            self._deposits[slot] += deposits
            self._untold += deposits
            self._withdrawals[slot] += withdrawals

    def totals(self, now: float) -> tuple[int, int]:
        with self.lock:
            self._slot(now)
            return sum(self._deposits), sum(self._withdrawals)

    def take_untold(self, now: float) -> int:
        """Return how many deposits the fleet does not know of; it is told now."""
        with self.lock:
            untold, self._untold = self._untold, 0
            self.told_at = now
            return untold

    def _slot(self, now: float) -> int:
        """Forget what is too old at `now`, and return where to count what happens then."""
        moment = int(now // self._length)
        steps = moment - self._current
        if steps <= -_SLICES or steps >= _SLICES:
            # Nothing for so long, or another clock, such as a test's.
            self._start_over(moment)
        elif steps > 0:
            for slot in range(self._current + 1, moment + 1):
                self._deposits[slot % _SLICES] = self._withdrawals[slot % _SLICES] = 0
            self._current = moment
        # Threads that read the clock just before others did count with them.
        return self._current % _SLICES

    def _start_over(self, moment: int) -> None:
        self._current = moment
        self._deposits = [0] * _SLICES
        self._withdrawals = [0] * _SLICES

    def _after_fork(self) -> None:  # pragma: no cover - a forked child
        # Another thread of the parent may have held the lock; here nobody would ever release it.
        self.lock = RLock()
        self._untold = 0
        self._start_over(0)


_windows: weakref.WeakSet[_Window] = weakref.WeakSet()


def _remake_locks() -> None:  # pragma: no cover - a forked child
    for window in list(_windows):
        window._after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_remake_locks)
