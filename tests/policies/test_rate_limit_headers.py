"""What servers say about their rate limits, in every dialect."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.headers import Headers
from antiphon.policies.rate_limit_headers import RateLimitState, rate_limit_state

NOW = 1_800_000_000.0

CASES: dict[str, tuple[dict[str, str], RateLimitState | None]] = {
    "nothing": ({"Content-Type": "text/plain"}, None),
    "current draft": ({"RateLimit": '"default";r=50;t=30'}, RateLimitState(None, 50, 30.0)),
    "with its policy": (
        {"RateLimit": '"a";r=50;t=30', "RateLimit-Policy": '"a";q=100;w=60, "b";q=5'},
        RateLimitState(100, 50, 30.0),
    ),
    "name as a token": ({"RateLimit": "a ; r=5 ; t=3"}, RateLimitState(None, 5, 3.0)),
    "no reset": ({"RateLimit": '"a";r=5'}, RateLimitState(None, 5, None)),
    "the tightest of several": (
        {"RateLimit": '"day";r=900;t=86400, "minute";r=10;t=60'},
        RateLimitState(None, 900, 86_400.0),
    ),
    "used up for longest": (
        {"RateLimit": '"a";r=0;t=5, "b";r=0;t=50, "c";r=1;t=1'},
        RateLimitState(None, 0, 50.0),
    ),
    "comma and semicolon in a name": ({"RateLimit": '"a,b;c";r=5'}, RateLimitState(None, 5, None)),
    "a policy without a quota": (
        {"RateLimit": '"a";r=5', "RateLimit-Policy": '"a";w=10'},
        RateLimitState(None, 5, None),
    ),
    "draft 07": (
        {"RateLimit": "limit=100, remaining=50, reset=5", "RateLimit-Policy": "100;w=10"},
        RateLimitState(100, 50, 5.0),
    ),
    "draft 07, remaining only": ({"RateLimit": "remaining=7"}, RateLimitState(None, 7, None)),
    "drafts before": (
        {"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "9", "RateLimit-Reset": "7"},
        RateLimitState(100, 9, 7.0),
    ),
    "before, only what counts": ({"RateLimit-Remaining": "0"}, RateLimitState(None, 0, None)),
    "X-, a delay": (
        {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1.5"},
        RateLimitState(None, 3, 1.5),
    ),
    "X-, a date": (
        {
            "X-RateLimit-Limit": "60",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "1800000030",
        },
        RateLimitState(60, 0, 30.0),
    ),
    "X-, a date in milliseconds": (
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000030500"},
        RateLimitState(None, 0, 30.5),
    ),
    "X-, a date that has passed": (
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"},
        RateLimitState(None, 0, 0.0),
    ),
    "X-Rate-Limit": ({"X-Rate-Limit-Remaining": "3"}, RateLimitState(None, 3, None)),
    "the standard before X-": (
        {"X-RateLimit-Remaining": "3", "RateLimit-Remaining": "2"},
        RateLimitState(None, 2, None),
    ),
    "no number": ({"X-RateLimit-Remaining": "many"}, None),
    "negative": ({"RateLimit-Remaining": "-1"}, None),
    "a string for a number": ({"RateLimit": '"a";r="5"'}, None),
    "no remaining": ({"RateLimit": '"a";t=5'}, None),
    "empty": ({"RateLimit": ""}, None),
    "only a separator": ({"RateLimit": ";, ;"}, None),
    "too long to be true": ({"RateLimit": '"a";r=1' + ' ,"a";r=1' * 200}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_dialects(name: str) -> None:
    """Each dialect is understood, and what makes no sense is ignored."""
    headers, expected = CASES[name]

    assert expected == rate_limit_state(Headers(headers), NOW)


@given(st.text(st.sampled_from('";,=rt \\0159abq'), max_size=60), st.sampled_from(["", "-Policy"]))
def test_nothing_is_raised(text: str, suffix: str) -> None:
    """Whatever a server sends, a state comes of it or None."""
    state = rate_limit_state(Headers({"RateLimit": '"a";r=1', f"RateLimit{suffix}": text}), NOW)

    assert state is None or state.remaining >= 0


@pytest.mark.parametrize("text", ['"' + '\\"' * 4000, '"a' * 4000, "a;" * 4000, ",;" * 4000])
def test_hostile_fields_cost_no_time(text: str) -> None:
    """A field made to keep the parser busy does not."""
    started = time.process_time()
    rate_limit_state(Headers({"RateLimit": text[:1024], "RateLimit-Policy": text}), NOW)

    assert time.process_time() - started < 0.5
