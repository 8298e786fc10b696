"""The date of an `Expires` attribute, read as RFC 6265bis section 5.1.1 reads it."""

from __future__ import annotations

import re

# RFC 6265bis 5.1.1: what stands between two date tokens, and the four things a token may be.
# `[^0-9]` is the section's non-digit; what follows it in a token is ignored.
_DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# RFC 6265bis 5.1.1 step 5: the Gregorian calendar's first whole century after its introduction.
_FIRST_YEAR = 1601


def parse_date(text: str) -> float | None:
    """Return the date in `text` as seconds since the epoch (UTC), or None if there is none.

    The algorithm of RFC 6265bis section 5.1.1. It reads every form of RFC 9110 section 5.6.7 too
    (IMF-fixdate, RFC 850, asctime), and forgives what servers get wrong: wrong or missing week
    days, other separators, one-digit days, a missing or wrong time zone (it is always UTC).
    Two-digit years from 70 are in the twentieth century, others in the twenty-first.
    """
    time: tuple[int, int, int] | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    for token in _DELIMITERS.split(text):
        if time is None and (found := _TIME.match(token)):
            time = (int(found[1]), int(found[2]), int(found[3]))
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and (number := _MONTHS.get(token[:3].lower())):
            month = number
        elif year is None and (found := _YEAR.match(token)):
            year = int(found[1])
    if time is None or day is None or month is None or year is None:
        return None
    if year < 70:
        year += 2000
    elif year < 100:
        year += 1900
    hour, minute, second = time
    if hour > 23 or minute > 59 or second > 59:
        return None
    if year < _FIRST_YEAR or not 1 <= day <= month_length(year, month):
        return None
    return float(days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)


def month_length(year: int, month: int) -> int:
    """Return how many days a month has."""
    return 29 if month == 2 and _is_leap(year) else _MONTH_LENGTHS[month - 1]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_since_epoch(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar."""
    # Not `calendar.timegm`: that module costs more to import than a whole call.
    before = year - 1
    leap_days = (before // 4 - before // 100 + before // 400) - (1969 // 4 - 1969 // 100 + 4)
    earlier_months = sum(month_length(year, number) for number in range(1, month))
    return (year - 1970) * 365 + leap_days + earlier_months + day - 1
