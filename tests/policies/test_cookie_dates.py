"""Dates of `Expires` attributes, by the algorithm of RFC 6265bis section 5.1.1."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.policies.cookie_dates import parse_date

NOV_6_1994 = 784111777.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", NOV_6_1994),
        ("Sunday, 06-Nov-94 08:49:37 GMT", NOV_6_1994),
        ("Sun Nov  6 08:49:37 1994", NOV_6_1994),
        # The order of the four parts is free, and so are the delimiters.
        ("1994 Nov 6 08:49:37", NOV_6_1994),
        ("08:49:37 6 Nov 1994", NOV_6_1994),
        ("6/Nov/1994;08:49:37", NOV_6_1994),
        ("06\tnovember\t1994\t8:49:37", NOV_6_1994),
        # The week day and the zone are not looked at.
        ("Fri, 06 Nov 1994 08:49:37 EST", NOV_6_1994),
        ("Sun, 06 Nov 1994 08:49:37 +0100", NOV_6_1994),
        # Tokens may end in anything that does not start with a digit.
        ("06th Novembre 1994AD 08:49:37.123Z", NOV_6_1994),
        # What is found first counts; the second day would be a year, and is too short for it.
        ("06 Nov 1994 08:49:37 07 Dec 1995 10:00:00", NOV_6_1994),
        ("01-Jan-1970 00:00:00", 0.0),
        ("31 Dec 1969 23:59:59", -1.0),
        ("29 Feb 2000 12:00:00", 951825600.0),
        ("01 Jan 1601 00:00:00", -11644473600.0),
        ("31 Dec 9999 23:59:59", 253402300799.0),
        # A year counts by its value, not by its digits.
        ("06 Nov 0094 08:49:37", NOV_6_1994),
        # Two-digit years: 70 to 99 are 19xx, 0 to 69 are 20xx.
        ("01 Jan 70 00:00:00", 0.0),
        ("01 Jan 99 00:00:00", 915148800.0),
        ("01 Jan 00 00:00:00", 946684800.0),
        ("01 Jan 69 00:00:00", 3124224000.0),
    ],
)
def test_reads_a_date(text: str, expected: float) -> None:
    """A text with a time, a day, a month and a year in any order is a date in UTC."""
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "tomorrow",
        "06 Nov 1994",
        "06 Nov 08:49:37",
        "06 1994 08:49:37",
        "Nov 1994 08:49:37",
        "00 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37",
        "32 Dec 1994 08:49:37",
        "29 Feb 1900 08:49:37",
        "29 Feb 2001 08:49:37",
        "06 Nov 1600 08:49:37",
        "06 Nov 0100 08:49:37",
        "06 Nov 1994 24:00:00",
        "06 Nov 1994 08:60:37",
        "06 Nov 1994 08:49:60",
        "06 Nov 1994 08:49",
        "06 Nov 1994 008:49:37",
        "06 Nov 1994 08:49:377",
        "006 Nov 1994 08:49:37",
        "06 Nov 19940 08:49:37",
        "06 No 1994 08:49:37",
        "06 11 1994 08:49:37",
        "٠٦ Nov 1994 08:49:37",
    ],
)
def test_refuses_what_is_no_date(text: str) -> None:
    """A missing part, a part out of range, and a day that the month does not have are no date."""
    assert parse_date(text) is None


@given(
    st.integers(0, 253402300799),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S GMT", "%b %d %H:%M:%S %Y", "%d-%b-%Y %H:%M:%S"]),
)
@settings(max_examples=300)
def test_agrees_with_the_calendar_of_the_standard_library(seconds: int, form: str) -> None:
    """A date that was written by `strftime` is read as the same second."""
    assert parse_date(datetime.fromtimestamp(seconds, UTC).strftime(form)) == seconds


@given(st.text() | st.text("0123456789:/- janfebmar,"))
@settings(max_examples=300)
def test_no_text_makes_it_raise(text: str) -> None:
    """Any text is either a date within the range of years or None."""
    date = parse_date(text)

    assert date is None or -11644473600 <= date < 253402300800
