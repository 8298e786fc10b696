"""`Hedge`: a second copy of a request whose answer takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.policies.idempotency import is_idempotent
from antiphon.policies.keyed_states import Key, KeyedStates, key_function
from antiphon.policies.latency_window import WINDOW, LatencyWindow
from antiphon.policies.retry import RETRY_STATUSES
from antiphon.policies.retry_budget import RetryBudget
from antiphon.policies.setting_checks import number, whole_number
from antiphon.policies.settings_repr import settings_repr

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.request import Request

# A copy of a request with an idempotency key may be told that the first is still being worked on
# (draft-ietf-httpapi-idempotency-key-header, section 2.7).
_CONFLICT = 409

ONE_SHOT_NOTE = "not hedged: the request body is a stream and cannot be sent again"
BUDGET_NOTE = "not hedged: the budget for copies is used up"


def _samples(hedge: Hedge, _field: attrs.Attribute[int], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= WINDOW:
        raise InvalidOptionError(
            f"{type(hedge).__name__}(min_samples={value!r}): give a whole number from 1 to {WINDOW}"
        )


def _budget(hedge: Hedge, _field: attrs.Attribute[RetryBudget | None], value: object) -> None:
    if value is not None and not isinstance(value, RetryBudget):
        raise InvalidOptionError(
            f"{type(hedge).__name__}(budget={value!r}): give a RetryBudget, or None for no limit"
        )


@attrs.frozen(eq=False, repr=False)
class Hedge:
    """Sends a request again while the first is still unanswered, and takes the first answer.

    After `delay` seconds; or once it takes longer than the share `percentile` of the last 256
    requests of its `key` did, but not before there were `min_samples` of them, and not earlier than
    after `min_delay` seconds nor later than after `max_delay`. `max_copies` is how many copies may
    be sent, each as long after the one before. Only idempotent requests (RFC 9110 section 9.2.2)
    and those with an idempotency key, and only if their body can be sent again.

    `budget` bounds the load: a `RetryBudget` that each copy takes from; None for no bound, and one
    of its own if not given. `key` is "origin", "all", or a function of the request that returns a
    text: what has latencies of its own.

    One value may serve any number of clients of both voices, which then share what it has learned.
    Raises InvalidOptionError for settings out of range.
    """

    policy_kind: ClassVar[str] = "hedge"

    delay: float | None = attrs.field(default=None, validator=number(0, optional=True))
    percentile: float | None = attrs.field(
        default=None, kw_only=True, validator=number(0, above=True, most=0.999, optional=True)
    )
    max_copies: int = attrs.field(default=1, kw_only=True, validator=whole_number(1))
    min_samples: int = attrs.field(default=50, kw_only=True, validator=_samples)
    min_delay: float = attrs.field(default=0.01, kw_only=True, validator=number(0))
    max_delay: float = attrs.field(default=10.0, kw_only=True, validator=number(0, above=True))
    budget: RetryBudget | None = attrs.field(
        factory=RetryBudget, kw_only=True, repr=False, validator=_budget
    )
    key: Key = attrs.field(default="origin", kw_only=True)
    key_of: Callable[[Request], str] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(lambda self: key_function("Hedge", self.key), takes_self=True),
    )
    """Returns the key of a request."""
    _latencies: KeyedStates[LatencyWindow] = attrs.field(
        init=False, repr=False, factory=lambda: KeyedStates(LatencyWindow)
    )

    def __attrs_post_init__(self) -> None:
        if (self.delay is None) == (self.percentile is None):
            raise InvalidOptionError(
                f"Hedge(delay={self.delay!r}, percentile={self.percentile!r}): give one of "
                "the two, seconds such as 0.2, or a share of the requests such as 0.95"
            )
        if self.min_delay > self.max_delay:
            raise InvalidOptionError(
                f"Hedge(min_delay={self.min_delay!r}): give at most max_delay, {self.max_delay!r}"
            )

    # --- what the pipeline asks ------------------------------------------------------------------

    @staticmethod
    def covers(request: Request, *, keyed: bool) -> bool:
        """Tell whether a copy of the request does no harm; `keyed`: it has an idempotency key."""
        return keyed or is_idempotent(request.method)

    @staticmethod
    def refusal(request: Request) -> str | None:
        """Return why no copy of the request can be made, None if one can."""
        body = request.body
        return None if body is None or body.replayable else ONE_SHOT_NOTE

    def delay_for(self, request: Request, *, streamed: bool) -> float | None:
        """Return after how many seconds to send a copy; None while too little is known.

        What is `streamed` is over with its head, so it has latencies of its own.
        """
        if self.percentile is None:
            return self.delay
        latencies = self._latencies
        with latencies.lock:
            window = latencies.peek(self._place(request, streamed))
            if window is None or len(window) < self.min_samples:
                return None
            learned = window.percentile(self.percentile)
        return min(max(learned, self.min_delay), self.max_delay)

    def learn(self, request: Request, seconds: float, *, streamed: bool) -> None:
        """Take in how long a first request took until its answer, or until a copy was answered.

        The latter is less than it would have taken, and still more than the percentile: counted
        like this, the share of the requests that are copied stays what it was meant to be.
        """
        if self.percentile is not None:
            latencies = self._latencies
            with latencies.lock:
                latencies.of(self._place(request, streamed)).add(seconds)

    def deposit(self, now: float) -> None:
        """Tell the budget of a first request at `now`, in monotonic seconds."""
        if self.budget is not None:
            self.budget.deposit(now)

    def may_copy(self, now: float) -> bool:
        """Take a copy out of the budget at `now`, and say whether there was one in it."""
        return self.budget is None or self.budget.withdraw(now)

    @staticmethod
    def is_answer(status: int, *, keyed: bool) -> bool:
        """Tell whether an answer ends the round, or the others are waited for all the same.

        Those with a status that `Retry` would try again do not; nor does 409 with an idempotency
        key, which may say that the other copy is being worked on.
        """
        return status not in RETRY_STATUSES and not (keyed and status == _CONFLICT)

    def _place(self, request: Request, streamed: bool) -> str:
        key = self.key_of(request)
        return f"{key} (head)" if streamed else key

    def __repr__(self) -> str:
        return settings_repr(self)
