# GENERATED from _async/test_cache_directives.py by tools/unasync.py. Do not edit.
"""What Cache-Control, `cache=` and targeted fields say: as public test suites ask it."""

from __future__ import annotations

import pytest

from antiphon.policies.cache import Cache
from tests._sync.cache_play import play
from tests.cache_turns import HOUR, NOW, SHORT, TAG, Turn, reused

CC_REQUEST: dict[str, list[Turn]] = {
    "max-age=0": [
        Turn("miss", [HOUR]),
        Turn("miss", [HOUR], [("Cache-Control", "max-age=0")], later=3),
    ],
    "max-age=1": [
        Turn("miss", [HOUR]),
        Turn("miss", [HOUR], [("Cache-Control", "max-age=1")], later=3),
    ],
    "max-age of the age": [
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("Cache-Control", "max-age=3")], later=3),
    ],
    "max-age and an Age": [
        Turn("miss", [HOUR, ("Age", "1800")]),
        Turn("miss", asks=[("Cache-Control", "max-age=600")]),
    ],
    "max-age that is no number": [
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("Cache-Control", "max-age=x")]),
    ],
    "max-stale": [
        Turn("miss", [("Cache-Control", "max-age=1")]),
        Turn("stale", asks=[("Cache-Control", "max-stale=1000")], later=3),
        Turn("miss", asks=[("Cache-Control", "max-stale=1000")], later=3000),
    ],
    "max-stale of any length": [
        Turn("miss", [("Cache-Control", "max-age=1")]),
        Turn("stale", asks=[("Cache-Control", "max-stale")], later=30_000),
        Turn("miss", asks=[("Cache-Control", "max-stale=x")]),
    ],
    "max-stale and an Age": [
        Turn("miss", [("Cache-Control", "max-age=1500"), ("Age", "2000")]),
        Turn("stale", asks=[("Cache-Control", "max-stale=1000")]),
    ],
    "max-stale and a max-age": [
        Turn("miss", [("Cache-Control", "max-age=1")]),
        Turn("miss", asks=[("Cache-Control", "max-stale=1000, max-age=10")], later=30),
    ],
    "max-stale that the server forbids": [
        Turn("miss", [("Cache-Control", "max-age=1, must-revalidate")]),
        Turn("miss", asks=[("Cache-Control", "max-stale=1000")], later=30),
    ],
    "min-fresh": [
        Turn("miss", [("Cache-Control", "max-age=1500")]),
        Turn("miss", asks=[("Cache-Control", "min-fresh=2000")]),
    ],
    "min-fresh and an Age": [
        Turn("miss", [("Cache-Control", "max-age=1500"), ("Age", "1000")]),
        Turn("miss", asks=[("Cache-Control", "min-fresh=1000")]),
    ],
    "min-fresh that is there": [
        Turn("miss", [("Cache-Control", "max-age=1500")]),
        Turn("hit", asks=[("Cache-Control", "min-fresh=1000")]),
    ],
    "no-cache": [Turn("miss", [HOUR]), Turn("miss", [HOUR], [("Cache-Control", "no-cache")])],
    "Pragma: no-cache": [Turn("miss", [HOUR]), Turn("miss", [HOUR], [("Pragma", "no-cache")])],
    "Pragma and Cache-Control": [
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("Pragma", "no-cache"), ("Cache-Control", "foo")]),
    ],
    "Pragma: another": [Turn("miss", [HOUR]), Turn("hit", asks=[("Pragma", "foo")])],
    "no-cache validates by date": [
        Turn("miss", [HOUR, ("Last-Modified", -1000), NOW]),
        Turn(
            "revalidated",
            asks=[("Cache-Control", "no-cache")],
            status=304,
            expects=200,
            sends=[("If-Modified-Since", -1000)],
            reads="whole",
        ),
    ],
    "no-cache validates by tag": [
        Turn("miss", [HOUR, TAG]),
        Turn(
            "revalidated",
            asks=[("Cache-Control", "no-cache")],
            status=304,
            expects=200,
            sends=[("If-None-Match", '"abcd"')],
        ),
    ],
    "no-store": [
        Turn("miss", [HOUR]),
        Turn("bypass", [HOUR, ("A", "2")], [("Cache-Control", "no-store")]),
        Turn("hit", sees=[("A", "")]),
    ],
    "no-store stores nothing": [
        Turn("bypass", [HOUR], [("Cache-Control", "no-store")]),
        Turn("miss"),
    ],
    "only-if-cached": [
        Turn("miss", asks=[("Cache-Control", "only-if-cached")], expects=504),
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("Cache-Control", "only-if-cached")]),
        Turn("miss", asks=[("Cache-Control", "only-if-cached")], expects=504, later=4000),
        Turn("miss", asks=[("Cache-Control", "only-if-cached")], expects=504, method="POST"),
    ],
}


