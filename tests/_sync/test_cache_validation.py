# GENERATED from _async/test_cache_validation.py by tools/unasync.py. Do not edit.
"""Conditions, 304 and HEAD: what RFC 9111 asks, as public test suites ask it."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.policies.cache import Cache
from tests._sync.cache_play import play
from tests.app import App
from tests.cache_turns import HOUR, NOW, SHORT, TAG, Script, Turn, Wall
from tests.loopback import LoopbackServer


def confirmed(tag: str, **more: object) -> list[Turn]:
    """Return two turns: what is stored becomes stale, and is validated by its tag."""
    return [
        Turn("miss", [SHORT, ("ETag", tag)]),
        Turn(
            "revalidated",
            later=3,
            status=304,
            expects=200,
            sends=[("If-None-Match", tag)],
            reads="whole",
            **more,
        ),
    ]


CONDITIONAL: dict[str, list[Turn]] = {
    "a strong tag": confirmed('"abcdef"'),
    "a weak tag": confirmed('W/"abcdef"'),
    "a tag without quotes": confirmed("abcdef"),
    "the 304 has the tag": confirmed('"abcdef"', gives=[("ETag", '"abcdef"')]),
    "the 304 has a weak form of the tag": confirmed('"abcdef"', gives=[("ETag", 'W/"abcdef"')]),
    "a date": [
        Turn("miss", [SHORT, ("Last-Modified", -1000)]),
        Turn(
            "revalidated",
            later=3,
            status=304,
            expects=200,
            sends=[("If-Modified-Since", -1003), ("If-None-Match", "")],
        ),
    ],
    "changed": [
        Turn("miss", [SHORT, TAG]),
        Turn("miss", [HOUR, ("ETag", '"new"')], later=3, body="new", reads="new"),
        Turn("hit", later=3, reads="new"),
    ],
    "what varies goes along": [
        Turn("miss", [SHORT, TAG, ("Vary", "Abc")], [("Abc", "123")]),
        Turn(
            "revalidated",
            asks=[("Abc", "123")],
            later=3,
            status=304,
            expects=200,
            sends=[("Abc", "123"), ("If-None-Match", '"abcd"')],
        ),
    ],
    "another variant is not validated": [
        Turn("miss", [SHORT, TAG, ("Vary", "Abc")], [("Abc", "123")]),
        Turn("miss", asks=[("Abc", "456")], sends=[("If-None-Match", "")]),
    ],
    "the caller's own, nothing stored": [
        Turn("miss", asks=[("If-None-Match", '"x"')], sends=[("If-None-Match", '"x"')]),
    ],
    "the caller's own, fresh": [
        Turn("miss", [HOUR, TAG, ("X", "1"), ("Vary", "A")]),
        Turn(
            "hit",
            asks=[("If-None-Match", '"x", W/"abcd"'), ("If-Modified-Since", -9999)],
            expects=304,
            sees=[("ETag", '"abcd"'), ("X", ""), ("Vary", "A"), HOUR],
            reads="",
        ),
        Turn("hit", asks=[("If-None-Match", "*")], expects=304),
        Turn("hit", asks=[("If-None-Match", '"x"')], expects=200, reads="whole"),
    ],
    "the caller's own tag without quotes": [
        Turn("miss", [HOUR, ("ETag", "abcd")]),
        Turn("hit", asks=[("If-None-Match", "abcd")], expects=304),
        Turn("hit", asks=[("If-None-Match", '"abcd"')], expects=200),
    ],
    "the caller's own, nothing to compare": [
        Turn("miss", [HOUR]),
        Turn("hit", asks=[("If-None-Match", '"abcd"')], expects=200),
    ],
    "the caller's own date": [
        Turn("miss", [HOUR, ("Last-Modified", -3000), NOW]),
        Turn("hit", asks=[("If-Modified-Since", -3000)], expects=304),
        Turn("hit", asks=[("If-Modified-Since", -2000)], expects=304),
        Turn("hit", asks=[("If-Modified-Since", -4000)], expects=200),
        Turn("hit", asks=[("If-Modified-Since", "soon")], expects=200),
        Turn("hit", asks=[("If-Modified-Since", "Thursday, 18-Aug-50 02:01:18 GMT")], expects=304),
    ],
    "the caller's own date, and no Last-Modified": [
        Turn("miss", [HOUR, NOW]),
        Turn("hit", asks=[("If-Modified-Since", -3000)], expects=200),
        Turn("hit", asks=[("If-Modified-Since", 0)], expects=304),
    ],
    "the caller's own, stale": [
        Turn("miss", [SHORT, TAG]),
        Turn(
            "miss",
            [HOUR, TAG],
            [("If-None-Match", '"abcd"')],
            later=3,
            status=304,
            sends=[("If-None-Match", '"abcd"')],
        ),
        Turn("hit", later=3, reads="whole"),
    ],
    "the caller's own, of another answer": [
        Turn("miss", [SHORT, TAG]),
        Turn("miss", [HOUR], [("If-None-Match", '"mine"')], later=3, status=304),
        Turn("revalidated", status=304, expects=200),
    ],
    "conditions for the origin": [
        Turn("miss", [HOUR, TAG]),
        Turn("bypass", asks=[("If-Match", '"abcd"')]),
        Turn("bypass", asks=[("If-Unmodified-Since", 0)]),
    ],
}


@pytest.mark.parametrize("name", CONDITIONAL)
def test_conditional(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validators are sent as they came, and the caller's own conditions answered (RFC 9111 4.3)."""
    play(CONDITIONAL[name], monkeypatch)


