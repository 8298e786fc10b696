"""Cache-Control, targeted fields and HTTP-dates, read alone."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.models.headers import Headers
from antiphon.policies.cache_control import LONGEST, parse_cache_control, response_directives
from antiphon.policies.http_date import format_http_date, parse_http_date
from antiphon.policies.targeted_cache_control import parse_targeted

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("line", "seconds", "present"),
    [
        ("max-age=1", 1, True),
        ('max-age="1"', 1, True),
        ("max-age=0", 0, True),
        ("max-age=007", 7, True),
        ("max-age=" + "9" * 9999, LONGEST, True),
        ("max-age=" + "0" * 9999 + "1", 1, True),
        ("max-age=2147483649", LONGEST, True),
        ("max-age", None, True),
        ("max-age=", None, True),
        ("max-age=-1", None, True),
        ("max-age=1.0", None, True),
        ("max-age=\u0661", None, True),
        ("max-age =1", None, True),
        ("foo", None, False),
        ("foo=max-age=1", None, False),
    ],
)
def test_seconds(line: str, seconds: int | None, present: bool) -> None:
    """A number of seconds is one in ASCII digits, quoted or not, at most 2**31."""
    found = parse_cache_control([line])

    assert (seconds, present) == (found.seconds("max-age"), "max-age" in found)


def test_fields() -> None:
    """A list of fields is read in either form, in lower case; without one the directive is for all."""
    assert {"a", "b"} == parse_cache_control(['no-cache="A, b,"']).fields("no-cache")
    assert {"a"} == parse_cache_control(["no-cache=a"]).fields("no-cache")
    for line in ("no-cache", 'no-cache="a', "no-cache=", 'no-cache=""', "foo"):
        assert frozenset() == parse_cache_control([line]).fields("no-cache")


def test_values() -> None:
    """Whether there is a value is told apart from whether there is a directive."""
    found = parse_cache_control(["max-stale, min-fresh=x, a=, b= 1"])

    assert [False, True, True, True, False] == [
        found.has_value(name) for name in ("max-stale", "min-fresh", "a", "b", "c")
    ]
    assert "max-stale" in found
    assert "c" not in found
    assert "CacheControl({'max-stale': None" in repr(found)


@given(lines=st.lists(st.text(st.characters(max_codepoint=255), max_size=60), max_size=3))
@settings(max_examples=300)
def test_any_text_is_read(lines: list[str]) -> None:
    """No text is too odd, and no name has anything but token characters in lower case."""
    found = parse_cache_control(lines)

    for name in found._values:
        assert name == name.lower()
        assert not set(name) & set(' ",=;()')
        assert found.seconds(name) is None or 0 <= found.seconds(name) <= LONGEST


@given(st.text('ab=", \\1', max_size=40))
@settings(max_examples=300)
def test_quotes_hide_what_is_in_them(text: str) -> None:
    """What is in a quoted string is never a directive."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    found = parse_cache_control([f'x="{quoted}", last'])

    assert {"x", "last"} == set(found._values)


@pytest.mark.parametrize(
    "text",
    ["", ",", "a,", "a b", "A", "1a", "a=", "a=(1", "a=(1 2", "a=(1)2", 'a="x', "a=1;", "a=1;A",
     "a=1;b=", "a=1.2345", "a=1234567890123456", "a=:x", "a=?2", "a,,b", "a;b=(1)", "a=(1x)"],
)  # fmt: skip
def test_malformed_targeted_fields(text: str) -> None:
    """What is no dictionary of structured fields is ignored as a whole (RFC 9213 2.2)."""
    assert parse_targeted([text]) is None


@pytest.mark.parametrize(
    ("text", "names", "max_age"),
    [
        ("max-age=60", {"max-age"}, 60),
        ("max-age=60, private", {"max-age", "private"}, 60),
        ("max-age=60;x=1;y=?0;z=:YQ==:\t,  b", {"max-age", "b"}, 60),
        ("max-age=-60", {"max-age"}, None),
        ('max-age="60"', {"max-age"}, None),
        ("max-age=a", {"max-age"}, None),
        ("max-age=60.5", {"max-age"}, None),
        ("max-age=@60", {"max-age"}, None),
        ("max-age=(60 61;a)", {"max-age"}, None),
        ("max-age=()", {"max-age"}, None),
        ("max-age=?1", {"max-age"}, None),
        ("max-age=?0", None, None),
        ("max-age=x, max-age=5", {"max-age"}, 5),
        ("max-age=5, max-age=1.5", {"max-age"}, None),
        ('no-cache="a\\"b"', {"no-cache"}, None),
        ("*a.b_c-d=1", {"*a.b_c-d"}, None),
    ],
)
def test_targeted_fields(text: str, names: set[str] | None, max_age: int | None) -> None:
    """The last of a name counts, and a value of another type than ours is none (RFC 9213 2.1)."""
    found = parse_targeted([text])

    assert names == (None if found is None else set(found._values))
    if found is not None:
        assert max_age == found.seconds("max-age")


def test_which_field_counts() -> None:
    """The first target that is there and well-formed, else Cache-Control."""
    headers = Headers({"B": "max-age=2", "A": "", "C": "max-age=,", "Cache-Control": "max-age=1"})

    for targets, seconds, targeted in (
        ((), 1, False),
        (("A", "C", "D"), 1, False),
        (("A", "b"), 2, True),
    ):
        found, is_targeted = response_directives(headers, targets)
        assert (seconds, targeted) == (found.seconds("max-age"), is_targeted)


@given(seconds=st.integers(0, calendar.timegm((9999, 12, 31, 23, 59, 59))))
@settings(max_examples=200)
def test_dates_are_read_as_others_write_them(seconds: int) -> None:
    """Dates of the standard library are read to the second, and written the same."""
    moment = datetime.fromtimestamp(seconds, UTC)
    text = format_datetime(moment, usegmt=True)

    assert float(seconds) == parse_http_date(text, NOW)
    assert text == format_http_date(seconds + 0.9)
    assert float(seconds) == parse_http_date(time.asctime(moment.timetuple()), NOW)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Sunday, 06-Nov-94 08:49:37 GMT", 1994),
        ("Sunday, 06-Nov-77 08:49:37 GMT", 2077),
        ("Sunday, 06-Nov-78 08:49:37 GMT", 1978),
        ("Sunday, 06-Nov-27 08:49:37 GMT", 2027),
    ],
)
def test_years_of_two_digits(text: str, year: int) -> None:
    """A year of two digits lies at most fifty years ahead (RFC 9110 5.6.7)."""
    assert float(calendar.timegm((year, 11, 6, 8, 49, 37))) == parse_http_date(text, NOW)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "0",
        "-1",
        "tomorrow",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        "Funday, 06-Nov-94 08:49:37 GMT",
    ],
)
def test_what_is_no_date(text: str | None) -> None:
    """What has not one of the three forms is no date."""
    assert parse_http_date(text, NOW) is None
