"""`Retry`: whether a failed attempt is made again, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import InvalidOptionError, TransportError
from antiphon.models.headers import EMPTY_HEADERS
from antiphon.policies.asked_wait import asked_wait, should_retry
from antiphon.policies.backoff import backoff
from antiphon.policies.idempotency import IDEMPOTENT_METHODS, checked_methods
from antiphon.policies.retry_errors import FINAL_ERRORS, checked_errors, is_named
from antiphon.policies.retry_settings import (
    a_budget,
    a_function,
    at_least,
    checked_statuses,
    known_jitter,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.backoff import Jitter
    from antiphon.policies.outcomes import Outcome
    from antiphon.policies.retry_budget import RetryBudget

RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one next time.

425 says so itself (RFC 8470 section 5.2); 501 and 505 to 511 would stay what they are.
"""
# The request with the same key is being worked on (draft-ietf-httpapi-idempotency-key-header,
# section 2.7). Without a key it is a conflict that another attempt would only find again.
_CONFLICT = 409


@attrs.frozen
class RetryDecision:
    """What to do after an attempt: `retry` after `delay` seconds, or not, and why not.

    `note` is for the error that is raised (PEP 678); None where nobody would have expected another
    attempt.
    """

    retry: bool
    delay: float = 0.0
    note: str | None = None


_NO = RetryDecision(retry=False)


def _no(note: str) -> RetryDecision:
    return RetryDecision(retry=False, note=note)


def _methods(value: Collection[str]) -> frozenset[str]:
    return checked_methods("Retry", value)


