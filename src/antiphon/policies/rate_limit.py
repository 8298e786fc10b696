"""`RateLimit`: at most so many calls in so many seconds; those beyond wait their turn or end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

from antiphon.errors import ClientRateLimitError, InvalidOptionError
from antiphon.policies.keyed_states import Key, KeyedStates, key_function
from antiphon.policies.pace import Pace, Slot
from antiphon.policies.rate_limit_headers import rate_limit_state
from antiphon.policies.setting_checks import flag, number, one_of, whole_number
from antiphon.policies.settings_repr import settings_repr
from antiphon.policies.shared_state import shared_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.shared_state import SharedState


@attrs.frozen
class Reservation:
    """A place in the line: the call may go after `delay` seconds, or `refusal` says why it may not.

    `slot` is what is given back if it does not go after all, None for one that was refused.
    """

    delay: float
    slot: Slot | None = None
    refusal: str | None = None


@attrs.frozen(eq=False, repr=False)
class RateLimit:
    """Lets `limit` calls go in `per` seconds to each origin; others wait, first come, first served.

    A "token_bucket" lets up to `burst` calls (as many as `limit` if that is None) go at once after
    a rest and then one every `per / limit` seconds; a "leaky_bucket" always keeps them that far
    apart. With `wait=False` a call that cannot go at once raises `ClientRateLimitError`, with
    `max_wait` one that would wait for longer; so does one whose deadline the wait would outlast.
    `learn` obeys what the `RateLimit` fields of answers say, where that is less than our own limit.
    `key` is "origin", "all", or a function of the request that returns a text.

    One value may serve any number of clients of both voices, which then share the limit. With
    `shared`, such as a RedisShared, it is one limit for all processes; a turn that was waited for
    and then given up is not given back to them.
    Raises InvalidOptionError for settings out of range.
    """

    policy_kind: ClassVar[str] = "rate_limit"

    limit: int = attrs.field(validator=whole_number(1))
    per: float = attrs.field(default=1.0, validator=number(0, above=True))
    burst: int | None = attrs.field(
        default=None, kw_only=True, validator=whole_number(1, optional=True)
    )
    algorithm: Literal["token_bucket", "leaky_bucket"] = attrs.field(
        default="token_bucket", kw_only=True, validator=one_of("token_bucket", "leaky_bucket")
    )
    key: Key = attrs.field(default="origin", kw_only=True)
    wait: bool = attrs.field(default=True, kw_only=True, validator=flag)
    max_wait: float | None = attrs.field(
        default=None, kw_only=True, validator=number(0, optional=True)
    )
    learn: bool = attrs.field(default=False, kw_only=True, validator=flag)
    shared: SharedState | None = attrs.field(default=None, kw_only=True, validator=shared_or_none)
    interval: float = attrs.field(init=False, repr=False)
    """Seconds from one call to the next in the long run."""
    tolerance: float = attrs.field(init=False, repr=False)
    """Seconds by which a call may be ahead of that."""
    key_of: Callable[[Request], str] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(lambda self: key_function("RateLimit", self.key), takes_self=True),
    )
    """Returns the key of a request."""
    _paces: KeyedStates[Pace] = attrs.field(
        init=False, repr=False, factory=lambda: KeyedStates(Pace)
    )

    def __attrs_post_init__(self) -> None:
        burst = self.burst
        if self.algorithm == "leaky_bucket":
            if burst is not None:
                raise InvalidOptionError(
                    f"RateLimit(burst={burst}): a leaky bucket has no bursts, which is what it is "
                    "for; leave it out, or take a token_bucket"
                )
            burst = 1
        if not self.wait and self.max_wait is not None:
            raise InvalidOptionError(
                f"RateLimit(max_wait={self.max_wait}): there is no wait with wait=False; "
                "give one of the two"
            )
        interval = self.per / self.limit
        object.__setattr__(self, "interval", interval)
        object.__setattr__(self, "tolerance", ((burst or self.limit) - 1) * interval)

    # --- what the pipeline asks ------------------------------------------------------------------

    def reserve(self, key: str, now: float, remaining: float | None = None) -> Reservation:
        """Take the next slot; none is taken if the call is not to wait so long.

        `remaining` is what is left of its deadline in seconds, None without one.
        """
        paces = self._paces
        with paces.lock:
            pace = paces.of(key)
            slot = pace.next_slot(now, self.interval, self.tolerance)
            delay = slot.at - now
            refusal = None if delay <= 0.0 else self._refusal(delay, remaining)
            if refusal is not None:
                return Reservation(delay, None, refusal)
            pace.take(slot)
        return Reservation(delay, slot)

    def reserve_shared(self, key: str, now: float, remaining: float | None = None) -> Reservation:
        """Take the next turn of the fleet, or of this process if nobody can be asked; blocks.

        Raises SharedStateError if the call is to be refused then.
        """
        assert self.shared is not None
        longest = float("inf") if self.max_wait is None else self.max_wait
        if not self.wait:
            longest = 0.0
        elif remaining is not None:
            longest = min(longest, max(0.0, remaining))
        turn = self.shared.take_turn(
            key, interval=self.interval, tolerance=self.tolerance, max_wait=longest
        )
        if turn is None:
            return self.reserve(key, now, remaining)
        if turn.allowed:
            return Reservation(turn.delay)
        return Reservation(turn.delay, None, self._refusal(turn.delay, remaining) or "too late")

    def hold_shared(self, key: str, now: float) -> None:
        """Tell the fleet that the peer has no room for now, if it has said so; blocks."""
        assert self.shared is not None
        with self._paces.lock:
            pace = self._paces.peek(key)
            delay = 0.0 if pace is None else pace.reset_in(now)
        if delay > 0.0:
            self.shared.hold_turns(
                key, interval=self.interval, tolerance=self.tolerance, delay=delay
            )

    def _refusal(self, delay: float, remaining: float | None) -> str | None:
        if not self.wait:
            return "and calls are not to wait (wait=False)"
        if self.max_wait is not None and delay > self.max_wait:
            return f"longer than max_wait={self.max_wait:g}"
        if remaining is not None and delay >= remaining:
            return f"and its deadline leaves {max(remaining, 0.0):.2f} s"
        return None

    def give_back(self, key: str, reservation: Reservation) -> None:
        """Let somebody else have the slot of a call that did not go."""
        if reservation.slot is not None:
            with self._paces.lock:
                self._paces.of(key).give_back(reservation.slot)

    def depart(self, key: str, now: float) -> bool:
        """Count a call that is sent now, when it `learn`s; False if the peer has no room for it."""
        with self._paces.lock:
            pace = self._paces.of(key)
            if not pace.may_go(now):
                return False
            pace.gone()
            return True

    def arrive(self, key: str, headers: Headers | None, now: float, now_wall: float) -> None:
        """Learn from the answer to a call that has departed; None if there was none."""
        state = None if headers is None else rate_limit_state(headers, now_wall)
        with self._paces.lock:
            pace = self._paces.of(key)
            pace.over()
            if state is not None:
                pace.learn(state, now)

    def refusal(self, request: Request, reservation: Reservation) -> ClientRateLimitError:
        """Return the error of a call that may not go."""
        return ClientRateLimitError(
            f"{request.method} {request.url.redacted} was not sent: the limit of {self.limit} "
            f"calls in {self.per:g} s has room for it in {reservation.delay:.2f} s, "
            f"{reservation.refusal}",
            retry_after=reservation.delay,
            request=request,
        )

    # --- what users ask --------------------------------------------------------------------------

    def delay(self, key: str, now: float) -> float:
        """Return how many seconds the next call for a key would wait.

        A key is for example "https://api.example.com"; `now` is in seconds of `time.monotonic()`.
        """
        with self._paces.lock:
            pace = self._paces.peek(key)
            if pace is None:
                return 0.0
            return pace.next_slot(now, self.interval, self.tolerance).at - now

    def __repr__(self) -> str:
        return settings_repr(self)
