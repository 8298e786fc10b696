"""`AdaptiveConcurrency`: a bulkhead that finds out by itself how many calls a peer can take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

from antiphon.errors import (
    BulkheadFullError,
    DeadlineExceeded,
    InvalidOptionError,
    PoolTimeout,
)
from antiphon.errors import TimeoutError as AnyTimeout
from antiphon.policies.concurrency_limits import AIMDLimit, ConcurrencyLimit, GradientLimit
from antiphon.policies.keyed_states import Key, KeyedStates, key_function
from antiphon.policies.lines_by_key import LinesByKey
from antiphon.policies.setting_checks import MOST_IN_MEMORY, number, one_of, whole_number
from antiphon.policies.settings_repr import settings_repr

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request
    from antiphon.policies.waiting_line import Permit, Waiter, WaitingLine

# The peer, or a gateway before it, had no time for the call (RFC 6585 section 4, RFC 9110 sections
# 15.6.4 and 15.6.5).
_DROPPED = frozenset({429, 503, 504})


def _no_limits(policy: AdaptiveConcurrency) -> KeyedStates[ConcurrencyLimit]:
    if policy.algorithm == "aimd":
        return KeyedStates(partial(AIMDLimit, policy))
    return KeyedStates(partial(GradientLimit, policy))


@attrs.frozen(eq=False, repr=False)
class AdaptiveConcurrency:
    """Lets as many calls run at once as the peer can take, for each origin; the others queue up.

    The limit begins at `initial` and stays from `min` to `max`. "gradient" watches the latency of
    answers in windows of `window` seconds and shrinks the limit when that grows; every
    `probe_interval` seconds under load it halves the limit for a moment to see how fast the peer is
    without a queue. "aimd" adds one a round until calls are dropped. Both take `1 - backoff` of the
    limit away when the peer drops calls: timeouts, 429, 503 and 504.

    Calls beyond the limit queue as in a `Bulkhead`: `max_queue` of them (None: any number) for
    `queue_timeout` seconds each, then they raise `BulkheadFullError`. `key` is "origin", "all", or
    a function of the request that returns a text.

    One value may serve any number of clients of both voices. Raises InvalidOptionError for settings
    out of range.
    """

    policy_kind: ClassVar[str] = "adaptive_concurrency"

    algorithm: Literal["gradient", "aimd"] = attrs.field(
        default="gradient", validator=one_of("gradient", "aimd")
    )
    initial: int = attrs.field(
        default=20, kw_only=True, validator=whole_number(1, most=MOST_IN_MEMORY)
    )
    min: int = attrs.field(default=1, kw_only=True, validator=whole_number(1))
    max: int = attrs.field(
        default=200, kw_only=True, validator=whole_number(1, most=MOST_IN_MEMORY)
    )
    backoff: float = attrs.field(
        default=0.9, kw_only=True, validator=number(0, above=True, most=0.99)
    )
    window: float = attrs.field(default=1.0, kw_only=True, validator=number(0, above=True))
    probe_interval: float = attrs.field(default=60.0, kw_only=True, validator=number(0, above=True))
    max_queue: int | None = attrs.field(
        default=None, kw_only=True, validator=whole_number(0, optional=True)
    )
    queue_timeout: float | None = attrs.field(
        default=1.0, kw_only=True, validator=number(0, optional=True)
    )
    key: Key = attrs.field(default="origin", kw_only=True)
    key_of: Callable[[Request], str] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(
            lambda self: key_function("AdaptiveConcurrency", self.key), takes_self=True
        ),
    )
    """Returns the key of a request."""
    _lines: LinesByKey = attrs.field(init=False, repr=False)
    _limits: KeyedStates[ConcurrencyLimit] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_no_limits, takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        if not self.min <= self.initial <= self.max:
            raise InvalidOptionError(
                f"AdaptiveConcurrency(initial={self.initial}): give one from min={self.min} to "
                f"max={self.max}"
            )
        # Here, for what the validators refuse makes no lines.
        object.__setattr__(self, "_lines", LinesByKey(self.initial, self.max_queue))

    # --- what the pipeline asks ------------------------------------------------------------------

    def enter(self, key: str) -> Permit | None:
        """Take a place, if one is free and nobody waits for it."""
        return self._lines.enter(key)

    def join(self, key: str, waiter: Waiter) -> WaitingLine | None:
        """Wait for a place in the line that is returned; None if too many wait already."""
        return self._lines.join(key, waiter)

    def ended(
        self,
        key: str,
        started: float,
        now: float,
        *,
        status: int | None = None,
        error: BaseException | None = None,
    ) -> None:
        """Take in how a call ended that still has its place: with an answer, or with `error`.

        Drops and answers below 500 count, all else says nothing about what the peer can take.
        """
        limits = self._limits
        if _is_drop(status, error):
            with limits.lock:
                limit = limits.of(key)
                limit.dropped(started, now)
        elif status is not None and status < 500:
            with limits.lock:
                limit = limits.of(key)
                limit.answered(started, now, self._lines.running(key))
        else:
            return
        self._lines.resize(key, int(limit.limit))

    def refusal(self, request: Request, waited: float | None) -> BulkheadFullError:
        """Return the error of a call that waited so many seconds in vain, or was not let wait."""
        why = (
            f"the queue of {self.max_queue} is full"
            if waited is None
            else f"none ended within {waited:g} s"
        )
        return BulkheadFullError(
            f"{request.method} {request.url.redacted} was not sent: as many calls like it are "
            f"running as the peer seems to take, and {why}",
            request=request,
        )

    # --- what users ask --------------------------------------------------------------------------

    def limit(self, key: str) -> int:
        """Return how many calls may run at once for a key, such as "https://api.example.com"."""
        state = self._limits.peek(key)
        return self.initial if state is None else int(state.limit)

    def running(self, key: str) -> int:
        """Return how many calls run for a key."""
        return self._lines.running(key)

    def waiting(self, key: str) -> int:
        """Return how many calls wait for a key."""
        return self._lines.waiting(key)

    def __repr__(self) -> str:
        return settings_repr(self)


def _is_drop(status: int | None, error: BaseException | None) -> bool:
    if error is None:
        return status in _DROPPED
    if not isinstance(error, AnyTimeout) or isinstance(error, PoolTimeout):
        return False  # the pool is our own
    return not isinstance(error, DeadlineExceeded) or error.sent == "maybe"
