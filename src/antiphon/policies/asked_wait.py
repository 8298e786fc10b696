"""How long a server asks to wait before the next attempt, in each of the ways in which they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.errors import retry_after_seconds

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?\Z", re.ASCII)
# X-RateLimit-Reset has no standard: a number larger than any wait is a date, in seconds since the
# epoch (GitHub) or in milliseconds.
_FIRST_DATE = 1e9
_FIRST_DATE_IN_MILLISECONDS = 1e12
_RESETS = ("RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset")


def asked_wait(status: int | None, headers: Headers, now_wall: float) -> float | None:
    """Return the seconds that the server asks to wait, never negative; None if it does not say.

    The first of these that is there and makes sense: `retry-after-ms`; `Retry-After`, in seconds or
    as a date (RFC 9110 section 10.2.3); a rate limit with nothing left, up to its reset (RateLimit,
    and its older forms; draft-ietf-httpapi-ratelimit-headers has Retry-After take precedence); the
    reset alone of a 429 that does not say what is left. `now_wall` is in seconds since the epoch.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    # Against the server's own Date a date is right even where the two clocks are not.
    asked = retry_after_seconds(headers)
    if asked is None:
        asked = retry_after_seconds(headers, now_wall)
    if asked is not None:
        return asked
    from antiphon.policies.rate_limit_headers import rate_limit_state

    state = rate_limit_state(headers, now_wall)
    if state is not None:
        return state.reset_seconds if state.remaining == 0 else None
    return _lone_reset(headers, now_wall) if status == 429 else None


def should_retry(headers: Headers) -> bool | None:
    """Return what `x-should-retry` says, as the APIs of OpenAI and Anthropic send it."""
    return {"true": True, "false": False}.get((headers.get("x-should-retry") or "").lower())


def _lone_reset(headers: Headers, now_wall: float) -> float | None:
    for name in _RESETS:
        reset = _number(headers.get(name))
        if reset is not None:
            if reset >= _FIRST_DATE_IN_MILLISECONDS:
                reset /= 1000
            return reset if reset < _FIRST_DATE else max(0.0, reset - now_wall)
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and _NUMBER.match(text) else None
