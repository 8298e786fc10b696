# Source of _sync/test_cache_freshness.py; after editing run: tox -e codegen
"""Until when an answer is fresh: what RFC 9111 asks, as public test suites ask it."""

from __future__ import annotations

import pytest

from tests._async.cache_play import play
from tests.cache_turns import HOUR, NOW, SHORT, Turn, reused

AGE_PARSE = {
    "not a number": ("abc", True),
    "negative": ("-7200", True),
    "a decimal": ("7200.0", True),
    "a parameter": ("7200;foo=bar", True),
    "old, then 0": ("7200,0", False),
    "0, then old": ("0,7200", True),
    "twice 0": ("0, 0", True),
    "twice old": ("7200, 7200", False),
    "old": ("7200", False),
    "very old": ("9" * 5000, False),
}


@pytest.mark.parametrize("name", AGE_PARSE)
async def test_age_parse(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several ages the first counts, and what is no number is ignored (RFC 9111 5.1)."""
    value, cached = AGE_PARSE[name]
    await play(reused(NOW, HOUR, ("Age", value), cached=cached), monkeypatch)


CC_PARSE = {
    "fresh, then stale": ([("max-age=1800, max-age=1")], True),
    "fresh, then stale, on lines": (["max-age=1800", "max-age=1"], True),
    "stale, then fresh": (["max-age=1, max-age=1800"], False),
    "stale, then fresh, on lines": (["max-age=1", "max-age=1800"], False),
    "in a quoted string before": (['extension="max-age=3600", max-age=1'], False),
    "in a quoted string after": (['max-age=1, extension="max-age=3600"'], False),
    "in a quoted string with a comma": (['extension="a, max-age=3600", max-age=1'], False),
    "in a quoted string that does not end": (['extension="a, max-age=3600'], False),
    "quoted": (['max-age="3600"'], True),
    "quoted with an escape": (['max-age="36\\00"'], True),
    "a space before =": (["max-age =3600"], False),
    "a space after =": (["max-age= 3600"], False),
    "leading zeros": (["max-age=003600"], True),
    "in single quotes": (["max-age='3600'"], False),
    "a decimal zero": (["max-age=3600.0"], False),
    "a decimal": (["max-age=3600.5"], False),
    "a letter before": (["max-age=a3600"], False),
    "a letter after": (["max-age=3600a"], False),
    "nothing after =": (["max-age="], False),
    "no value": (["max-age"], False),
    "an empty member": ([", max-age=3600,,"], True),
    "not a directive at all": (["=3, max-age=3600"], True),
}


@pytest.mark.parametrize("name", CC_PARSE)
async def test_cc_parse(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first max-age counts, in either form; a malformed one means stale (RFC 9111 4.2.1)."""
    lines, cached = CC_PARSE[name]
    await play(reused(*(("Cache-Control", line) for line in lines), cached=cached), monkeypatch)


CC_FRESHNESS = {
    "nothing": ([], False),
    "max-age": ([HOUR], True),
    "max-age=0": ([("Cache-Control", "max-age=0")], False),
    "max-age became stale": ([SHORT], False),
    "negative": ([("Cache-Control", "max-age=-3600")], False),
    "2**31": ([("Cache-Control", "max-age=2147483648")], True),
    "2**31 - 1": ([("Cache-Control", "max-age=2147483647")], True),
    "beyond 2**31": ([("Cache-Control", "max-age=99999999999")], True),
    "an old Age": ([NOW, ("Cache-Control", "max-age=3600"), ("Age", "7200")], False),
    "a Date of long ago": ([("Date", -7200), HOUR], False),
    "a Date in the future": ([("Date", 7200), HOUR], True),
    "a past Expires": ([HOUR, ("Expires", -7200), NOW], True),
    "an invalid Expires": ([HOUR, ("Expires", "0"), NOW], True),
    "max-age=0 and a future Expires": (
        [("Expires", 7200), ("Cache-Control", "max-age=0"), NOW],
        False,
    ),
    "malformed, and a future Expires": (
        [("Cache-Control", "max-age=x"), ("Expires", 7200), NOW],
        False,
    ),
    "an extension": ([("Cache-Control", "foobar, max-age=3600")], True),
    "any case": ([("Cache-Control", "MaX-aGe=3600")], True),
    "s-maxage is not for us": ([("Cache-Control", "s-maxage=3600, max-age=1")], False),
    "s-maxage on a line": (
        [("Cache-Control", "s-maxage=3600"), ("Cache-Control", "max-age=1")],
        False,
    ),
    "s-maxage alone": ([("Cache-Control", "s-maxage=3600")], False),
    "s-maxage shorter": ([("Cache-Control", "s-maxage=1, max-age=3600")], True),
    "private": ([("Cache-Control", "private, max-age=3600")], True),
    "private fields": ([("Cache-Control", 'private="a", max-age=3600')], True),
    "proxy-revalidate": ([("Cache-Control", "proxy-revalidate, max-age=3600")], True),
    "Set-Cookie": ([HOUR, ("Set-Cookie", "a=b")], True),
    "a download": ([HOUR, ("Content-Disposition", "attachment; filename=a.txt")], True),
    "Pragma in an answer means nothing": ([HOUR, ("Pragma", "no-cache")], True),
    "no-store": ([("Cache-Control", "no-store")], False),
    "no-store and max-age": ([("Cache-Control", "max-age=3600, No-StOrE")], False),
    "no-store with a value": ([("Cache-Control", "max-age=3600, no-store=x")], False),
    "must-understand": ([("Cache-Control", "max-age=3600, no-store, must-understand")], True),
    "no-cache": ([("Cache-Control", "max-age=3600, no-cache"), ("Expires", 7200)], False),
    "No-CaChE": ([("Cache-Control", "max-age=3600, No-CaChE")], False),
    "no-cache with a broken list": ([("Cache-Control", 'max-age=3600, no-cache="a')], False),
    "a CDN's field is not for us": ([("CDN-Cache-Control", "max-age=3600")], False),
    "a CDN's field forbids us nothing": ([HOUR, ("CDN-Cache-Control", "no-store")], True),
    "Surrogate-Control": ([("Surrogate-Control", "max-age=3600")], False),
}


@pytest.mark.parametrize("name", CC_FRESHNESS)
async def test_cc_freshness(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """max-age before Expires before a guess, and what forbids before what allows."""
    fields, cached = CC_FRESHNESS[name]
    await play(reused(*fields, cached=cached), monkeypatch)


EXPIRES = {
    "in the future": ([("Expires", 7200), NOW], True),
    "in the past": ([("Expires", -7200), NOW], False),
    "now": ([("Expires", 0), NOW], False),
    "0": ([("Expires", "0"), NOW], False),
    "old Date": ([("Date", -7200), ("Expires", -3600)], False),
    "slow clock": ([("Date", -20), ("Expires", 10)], True),
    "a slow clock and an Age": ([("Date", -7200), ("Expires", -3600), ("Age", "1")], False),
    "an Age": ([("Expires", 3600), NOW, ("Age", "7200")], False),
    "two, the first counts": ([("Expires", 3600), ("Expires", 0), NOW], True),
    "weekday in capitals": ([("Expires", "THU, 18 Aug 2050 02:01:18 GMT"), NOW], True),
    "month in capitals": ([("Expires", "Thu, 18 AUG 2050 02:01:18 GMT"), NOW], True),
    "zone in another case": ([("Expires", "Thu, 18 Aug 2050 02:01:18 gMT"), NOW], True),
    "UTC": ([("Expires", "Thu, 18 Aug 2050 02:01:18 UTC"), NOW], False),
    "a zone as a number": ([("Expires", "Thu, 18 Aug 2050 02:01:18 +0000"), NOW], False),
    "two digits": ([("Expires", "Thu, 18 Aug 50 02:01:18 GMT"), NOW], False),
    "no comma": ([("Expires", "Thu 18 Aug 2050 02:01:18 GMT"), NOW], False),
    "two spaces": ([("Expires", "Thu, 18  Aug  2050 02:01:18 GMT"), NOW], False),
    "dashes": ([("Expires", "Thu, 18-Aug-2050 02:01:18 GMT"), NOW], False),
    "full stops": ([("Expires", "Thu, 18 Aug 2050 02.01.18 GMT"), NOW], False),
    "an hour of one digit": ([("Expires", "Thu, 18 Aug 2050 2:01:18 GMT"), NOW], False),
    "RFC 850": ([("Expires", "Thursday, 18-Aug-50 02:01:18 GMT"), NOW], True),
    "asctime": ([("Expires", "Thu Aug 18 02:01:18 2050"), NOW], True),
    "a day that is none": ([("Expires", "Thu, 31 Feb 2050 02:01:18 GMT"), NOW], False),
}


@pytest.mark.parametrize("name", EXPIRES)
async def test_expires(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expires counts from Date; what is no HTTP-date is in the past (RFC 9111 4.2, 5.3)."""
    fields, cached = EXPIRES[name]
    await play(reused(*fields, cached=cached), monkeypatch)


@pytest.mark.parametrize(
    ("status", "public", "cached"),
    [(status, False, True) for status in (200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501)]
    + [(status, False, False) for status in (201, 202, 302, 403, 500, 502, 503, 504, 599)]
    + [(599, True, True), (201, True, True)],
)
async def test_heuristic_statuses(
    status: int, public: bool, cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some statuses are fresh by a guess from Last-Modified, others where they are public."""
    fields = [("Last-Modified", -86_400), NOW]
    if public:
        fields.append(("Cache-Control", "public"))
    turns = reused(*fields, cached=cached)
    await play([turn._replace(status=status) for turn in turns], monkeypatch)


@pytest.mark.parametrize(
    ("ago", "cached"),
    [(5, False), (10, False), (29, False), (31, True), (600, True), (86_400, True)],
)
async def test_heuristic_delta(ago: int, cached: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guess is a tenth of the age at Last-Modified."""
    turns = reused(("Last-Modified", -ago), NOW, cached=cached)
    validated = turns[1]._replace(status=304, cache="revalidated", expects=200)
    await play([turns[0], turns[1] if cached else validated], monkeypatch)


@pytest.mark.parametrize(
    "status",
    [200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599],
)
async def test_status(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With explicit freshness every final status is reused while it is fresh, and not after."""
    fields = [("Expires", 10), NOW]
    turns = [
        Turn("miss", fields, status=status),
        Turn("hit", status=status, later=3),
        Turn("miss", status=status, later=10),
    ]
    await play(turns, monkeypatch)


@pytest.mark.parametrize("status", [412, 416, 299])
async def test_answers_to_one_request_are_not_stored(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused precondition or range says nothing of the next request; nor does an unknown status
    that has to be understood.
    """
    fields = [("Cache-Control", "max-age=3600, must-understand")]
    await play([Turn("miss", fields, status=status)] * 2, monkeypatch)
