"""The `Cookie` header of one request."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.policies.cookies import cookie_header, merged_cookie_header


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ({}, None),
        ({"a": "1"}, "a=1"),
        ({"a": "1", "b": ""}, "a=1; b="),
        ({"": "bare"}, "bare"),
        ({"__Host-a": "1", "__Secure-b": "2"}, "__Host-a=1; __Secure-b=2"),
    ],
)
def test_cookies_of_one_call(cookies: dict[str, str], expected: str | None) -> None:
    """Names and values become one header value, in the order given."""
    assert cookie_header(cookies) == expected


@pytest.mark.parametrize("cookies", [{"a": "1; b=2"}, {"a": "1\n"}, {"a=b": "1"}, {"a": 1}])
def test_cookies_that_would_break_the_header(cookies: dict[str, str]) -> None:
    """What would come out as another cookie, or another header, is refused."""
    with pytest.raises(InvalidOptionError, match="cannot be set"):
        cookie_header(cookies)


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        (None, None, None),
        ("a=1", None, "a=1"),
        (None, "a=2", "a=2"),
        ("a=1", "b=2", "a=1; b=2"),
        ("a=1; b=2; a=3", "a=9", "b=2; a=9"),
        ("a=1; bare", "other", "a=1; other"),
        ("a=1; A=2", "a=3", "A=2; a=3"),
        ("a=1", " a = 2 ;c=3", " a = 2 ;c=3"),
    ],
)
def test_given_cookies_win_over_stored_ones(
    stored: str | None, given: str | None, expected: str | None
) -> None:
    """Both go into one header; of one name only what was given for the call is sent."""
    assert merged_cookie_header(stored, given) == expected
