"""What a server says about its rate limit: the RateLimit header fields and their forerunners."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from antiphon.models.headers import Headers

# No server lists so many policies; what is longer is not worth the time to parse.
_LONGEST_FIELD = 1024
# A structured field value (RFC 9651) cut at commas, and a member of it at semicolons, but for those
# within strings.
_MEMBERS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PARTS = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+')
# Whole numbers are the rule; servers also send "12.5".
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?\Z", re.ASCII)
# The X- fields have no standard: a reset that is larger than any wait is a date, in seconds since
# the epoch (GitHub) or in milliseconds.
_FIRST_DATE = 1e9
_FIRST_DATE_IN_MILLISECONDS = 1e12
_OLD_PREFIXES = ("RateLimit", "X-RateLimit", "X-Rate-Limit")


@attrs.frozen
class RateLimitState:
    """How much of a server's quota is left: `remaining` calls for the next `reset_seconds`.

    `limit` is the whole quota. Either of these two is None if the server does not say it.
    """

    limit: int | None
    remaining: int
    reset_seconds: float | None


def rate_limit_state(headers: Headers, now_wall: float) -> RateLimitState | None:
    """Return what the header fields of an answer say, None if they say nothing that makes sense.

    Understood are `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers from 07
    on), `RateLimit-Limit`, `-Remaining` and `-Reset` (its drafts before), and these with `X-`, the
    first of them that is there. Of several policies the one that leaves the least counts.
    `now_wall` is in seconds since the epoch: some `X-RateLimit-Reset` are dates.
    """
    field = headers.get("RateLimit")
    if field is not None:
        return _tightest(_states(field, headers.get("RateLimit-Policy", "")))
    for prefix in _OLD_PREFIXES:
        remaining = _number(headers.get(f"{prefix}-Remaining"))
        if remaining is not None:
            # The oldest drafts list the policies behind the limit: "100, 100;w=60".
            limit = _number((headers.get(f"{prefix}-Limit") or "").partition(",")[0])
            reset = _number(headers.get(f"{prefix}-Reset"))
            return RateLimitState(
                None if limit is None else int(limit),
                int(remaining),
                None if reset is None else _seconds(reset, now_wall),
            )
    return None


def _states(field: str, policies: str) -> Iterator[RateLimitState]:
    """Yield one state for each policy of the field, whichever draft it follows."""
    quotas = dict(_quotas(policies))
    old: dict[str, float] = {}
    for name, parameters in _members(field):
        word, equals, value = name.partition("=")
        number = _number(value)
        if equals and number is not None:  # draft -07: limit=100, remaining=50, reset=5
            old[word] = number
            continue
        remaining = _number(parameters.get("r"))
        if remaining is not None:
            yield RateLimitState(quotas.get(name), int(remaining), _number(parameters.get("t")))
    if "remaining" in old:
        limit = old.get("limit")
        yield RateLimitState(
            None if limit is None else int(limit), int(old["remaining"]), old.get("reset")
        )


def _quotas(policies: str) -> Iterator[tuple[str, int]]:
    for name, parameters in _members(policies):
        quota = _number(parameters.get("q"))
        if quota is not None:
            yield name, int(quota)


def _members(field: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the members of a list with their parameters."""
    if len(field) > _LONGEST_FIELD:
        return
    for member in _MEMBERS.findall(field):
        name, *parameters = _PARTS.findall(member) or [""]
        pairs = (parameter.partition("=") for parameter in parameters)
        yield name.strip(), {key.strip(): value.strip() for key, _, value in pairs}


def _tightest(states: Iterator[RateLimitState]) -> RateLimitState | None:
    return min(states, key=_room, default=None)


def _room(state: RateLimitState) -> tuple[float, float]:
    """Order states by calls a second; of those used up, the one that stays so longest is first."""
    reset = state.reset_seconds
    if state.remaining == 0:
        return 0.0, -(reset or 0.0)
    return state.remaining / max(reset or 1.0, 1e-3), 0.0


def _number(text: str | None) -> float | None:
    if text is None or not _NUMBER.match(text := text.strip()):
        return None
    return float(text)


def _seconds(reset: float, now_wall: float) -> float:
    if reset >= _FIRST_DATE_IN_MILLISECONDS:
        reset /= 1000
    return reset if reset < _FIRST_DATE else max(0.0, reset - now_wall)
