# GENERATED from _async/test_cache_matching.py by tools/unasync.py. Do not edit.
"""Which answer fits which request: what RFC 9111 asks, as public test suites ask it."""

from __future__ import annotations

import pytest

from tests._sync.cache_play import play
from tests.cache_turns import HOUR, NOW, TAG, Turn

UNSAFE = ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"]


@pytest.mark.parametrize("method", UNSAFE)
def test_invalidation(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unsafe method that had success makes the URL be asked for anew (RFC 9111 4.4)."""
    turns = [
        Turn("miss", [HOUR]),
        Turn("hit"),
        Turn("bypass", method=method, status=500),
        Turn("hit"),
        Turn("bypass", method=method, status=303),
        Turn("miss"),
    ]
    play(turns, monkeypatch)


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("field", ["Location", "Content-Location"])
def test_invalidation_of_locations(
    method: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is named in Location and Content-Location goes too, if it is of the same origin."""
    turns = [
        Turn("miss", [HOUR], path="/a?b"),
        Turn("bypass", [(field, "http://elsewhere.example/a?b")], method=method),
        Turn("bypass", [(field, "http://[broken")], method=method),
        Turn("hit", path="/a?b"),
        Turn("bypass", [(field, "a?b#c")], method=method),
        Turn("miss", path="/a?b"),
    ]
    play(turns, monkeypatch)


METHOD: dict[str, list[Turn]] = {
    "a POST that tells what a GET would": [
        Turn("bypass", [("Expires", 3600), ("Content-Location", "/"), NOW], method="POST"),
        Turn("hit", reads="whole"),
    ],
    "of another URL": [
        Turn("bypass", [("Expires", 3600), ("Content-Location", "/b")], method="POST"),
        Turn("miss"),
    ],
    "of a broken URL": [
        Turn("bypass", [("Expires", 3600), ("Content-Location", "http://[x")], method="POST"),
        Turn("miss"),
    ],
    "without freshness": [
        Turn("bypass", [("Content-Location", "/"), TAG], method="POST"),
        Turn("miss"),
    ],
    "with no-store": [
        Turn(
            "bypass", [("Expires", 3600), ("Content-Location", "/")], method="POST", mode="no-store"
        ),
        Turn("miss"),
    ],
    "safe methods change nothing": [
        Turn("miss", [HOUR]),
        Turn("bypass", method="OPTIONS"),
        Turn("bypass", method="QUERY"),
        Turn("hit"),
    ],
    "queries are different": [
        Turn("miss", [HOUR], path="/?a=1"),
        Turn("miss", [HOUR], path="/?a=2"),
        Turn("hit", path="/?a=1"),
    ],
}


@pytest.mark.parametrize("name", METHOD)
def test_method(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """GET is what is stored; a POST only where it says that it is the same."""
    play(METHOD[name], monkeypatch)


OTHER: dict[str, list[Turn]] = {
    "Age is made": [Turn("miss", [HOUR, NOW]), Turn("hit", later=3, sees=[("Age", "3")])],
    "Age is updated": [
        Turn("miss", [HOUR, ("Age", "30"), NOW]),
        Turn("hit", later=3, sees=[("Age", "33"), ("Date", -3)]),
    ],
    "Age goes with the confirmation": [
        Turn("miss", [("Cache-Control", "max-age=10"), ("Age", "30"), TAG]),
        Turn("revalidated", status=304, expects=200, sees=[("Age", "0"), ("Date", 0)]),
        Turn("hit", later=3, sees=[("Age", "3")]),
    ],
    "Expires is left alone": [
        Turn("miss", [("Expires", 3600), NOW]),
        Turn("hit", later=3, sees=[("Expires", 3597)]),
    ],
    "a Date is made": [Turn("miss", [HOUR]), Turn("hit", later=3, sees=[("Date", -3)])],
    "a cookie in the request": [Turn("miss", [HOUR]), Turn("hit", asks=[("Cookie", "a=b")])],
    "a clock that is set back": [
        Turn("miss", [HOUR]),
        Turn("hit", later=-9999, sees=[("Age", "0")]),
    ],
}


@pytest.mark.parametrize("name", OTHER)
def test_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Age tells how old an answer is, Date and Expires stay (RFC 9111 4, 5.1)."""
    play(OTHER[name], monkeypatch)


def varied(
    vary: str, first: list[tuple[str, str]], second: list[tuple[str, str]], hit: bool
) -> list[Turn]:
    """Return two turns with requests of different fields."""
    return [
        Turn("miss", [HOUR, *(("Vary", part) for part in vary.split("\n"))], first),
        Turn("hit" if hit else "miss", [HOUR], second),
    ]


FOO = [("Foo", "1")]
THREE = [("Foo", "1"), ("Bar", "abc"), ("Baz", "789")]
VARY: dict[str, list[Turn]] = {
    "match": varied("Foo", FOO, FOO, True),
    "no match": varied("Foo", FOO, [("Foo", "2")], False),
    "stored without it": varied("Foo", [], FOO, False),
    "asked without it": varied("Foo", FOO, [], False),
    "empty is not absent": varied("Foo", [("Foo", "")], [], False),
    "others do not count": varied("Foo", [*FOO, ("A", "1")], [*FOO, ("A", "2")], True),
    "three": varied("Foo, Bar, Baz", THREE, THREE, True),
    "three, on lines": varied("Foo\nBar\nBaz", THREE, THREE[::-1], True),
    "three, one differs": varied("Foo, Bar, Baz", THREE, [*THREE[:2], ("Baz", "0")], False),
    "three, one absent in both": varied("Foo, Bar, Baz", THREE[::2], THREE[::2], True),
    "a secret": varied("X-Api-Key", [("X-Api-Key", "k")], [("X-Api-Key", "k")], True),
    "another secret": varied("X-Api-Key", [("X-Api-Key", "k")], [("X-Api-Key", "l")], False),
    "*": varied("*", FOO, FOO, False),
    "*, *": varied("*, *", FOO, FOO, False),
    "* on lines": varied("*\n*", FOO, FOO, False),
    ", *": varied(", *", FOO, FOO, False),
    "*, Foo": varied("*, Foo", FOO, FOO, False),
    "Foo, *": varied("Foo, *", FOO, FOO, False),
    "lines are joined": varied("Foo", [("Foo", "1, 2")], [("Foo", "1"), ("Foo", "2")], True),
    "spaces do not count": varied("Foo", [("Foo", "1,2")], [("Foo", "1 ,  2")], True),
    "but in quotes they do": varied("Foo", [("Foo", '"1,2"')], [("Foo", '"1, 2"')], False),
    "order of languages": varied(
        "Accept-Language", [("Accept-Language", "en, de")], [("Accept-Language", "de, en")], True
    ),
    "case of languages": varied(
        "Accept-Language", [("Accept-Language", "en, de")], [("Accept-Language", "eN, De")], True
    ),
    "spaces of languages": varied(
        "Accept-Language",
        [("Accept-Language", "en,, de;q=1")],
        [("Accept-Language", "en ,   de")],
        True,
    ),
    "weights of languages": varied(
        "Accept-Language",
        [("Accept-Language", "en, de;q=0.5")],
        [("Accept-Language", "en;q=0.5, de")],
        False,
    ),
    "broken languages": varied(
        "Accept-Language", [("Accept-Language", "en;x")], [("Accept-Language", "en; x")], False
    ),
    "two variants": [
        Turn("miss", [HOUR, ("Vary", "Foo")], FOO, body="one"),
        Turn("miss", [HOUR, ("Vary", "Foo")], [("Foo", "2")], body="two"),
        Turn("hit", asks=FOO, reads="one"),
        Turn("hit", asks=[("Foo", "2")], reads="two"),
    ],
    "the latest of two that fit": [
        Turn("miss", [HOUR, ("Vary", "Foo")], body="one"),
        Turn("miss", [HOUR, ("Vary", "Bar")], mode="reload", later=1, body="two"),
        Turn("hit", reads="two"),
    ],
    "the language that is wanted most": [
        Turn(
            "miss",
            [HOUR, ("Vary", "Accept-Language"), ("Content-Language", "de")],
            [("Accept-Language", "en, de")],
        ),
        Turn("hit", asks=[("Accept-Language", "fr;q=0.5, de;q=1.0")]),
        Turn("miss", asks=[("Accept-Language", "fr, de")], gives=[HOUR]),
    ],
    "no language is wanted": [
        Turn(
            "miss",
            [HOUR, ("Vary", "Accept-Language"), ("Content-Language", "de")],
            [("Accept-Language", "en, de")],
        ),
        Turn("miss", asks=[("Accept-Language", "de;q=0")]),
    ],
    "a 304 that varies by anything": [
        Turn("miss", [HOUR, ("ETag", '"a"')]),
        Turn("revalidated", [("Vary", "*")], mode="no-cache", status=304, expects=200),
        Turn("miss"),
    ],
    "credentials": [
        Turn("miss", [HOUR], [("Authorization", "Bearer one")]),
        Turn("hit", asks=[("Authorization", "Bearer one")]),
        Turn("miss", [HOUR], [("Authorization", "Bearer two")]),
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("Authorization", "Bearer one")]),
        Turn("hit"),
    ],
    "credentials and a public answer": [
        Turn(
            "miss", [("Cache-Control", "public, max-age=3600")], [("Authorization", "Bearer one")]
        ),
        Turn("hit", asks=[("Authorization", "Bearer two")]),
        Turn("hit"),
    ],
}


@pytest.mark.parametrize("name", VARY)
def test_vary(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer fits a request that has the fields it varies by (RFC 9111 4.1)."""
    play(VARY[name], monkeypatch)