@attrs.frozen(repr=False)
class Retry:
    """How failed attempts are made again; one value serves any number of clients of both voices.

    - `max_attempts` counts the first try
    - after attempt n it waits up to `min(max_delay, base_delay * backoff_factor ** (n - 1))`
      seconds, or as long as the server asks if that is longer; asked for more than
      `max_retry_after` seconds it gives up at once
    - `jitter`: "full" waits a random part of that, a number from 0 to 1 leaves so large a share of
      it to chance, None waits all of it; "decorrelated" goes by the wait before
    - `statuses` and `retry_on`, exception types: what is tried again
    - `methods`: those that may be sent again although the server may have acted on them
    - `predicate` is given the `Outcome` of an attempt, and returns True or False to say that it is
      to be tried again, or not; None leaves it to the rest
    - `budget`: a `RetryBudget` that retries are taken from

    Other methods are tried again only if nothing was sent or the request has an idempotency key.
    Never tried again are requests whose body is a stream, whatever the server says should not be
    (`x-should-retry: false`), and never after `PoolTimeout`, `DeadlineExceeded`, `RequestCancelled`
    or a PolicyError. Raises `InvalidOptionError` for values out of range.
    """

    policy_kind: ClassVar[str] = "retry"

    max_attempts: int = attrs.field(default=3, validator=whole_number)
    base_delay: float = attrs.field(default=0.5, kw_only=True, validator=at_least(0))
    backoff_factor: float = attrs.field(default=2.0, kw_only=True, validator=at_least(1))
    max_delay: float = attrs.field(default=30.0, kw_only=True, validator=at_least(0))
    jitter: Jitter = attrs.field(default="full", kw_only=True, validator=known_jitter)
    statuses: frozenset[int] = attrs.field(
        default=RETRY_STATUSES, kw_only=True, converter=checked_statuses
    )
    methods: frozenset[str] = attrs.field(
        default=IDEMPOTENT_METHODS, kw_only=True, converter=_methods
    )
    retry_on: tuple[type[Exception], ...] = attrs.field(
        default=(TransportError,), kw_only=True, converter=checked_errors
    )
    max_retry_after: float = attrs.field(default=60.0, kw_only=True, validator=at_least(0))
    predicate: Callable[[Outcome], bool | None] | None = attrs.field(
        default=None, kw_only=True, validator=a_function
    )
    budget: RetryBudget | None = attrs.field(default=None, kw_only=True, validator=a_budget)
    settled_below: int = attrs.field(init=False, eq=False)
    """An answer with a status below this is kept, whatever else it says."""

    def __attrs_post_init__(self) -> None:
        settled = 0 if self.predicate is not None else min(400, *self.statuses, 400)
        object.__setattr__(self, "settled_below", settled)

    @staticmethod
    def of(value: Retry | int | None) -> Retry | None:
        """Return what `retry=` means: a `Retry`, a number of attempts, or None for no retries.

        Raises `InvalidOptionError` for anything else.
        """
        if value is None or isinstance(value, Retry):
            return value
        if type(value) is int:
            return Retry(value)
        message = f"retry={value!r}: give a Retry, a number of attempts, or None for no retries"
        raise InvalidOptionError(message)

    def decide(
        self,
        request: Request,
        attempt: int,
        *,
        now_wall: float,
        random: Callable[[], float],
        error: BaseException | None = None,
        status: int | None = None,
        headers: Headers | None = None,
        remaining: float | None = None,
        keyed: bool = False,
        previous_delay: float | None = None,
        elapsed: float = 0.0,
    ) -> RetryDecision:
        """Decide after attempt number `attempt` (the first is 1) of `request`.

        It ended with `error`, or with a response of `status` and `headers`, `elapsed` seconds after
        it began. `remaining` is what is left of the deadline in seconds, None without one;
        `now_wall` is in seconds since the epoch, `random` gives numbers from 0 to 1, `keyed` says
        that the request has an idempotency key, and `previous_delay` is the wait before this
        attempt. The budget is not asked: a retry is taken from it after this says yes. A wait is
        never shortened: where it is longer than the deadline, or than `max_retry_after` if the
        server asks for it, there is no other attempt.
        """
        if isinstance(error, FINAL_ERRORS) or self.max_attempts == 1:
            return _NO
        headers = EMPTY_HEADERS if headers is None else headers
        verdict = self._judge(request, attempt, elapsed, status, headers, error)
        if verdict is None:
            verdict = (
                is_named(error, self.retry_on) if error is not None else self._lists(status, keyed)
            )
            advice = None if status is None or status < 400 else should_retry(headers)
            if verdict and advice is False:
                return _no("not retried: the server says not to (x-should-retry: false)")
            verdict = verdict or advice is True
        if not verdict:
            return _NO
        unsent = error is not None and getattr(error, "sent", "maybe") == "no"
        refusal = self._refusal(request, attempt, may_repeat=unsent or keyed)
        if refusal is not None:
            return _no(refusal)
        delay = backoff(
            attempt,
            previous_delay,
            jitter=self.jitter,
            base_delay=self.base_delay,
            backoff_factor=self.backoff_factor,
            max_delay=self.max_delay,
            random=random,
        )
        asked = asked_wait(status, headers, now_wall)
        if asked is not None:
            if asked > self.max_retry_after:
                return _no(
                    f"not retried: the server asks to wait {asked:.0f} s, "
                    f"longer than max_retry_after={self.max_retry_after:g} s"
                )
            delay = max(delay, asked)
        if remaining is not None and delay >= remaining:
            return _no(
                f"not retried: the wait of {delay:.2f} s would outlast the deadline, "
                f"of which {max(remaining, 0.0):.2f} s are left"
            )
        return RetryDecision(retry=True, delay=delay)

    def _judge(
        self,
        request: Request,
        attempt: int,
        elapsed: float,
        status: int | None,
        headers: Headers,
        error: BaseException | None,
    ) -> bool | None:
        """Ask the predicate, if there is one."""
        if self.predicate is None:
            return None
        from antiphon.policies.outcomes import Outcome

        return self.predicate(Outcome(request, attempt, elapsed, status, headers, error=error))

    def out_of_budget(self) -> RetryDecision:
        """Return what becomes of a retry that the budget does not have."""
        return _no(f"not retried: {self.budget!r} is used up")

    def _lists(self, status: int | None, keyed: bool) -> bool:
        """Tell whether `status` is one that is tried again."""
        return status in self.statuses or (keyed and status == _CONFLICT)

    def _refusal(self, request: Request, attempt: int, *, may_repeat: bool) -> str | None:
        if request.body is not None and not request.body.replayable:
            return "not retried: the request body is a stream and cannot be sent again"
        if not may_repeat and request.method not in self.methods:
            return (
                f"not retried: {request.method} is not idempotent, "
                "and the server may have acted on the request"
            )
        if attempt >= self.max_attempts:
            return f"gave up after {attempt} attempts"
        return None

    def __repr__(self) -> str:
        """Show the number of attempts, and what else is not as it is by default."""
        others = [
            f", {field.name}={getattr(self, field.name)!r}"
            for field in attrs.fields(Retry)[1:]
            if field.init and getattr(self, field.name) != field.default
        ]
        return f"Retry(max_attempts={self.max_attempts}{''.join(others)})"