@pytest.mark.parametrize("name", CC_REQUEST)
def test_cc_request(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request says about caching is heard (RFC 9111 5.2.1)."""
    play(CC_REQUEST[name], monkeypatch)


CC_RESPONSE: dict[str, list[Turn]] = {
    "no-cache validates": [
        Turn("miss", [("Cache-Control", "max-age=3600, no-cache"), TAG]),
        Turn("revalidated", status=304, expects=200, sends=[("If-None-Match", '"abcd"')]),
    ],
    "no-cache of a field": [
        Turn(
            "miss", [("Cache-Control", 'no-cache="a, b"'), HOUR, ("a", "1"), ("b", "2"), ("c", "3")]
        ),
        Turn("hit", sees=[("a", ""), ("b", ""), ("c", "3")]),
    ],
    "no-cache of a field, confirmed": [
        Turn("miss", [("Cache-Control", 'max-age=2, no-cache="a"'), TAG, ("a", "1")]),
        Turn("revalidated", later=3, status=304, expects=200, sees=[("a", "1")]),
    ],
    "must-revalidate": [
        Turn("miss", [("Cache-Control", "max-age=2, must-revalidate"), TAG]),
        Turn("hit", later=1),
        Turn("revalidated", later=3, status=304, expects=200),
    ],
    "an old answer is not replaced by no-store": [
        Turn("miss", [HOUR, ("A", "1")]),
        Turn("miss", [("Cache-Control", "no-store"), ("A", "2")], mode="reload"),
        Turn("hit", sees=[("A", "1")]),
    ],
    "immutable and fresh": [
        Turn("miss", [("Cache-Control", "max-age=3600, immutable"), TAG]),
        Turn("hit", mode="no-cache"),
        Turn("miss", mode="reload", sends=[("If-None-Match", "")]),
    ],
    "immutable and stale": [
        Turn("miss", [("Cache-Control", "max-age=2, immutable"), TAG]),
        Turn(
            "revalidated",
            later=3,
            mode="no-cache",
            status=304,
            expects=200,
            sends=[("If-None-Match", '"abcd"'), ("Cache-Control", "max-age=0")],
        ),
    ],
    "immutable but the caller insists": [
        Turn("miss", [("Cache-Control", "max-age=3600, immutable"), TAG]),
        Turn("revalidated", asks=[("Cache-Control", "no-cache")], status=304, expects=200),
    ],
    "an answer without a validator has to be fetched again": [
        Turn("miss", [("Cache-Control", "max-age=3600, no-cache")]),
        Turn("miss", sends=[("If-None-Match", ""), ("If-Modified-Since", "")]),
    ],
}


@pytest.mark.parametrize("name", CC_RESPONSE)
def test_cc_response(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a response says about its reuse is heard (RFC 9111 5.2.2, RFC 8246)."""
    play(CC_RESPONSE[name], monkeypatch)


MODES: dict[str, list[Turn]] = {
    "no-store": [
        Turn(
            "bypass",
            [HOUR],
            mode="no-store",
            sends=[("Cache-Control", "no-cache"), ("Pragma", "no-cache")],
        ),
        Turn("miss", [HOUR, ("A", "1")]),
        Turn("bypass", [HOUR, ("A", "2")], mode="no-store"),
        Turn("hit", sees=[("A", "1")]),
    ],
    "reload": [
        Turn("miss", [HOUR, TAG]),
        Turn(
            "miss",
            [HOUR, ("A", "2")],
            mode="reload",
            sends=[("Cache-Control", "no-cache"), ("If-None-Match", "")],
        ),
        Turn("hit", sees=[("A", "2")]),
    ],
    "no-cache": [
        Turn("miss", [HOUR, TAG]),
        Turn(
            "revalidated",
            mode="no-cache",
            status=304,
            expects=200,
            sends=[("Cache-Control", "max-age=0")],
        ),
        Turn(
            "revalidated",
            asks=[("Cache-Control", "foo")],
            mode="no-cache",
            status=304,
            expects=200,
            sends=[("Cache-Control", "foo")],
        ),
    ],
    "force-cache": [
        Turn("miss", [("Cache-Control", "max-age=2, must-revalidate")]),
        Turn("hit", mode="force-cache"),
        Turn("stale", mode="force-cache", later=9999),
        Turn("miss", mode="force-cache", path="/b"),
    ],
    "only-if-cached": [
        Turn("miss", mode="only-if-cached", expects=504),
        Turn("miss", [SHORT]),
        Turn("hit", mode="only-if-cached"),
        Turn("stale", mode="only-if-cached", later=9999),
        Turn("miss", mode="only-if-cached", method="POST", expects=504),
    ],
}


@pytest.mark.parametrize("name", MODES)
def test_modes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cache=` takes the words of the Fetch standard and does what they say there."""
    play(MODES[name], monkeypatch)


TARGETED: dict[str, tuple[list[tuple[str, str | int]], bool]] = {
    "counts": ([("Client-Cache-Control", "max-age=3600")], True),
    "before Cache-Control": (
        [("Client-Cache-Control", "max-age=3600"), ("Cache-Control", "no-store")],
        True,
    ),
    "before Cache-Control, to forbid": ([("Client-Cache-Control", "no-store"), HOUR], False),
    "before Expires": ([("Client-Cache-Control", "foo"), ("Expires", 3600)], False),
    "the first of the list": (
        [("Other-Cache-Control", "max-age=3600"), ("Client-Cache-Control", "max-age=1")],
        False,
    ),
    "the second of the list": ([("Other-Cache-Control", "max-age=3600")], True),
    "empty": ([("Client-Cache-Control", ""), HOUR], True),
    "malformed": ([("Client-Cache-Control", "max-age=1,"), HOUR], True),
    "malformed too": ([("Client-Cache-Control", "MAX-AGE=1"), HOUR], True),
    "a text is no number": ([("Client-Cache-Control", 'max-age="3600"'), HOUR], False),
    "a decimal": ([("Client-Cache-Control", "max-age=3600.0"), HOUR], False),
    "the last of several": ([("Client-Cache-Control", "max-age=1, max-age=3600")], True),
    "parameters": ([("Client-Cache-Control", "max-age=3600;a;b=2; c=?1")], True),
    "false is absent": ([("Client-Cache-Control", "max-age=3600, no-store=?0")], True),
    "true is there": ([("Client-Cache-Control", "max-age=3600, no-store=?1")], False),
}


@pytest.mark.parametrize("name", TARGETED)
def test_targeted_fields(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that is meant for us counts in place of Cache-Control and Expires (RFC 9213)."""
    fields, cached = TARGETED[name]
    cache = Cache(targets=["Client-Cache-Control", "Other-Cache-Control"])
    play(reused(*fields, cached=cached), monkeypatch, cache)
