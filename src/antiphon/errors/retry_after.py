"""The Retry-After header field, read as seconds (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

# The grammar has whole seconds only; servers also send "1.5".
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z", re.ASCII)
# RFC 9111 section 1.2.2: a delta-seconds too large to represent counts as 2**31.
_LONGEST_SECONDS = float(2**31)


def retry_after_seconds(headers: Headers, now: float | None = None) -> float | None:
    """Return the seconds that the server asks to wait, never negative; None if it does not say.

    A date counts from `now` (POSIX seconds). Without `now` it counts from the Date of the same
    response, which also makes up for a wrong clock on this side, and is None without a Date.
    """
    text = headers.get("Retry-After")
    if text is None:
        return None
    if _SECONDS.match(text):
        return min(float(text), _LONGEST_SECONDS)
    until = _posix_seconds(text)
    if now is None:
        now = _posix_seconds(headers.get("Date"))
    if until is None or now is None:
        return None
    return min(max(until - now, 0.0), _LONGEST_SECONDS)


def _posix_seconds(text: str | None) -> float | None:
    """Return an HTTP-date (RFC 9110 section 5.6.7, all three forms) as POSIX seconds."""
    if not text:
        return None
    import datetime as dt
    import email.utils

    try:
        moment = email.utils.parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None
