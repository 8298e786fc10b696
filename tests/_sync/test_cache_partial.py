# GENERATED from _async/test_cache_partial.py by tools/unasync.py. Do not edit.
"""Parts, and what is stale: what RFC 9111 asks, as public test suites ask it."""

from __future__ import annotations

import pytest

from tests._sync.cache_play import play
from tests.cache_turns import HOUR, SHORT, TAG, Turn

TEN = "0123456789"
PART = [HOUR, TAG, ("Content-Range", "bytes 2-5/10")]
PARTIAL: dict[str, list[Turn]] = {
    "of the whole": [
        Turn("miss", [HOUR], body=TEN),
        Turn(
            "hit",
            asks=[("Range", "bytes=0-1")],
            expects=206,
            reads="01",
            sees=[("Content-Range", "bytes 0-1/10"), ("Content-Length", "2")],
        ),
        Turn("hit", asks=[("Range", "bytes=1-")], expects=206, reads="123456789"),
        Turn("hit", asks=[("Range", "bytes=-1")], expects=206, reads="9"),
        Turn("hit", asks=[("Range", "bytes=-99")], expects=206, reads=TEN),
        Turn("hit", asks=[("Range", "bytes=8-99")], expects=206, reads="89"),
        Turn("hit", reads=TEN),
    ],
    "of the part": [
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345"),
        Turn("hit", asks=[("Range", "bytes=2-5")], expects=206, reads="2345"),
        Turn("hit", asks=[("Range", "bytes=3-4")], expects=206, reads="34"),
        Turn("miss", PART, asks=[("Range", "bytes=3-6")], status=206, body="2345"),
        Turn("miss", asks=[("Range", "bytes=-1")]),
    ],
    "the end": [
        Turn(
            "miss",
            [HOUR, ("Content-Range", "bytes 5-9/10")],
            [("Range", "bytes=-5")],
            status=206,
            body="56789",
        ),
        Turn("hit", asks=[("Range", "bytes=-5")], expects=206, reads="56789"),
        Turn("hit", asks=[("Range", "bytes=6-")], expects=206, reads="6789"),
        Turn("hit", asks=[("Range", "bytes=-1")], expects=206, reads="9"),
    ],
    "what cannot be answered goes to the server": [
        Turn("miss", [HOUR], body=TEN),
        Turn("miss", [HOUR], asks=[("Range", "bytes=20-")], status=416),
        Turn("miss", [("Cache-Control", "no-store")], asks=[("Range", "bytes=0-1,3-4")]),
        Turn("miss", [("Cache-Control", "no-store")], asks=[("Range", "bytes=5-4")]),
        Turn("miss", [("Cache-Control", "no-store")], asks=[("Range", "bytes=-0")]),
        Turn(
            "miss", [("Cache-Control", "no-store")], asks=[("Range", "bytes=" + "9" * 5000 + "-")]
        ),
        Turn("miss", [("Cache-Control", "no-store")], asks=[("Range", "lines=0-1")]),
        Turn("hit", reads=TEN),
    ],
    "a part of an error is the error": [
        Turn("miss", [HOUR], status=404),
        Turn("hit", asks=[("Range", "bytes=0-1")], status=404, reads="whole"),
    ],
    "If-Range": [
        Turn("miss", [HOUR, TAG, ("Last-Modified", "x")], body=TEN),
        Turn("hit", asks=[("Range", "bytes=0-1"), ("If-Range", '"abcd"')], expects=206),
        Turn("hit", asks=[("Range", "bytes=0-1"), ("If-Range", '"old"')], expects=200, reads=TEN),
        Turn("hit", asks=[("Range", "bytes=0-1"), ("If-Range", "x")], expects=206),
        Turn("hit", asks=[("Range", "bytes=0-1"), ("If-Range", "y")], expects=200),
    ],
    "If-Range of a part": [
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345"),
        Turn("miss", asks=[("Range", "bytes=2-3"), ("If-Range", '"old"')]),
    ],
    "a part is completed": [
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 0-4/10")],
            [("Range", "bytes=0-4")],
            status=206,
            body="01234",
        ),
        Turn(
            "revalidated",
            [HOUR, TAG, ("Content-Range", "bytes 5-9/10"), ("A", "2")],
            status=206,
            body="56789",
            expects=200,
            reads=TEN,
            sends=[("Range", "bytes=5-"), ("If-Range", '"abcd"')],
            sees=[("Content-Range", ""), ("Content-Length", "10"), ("A", "2")],
        ),
        Turn("hit", reads=TEN),
    ],
    "a part that changed is not completed": [
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 0-4/10")],
            [("Range", "bytes=0-4")],
            status=206,
            body="01234",
        ),
        Turn("miss", [HOUR, ("ETag", '"new"')], body="new", reads="new"),
        Turn("hit", reads="new"),
    ],
    "without a strong validator nothing is completed": [
        Turn(
            "miss",
            [HOUR, ("ETag", 'W/"a"'), ("Content-Range", "bytes 0-4/10")],
            [("Range", "bytes=0-4")],
            status=206,
            body="01234",
        ),
        Turn("miss", sends=[("Range", "")]),
    ],
    "a part that is not the start": [
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345"),
        Turn("miss", sends=[("Range", "")]),
    ],
    "parts are joined": [
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345"),
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 0-3/10")],
            [("Range", "bytes=0-3")],
            status=206,
            body="0123",
        ),
        Turn("hit", asks=[("Range", "bytes=0-5")], expects=206, reads="012345"),
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 6-9/10")],
            [("Range", "bytes=6-")],
            status=206,
            body="6789",
        ),
        Turn("hit", reads=TEN),
    ],
    "parts with a gap are not joined": [
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 0-1/10")],
            [("Range", "bytes=0-1")],
            status=206,
            body="01",
        ),
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 5-6/10")],
            [("Range", "bytes=5-6")],
            status=206,
            body="56",
        ),
        Turn("hit", asks=[("Range", "bytes=5-5")], expects=206, reads="5"),
        Turn(
            "miss",
            [HOUR, TAG, ("Content-Range", "bytes 0-1/10")],
            [("Range", "bytes=0-1")],
            status=206,
            body="01",
        ),
    ],
    "a part does not replace the whole": [
        Turn("miss", [HOUR, ("ETag", '"new"')], body=TEN),
        Turn(
            "miss",
            PART,
            [("Range", "bytes=2-5"), ("Cache-Control", "no-cache")],
            status=206,
            body="2345",
        ),
        Turn("hit", reads=TEN),
    ],
    "a part replaces the whole that is stale": [
        Turn("miss", [SHORT, ("ETag", '"old"')], body=TEN),
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345", later=3),
        Turn("hit", asks=[("Range", "bytes=2-5")], expects=206, reads="2345"),
    ],
    "a length that is wrong is not used": [
        Turn(
            "miss",
            [HOUR, ("Content-Range", "bytes 4-9/10")],
            [("Range", "bytes=-5")],
            status=206,
            body="01234",
        ),
        Turn("miss", asks=[("Range", "bytes=-5")]),
    ],
    "a part of an unknown whole is not stored": [
        Turn(
            "miss", [HOUR, ("Content-Range", "bytes 0-4/*")], [("Range", "bytes=0-4")], status=206
        ),
        Turn(
            "miss", [HOUR, ("Content-Range", "bytes 4-0/9")], [("Range", "bytes=0-4")], status=206
        ),
        Turn(
            "miss",
            [HOUR, ("Content-Range", "bytes 0-4/" + "9" * 99)],
            [("Range", "bytes=0-4")],
            status=206,
        ),
        Turn(
            "miss",
            [HOUR, ("Content-Range", "bytes 0-4/9"), ("Content-Encoding", "x")],
            [("Range", "bytes=0-4")],
            status=206,
        ),
        Turn("miss", asks=[("Range", "bytes=0-4")]),
    ],
    "a validated part": [
        Turn("miss", [SHORT, TAG], body=TEN),
        Turn(
            "revalidated",
            asks=[("Range", "bytes=0-1")],
            later=3,
            status=304,
            expects=206,
            reads="01",
            sends=[("If-None-Match", '"abcd"'), ("Range", "bytes=0-1")],
        ),
    ],
    "a HEAD is not answered by a part": [
        Turn("miss", PART, [("Range", "bytes=2-5")], status=206, body="2345"),
        Turn("miss", method="HEAD"),
    ],
}


