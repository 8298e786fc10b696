"""`Retry`: whether a failed attempt is made again, and when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import attrs

from antiphon.errors import (
    CertificateVerifyError,
    DeadlineExceeded,
    InvalidOptionError,
    LocalProtocolError,
    PoolTimeout,
    ProxyError,
    TransportError,
    retry_after_seconds,
)
from antiphon.policies.backoff import backoff_ceiling, full_jitter
from antiphon.policies.idempotency import is_idempotent

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request

RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one next time.

425 says so itself (RFC 8470 section 5.2); 501 and 505 to 511 would stay what they are.
"""
MAX_RETRY_AFTER = 30.0
"""Seconds; whoever is asked to wait longer than this is better told at once."""

# A full pool is our own, an exhausted deadline stays so, and the other two are not bad luck.
_NEVER_RETRIED = (PoolTimeout, DeadlineExceeded, LocalProtocolError, CertificateVerifyError)


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


def _whole_number(_retry: Retry, field: attrs.Attribute[int], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        message = f"Retry({field.name}={value!r}): must be an int of at least 1 (the first try)"
        raise InvalidOptionError(message)


def _at_least(minimum: float) -> Callable[[Retry, attrs.Attribute[float], object], None]:
    def check(_retry: Retry, field: attrs.Attribute[float], value: object) -> None:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
            or value < minimum
        ):
            message = f"Retry({field.name}={value!r}): must be a number of at least {minimum:g}"
            raise InvalidOptionError(message)

    return check


@attrs.frozen
class Retry:
    """How failed attempts are made again; one value serves any number of clients of both voices.

    `max_attempts` counts the first try. After attempt n it waits a random time between zero and
    `min(max_delay, base_delay * backoff_factor ** (n - 1))` seconds (full jitter), or as long as
    `Retry-After` says if that is longer. Raises `InvalidOptionError` for values out of range.

    Made again are idempotent requests (RFC 9110 section 9.2.2) that got 408, 425, 429, 500, 502,
    503 or 504, could not connect, lost the connection or timed out, and others only if nothing was
    sent. Never after `PoolTimeout`, `DeadlineExceeded` or `RequestCancelled`, and never with a body
    that is a stream.
    """

    policy_kind: ClassVar[str] = "retry"

    max_attempts: int = attrs.field(default=3, validator=_whole_number)
    base_delay: float = attrs.field(default=0.5, kw_only=True, validator=_at_least(0))
    backoff_factor: float = attrs.field(default=2.0, kw_only=True, validator=_at_least(1))
    max_delay: float = attrs.field(default=30.0, kw_only=True, validator=_at_least(0))

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
    ) -> RetryDecision:
        """Decide after attempt number `attempt` (the first is 1) of `request`.

        It ended with `error`, or with a response of `status` and `headers`. `remaining` is what is
        left of the deadline in seconds, None without one; `now_wall` is in seconds since the epoch,
        and `random` gives numbers from 0 to 1. A wait is never shortened: if it is longer than the
        deadline or than 30 seconds asked for by the server, there is no other attempt.
        """
        if error is None:
            if status not in RETRY_STATUSES:
                return _NO
            unsent = False
        else:
            if not isinstance(error, TransportError) or isinstance(error, _NEVER_RETRIED):
                return _NO
            if isinstance(error, ProxyError) and error.status is not None and error.status < 500:
                return _NO  # what a proxy forbids, or wants credentials for, it will tomorrow too
            unsent = error.sent == "no"
        if self.max_attempts == 1:
            return _NO
        refusal = self._refusal(request, attempt, unsent=unsent)
        if refusal is not None:
            return RetryDecision(retry=False, note=refusal)
        delay = full_jitter(
            backoff_ceiling(
                attempt,
                base_delay=self.base_delay,
                backoff_factor=self.backoff_factor,
                max_delay=self.max_delay,
            ),
            random,
        )
        asked = None if headers is None else _retry_after(headers, now_wall)
        if asked is not None:
            if asked > MAX_RETRY_AFTER:
                note = (
                    f"not retried: the server asks to wait {asked:.0f} s, "
                    f"longer than {MAX_RETRY_AFTER:.0f} s"
                )
                return RetryDecision(retry=False, note=note)
            delay = max(delay, asked)
        if remaining is not None and delay >= remaining:
            note = (
                f"not retried: the wait of {delay:.2f} s would outlast the deadline, "
                f"of which {max(remaining, 0.0):.2f} s are left"
            )
            return RetryDecision(retry=False, note=note)
        return RetryDecision(retry=True, delay=delay)

    def _refusal(self, request: Request, attempt: int, *, unsent: bool) -> str | None:
        if request.body is not None and not request.body.replayable:
            return "not retried: the request body is a stream and cannot be sent again"
        if not unsent and not is_idempotent(request.method):
            return (
                f"not retried: {request.method} is not idempotent, "
                "and the server may have acted on the request"
            )
        if attempt >= self.max_attempts:
            return f"gave up after {attempt} attempts"
        return None


def _retry_after(headers: Headers, now_wall: float) -> float | None:
    # Against the server's own Date a date is right even where the two clocks are not.
    asked = retry_after_seconds(headers)
    return retry_after_seconds(headers, now_wall) if asked is None else asked
