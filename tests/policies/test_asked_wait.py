"""In which ways servers ask to wait, and whether they want to be asked again."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.models.headers import Headers
from antiphon.policies.asked_wait import asked_wait, should_retry

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        # In milliseconds, as OpenAI and Azure send it; more precise than its neighbour.
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"retry-after-ms": "soon", "Retry-After": "2"}, 2.0),
        ({"retry-after-ms": "-1"}, None),
        # RFC 9110 section 10.2.3.
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": formatdate(NOW + 7, usegmt=True)}, 7.0),
        ({"Retry-After": formatdate(NOW - 7, usegmt=True)}, 0.0),
        ({"Retry-After": "7", "RateLimit": '"default";r=0;t=30'}, 7.0),
        # The RateLimit field, and its drafts before.
        ({"RateLimit": '"default";r=0;t=30'}, 30.0),
        ({"RateLimit": '"default";r=5;t=30'}, None),
        ({"RateLimit": '"default";r=0'}, None),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, 9.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "12"}, 12.0),
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "12"}, None),
        # Seconds from now, or a date in seconds or milliseconds since the epoch.
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}, 12.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000012"}, 12.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000012000"}, 12.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1699999999"}, 0.0),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1700000012"}, None),
    ],
)
def test_what_servers_ask_for(headers: dict[str, str], expected: float | None) -> None:
    """The first way that makes sense counts, and a limit only once it is used up."""
    assert expected == asked_wait(503, Headers(headers), NOW)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"RateLimit-Reset": "12"}, 12.0),
        ({"X-RateLimit-Reset": "12.5"}, 12.5),
        ({"X-RateLimit-Reset": "1700000012"}, 12.0),
        ({"X-RateLimit-Reset": "1700000012000"}, 12.0),
        ({"X-RateLimit-Reset": "1699999999"}, 0.0),
        ({"X-Rate-Limit-Reset": "4"}, 4.0),
        ({"X-RateLimit-Reset": "tomorrow"}, None),
        ({"X-RateLimit-Reset": "9" * 400}, None),
    ],
)
def test_a_reset_alone(headers: dict[str, str], expected: float | None) -> None:
    """Who answers 429 and says when the limit is reset need not say that nothing is left."""
    assert expected == asked_wait(429, Headers(headers), NOW)
    assert asked_wait(503, Headers(headers), NOW) is None


NAMES = ("retry-after-ms", "Retry-After", "RateLimit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126)) | st.integers().map(str)


@given(headers=st.dictionaries(st.sampled_from(NAMES), TEXTS), now=st.floats(0, 4e9))
def test_whatever_servers_send(headers: dict[str, str], now: float) -> None:
    """Garbage is no reason to wait, nor to fail, and no wait is negative."""
    wait = asked_wait(429, Headers(headers), now)

    assert wait is None or 0 <= wait < 1e15


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("True", True), ("false", False), ("yes", None), ("", None), (None, None)],
)
def test_should_retry(value: str | None, expected: bool | None) -> None:
    """`x-should-retry` is true or false, or says nothing."""
    headers = Headers({} if value is None else {"x-should-retry": value})

    assert expected is should_retry(headers)