STORED = [
    ("Test-Header", "1"),
    ("Content-Foo", "1"),
    ("Cache-Control", "max-age=3600"),
    ("Content-Encoding", "unknown"),
    ("Content-Length", "5"),
    ("Content-Location", "/foo"),
    ("Content-MD5", "rL0Y20zC+Fzt72VPzMSk2A=="),
    ("Content-Range", "x"),
    ("Content-Security-Policy", "default-src 'self'"),
    ("Content-Type", "text/plain"),
    ("Clear-Site-Data", "cookies"),
    ("ETag", '"a"'),
    ("Expires", "Fri, 01 Jan 2038 01:01:01 GMT"),
    ("Set-Cookie", "a=b"),
    ("Strict-Transport-Security", "max-age=1"),
    ("WWW-Authenticate", "Basic"),
    ("X-Frame-Options", "deny"),
]
NOT_STORED = [
    ("Connection", "x-listed"),
    ("Keep-Alive", "timeout=5"),
    ("Proxy-Authenticate", "Basic"),
    ("Proxy-Authentication-Info", "a=b"),
    ("Proxy-Authorization", "Basic x"),
    ("Proxy-Connection", "foo"),
    ("TE", "trailers"),
    ("Upgrade", "h2c"),
]


@pytest.mark.parametrize(("name", "value"), STORED + NOT_STORED)
def test_headers(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All fields are stored but those of the connection (RFC 9111 3.1)."""
    kept = value if (name, value) in STORED else ""
    fields = [(name, value), NOW] + ([] if name == "Cache-Control" else [HOUR])
    play([Turn("miss", fields), Turn("hit", sees=[(name, kept)], reads="whole")], monkeypatch)


def test_headers_that_connection_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Connection lists is of the connection too."""
    fields = [HOUR, ("Connection", "a, b"), ("a", "1"), ("b", "2"), ("c", "3")]
    play(
        [Turn("miss", fields), Turn("hit", sees=[("a", ""), ("b", ""), ("c", "3")])], monkeypatch
    )


@pytest.mark.parametrize("name", ["Test-Header", "Content-Type", "Cache-Control", "Expires"])
def test_update304(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fields of a 304 replace those that are stored (RFC 9111 3.2)."""
    old, new = ("max-age=2", "max-age=3600") if name == "Cache-Control" else ("A", "B")
    more = [] if name == "Cache-Control" else [HOUR]
    turns = [
        Turn("miss", [("Cache-Control", "no-cache"), TAG, (name, old)][name == "Cache-Control" :]),
        Turn(
            "revalidated",
            [(name, new), *more],
            later=3,
            status=304,
            expects=200,
            sees=[(name, new)],
        ),
        Turn("hit", later=3, sees=[(name, new)], reads="whole"),
    ]
    play(turns, monkeypatch)


@pytest.mark.parametrize("name", ["Content-Length", "Content-Encoding", "Content-Range", "Test"])
def test_update304_keeps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a 304 leaves out stays, and what says how the bytes are to be read stays as it was."""
    value = "5" if name == "Content-Length" else "A"
    gives = {"Content-Length": [], "Test": []}.get(name, [(name, "B")])
    turns = [
        Turn("miss", [SHORT, TAG, (name, value)]),
        Turn("revalidated", gives, later=3, status=304, expects=200, sees=[(name, value)]),
        Turn("hit", sees=[(name, value)], reads="whole"),
    ]
    play(turns, monkeypatch)


def test_a_304_about_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 304 whose strong tag is another one is no news of ours (RFC 9111 4.3.4): asked anew."""
    wall = Wall(monkeypatch, "antiphon._sync.steps")
    script = Script(wall)
    app = App({"/": script})
    with LoopbackServer(app) as server:
        with Client(server.url, policies=[Cache()], retry=None) as client:
            script.turn = Turn("miss", [("Cache-Control", "no-cache"), TAG])
            client.get("/")

            def confused(request: object) -> bytes:
                script.turn = (
                    Turn("", [("ETag", '"other"')], status=304)
                    if "if-none-match" in request.headers
                    else Turn("", [HOUR], body="new")
                )
                return script(request)

            app.routes["/"] = confused
            response = client.get("/")

    assert ("new", "miss", True) == (response.text, response.cache.status, response.cache.stored)
    assert 3 == len(script.received)


HEAD: dict[str, list[Turn]] = {
    "answered by a GET": [
        Turn("miss", [HOUR, ("Content-Length", "5")]),
        Turn("hit", method="HEAD", sees=[("Content-Length", "5")], reads=""),
    ],
    "nothing stored": [
        Turn("miss", [HOUR], method="HEAD"),
        Turn("miss", [HOUR], method="HEAD"),
        Turn("miss", [HOUR]),
    ],
    "written through and updated": [
        Turn("miss", [SHORT, TAG, ("Template-A", "1"), ("Template-B", "1")]),
        Turn(
            "miss",
            [HOUR, ("Template-A", "2")],
            method="HEAD",
            later=3,
            sends=[("If-None-Match", "")],
        ),
        Turn("hit", later=3, sees=[("Template-A", "2"), ("Template-B", "1")], reads="whole"),
    ],
    "another representation": [
        Turn("miss", [SHORT, TAG]),
        Turn("miss", [HOUR, ("ETag", '"new"')], method="HEAD", later=3),
        Turn("miss"),
    ],
    "another length": [
        Turn("miss", [SHORT, ("Last-Modified", -1000)]),
        Turn("miss", [HOUR, ("Content-Length", "6")], method="HEAD", later=3),
        Turn("miss", sends=[("If-Modified-Since", "")]),
    ],
    "there again": [
        Turn("miss", [SHORT], status=404),
        Turn("miss", [HOUR], method="HEAD", later=3),
        Turn("miss"),
    ],
    "gone": [
        Turn("miss", [SHORT, TAG]),
        Turn("miss", [HOUR], method="HEAD", later=3, status=410),
        Turn("revalidated", status=304, expects=200),
    ],
}


@pytest.mark.parametrize("name", HEAD)
def test_head(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A HEAD is answered from what a GET stored, and updates it (RFC 9111 4.3.5)."""
    play(HEAD[name], monkeypatch)