@pytest.mark.parametrize("name", PARTIAL)
def test_partial(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are cut from what is stored, joined, and completed (RFC 9111 3.3, 3.4)."""
    play(PARTIAL[name], monkeypatch)


CLOSED = 503
STALE: dict[str, list[Turn]] = {
    "not without permission": [
        Turn("miss", [SHORT, TAG]),
        Turn("miss", later=3, status=CLOSED),
    ],
    "stale-if-error": [
        Turn("miss", [("Cache-Control", "max-age=2, stale-if-error=60"), TAG]),
        Turn("miss", later=100, status=CLOSED),
    ],
    "stale-while-revalidate, its window is over": [
        Turn("miss", [("Cache-Control", "max-age=1, stale-while-revalidate=4")]),
        Turn("miss", later=6),
    ],
    "stale-while-revalidate that must-revalidate forbids": [
        Turn("miss", [("Cache-Control", "max-age=1, stale-while-revalidate=99, must-revalidate")]),
        Turn("miss", later=6),
    ],
    "stale-while-revalidate, but a young one is wanted": [
        Turn("miss", [("Cache-Control", "max-age=1, stale-while-revalidate=99")]),
        Turn("miss", asks=[("Cache-Control", "max-age=2")], later=6),
    ],
}


@pytest.mark.parametrize("name", STALE)
def test_stale(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stale is used where server or caller allow it, and nowhere else (RFC 9111 4.2.4)."""
    play(STALE[name], monkeypatch)
