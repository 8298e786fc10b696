"""HTTP-dates as a cache reads them (RFC 9110 section 5.6.7, RFC 9111 section 4.2)."""

from __future__ import annotations

import re
from functools import lru_cache

from antiphon.policies.cookie_dates import days_since_epoch, month_length

# In any case: RFC 9111 section 4.2 asks a cache to match dates case-insensitively, and to take a
# zone other than GMT for invalid.
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_DAYS}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"{_LONG_DAYS}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAYS} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)
_DAY_SECONDS = 86_400
# RFC 9110 section 5.6.7: a year of two digits that lies further ahead is one of the past.
_FAR_AHEAD_YEARS = 50
_SECONDS_A_YEAR = 31_556_952


def parse_http_date(text: str | None, now_wall: float) -> float | None:
    """Return the seconds since the epoch that `text` stands for, None if it is no HTTP-date.

    `now_wall` says which century a year of two digits belongs to.
    """
    return _seconds(text, 1970 + int(now_wall // _SECONDS_A_YEAR)) if text else None


@lru_cache(maxsize=256)
def _seconds(text: str, this_year: int) -> float | None:
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            break
    else:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += this_year // 100 * 100
        if year > this_year + _FAR_AHEAD_YEARS:
            year -= 100
    month = _MONTHS.index(match["month"].lower()) + 1
    day = int(match["day"])
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    # A second of 60 is a leap second, which POSIX time does not have.
    if year < 1 or not 1 <= day <= month_length(year, month):
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    days = days_since_epoch(year, month, day)
    return float(days * _DAY_SECONDS + hour * 3600 + minute * 60 + second)


def format_http_date(seconds: float) -> str:
    """Return seconds since the epoch as an HTTP-date, rounded down."""
    from time import gmtime

    at = gmtime(seconds)
    return (
        f"{_WEEKDAYS[at.tm_wday]}, {at.tm_mday:02d} {_MONTHS[at.tm_mon - 1].capitalize()} "
        f"{at.tm_year:04d} {at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} GMT"
    )
