# GENERATED from _async/test_cookies.py by tools/unasync.py. Do not edit.
"""Cookies as a step of the pipeline; the rules of RFC 6265bis are tested with the jar."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon._sync.client import Client
from antiphon.errors import NotFoundError
from antiphon.policies.cookies import CookieJar
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer

SET = answer(200, "", {"Set-Cookie": "a=1\nb=2; Path=/deep"})


def test_cookies_come_back() -> None:
    """What an answer sets is sent where it belongs, and is to be seen on response and client."""
    app = App({"/set": SET, "/": answer(), "/deep/x": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url) as client:
            response = client.get("/set")
            client.get("/")
            client.get("/deep/x")

    assert {"a": "1", "b": "2"} == response.cookies
    assert {"a": "1", "b": "2"} == dict(client.cookies)
    assert [None, "a=1", "b=2; a=1"] == [r.headers.get("cookie") for r in app.requests]


def test_cookies_of_the_client_and_of_the_call() -> None:
    """Those of the call go beside the jar's, win over them, and are not kept."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url, cookies={"a": "jar", "b": "jar"}) as client:
            client.get("/", cookies={"b": "call", "c": "call"})
            client.get("/", headers={"Cookie": "d=header"}, cookies={"c": "call"})
            client.get("/")

    assert ["a=jar; b=call; c=call", "a=jar; b=jar; d=header; c=call", "a=jar; b=jar"] == [
        request.headers["cookie"] for request in app.requests
    ]


def test_cookies_set_on_the_way() -> None:
    """A redirect, and an answer that is an error, set cookies as others do."""
    app = App(
        {
            "/": redirect("/end", headers={"Set-Cookie": "way=1"}),
            "/end": answer(404, "", {"Set-Cookie": "end=1"}),
        }
    )
    with LoopbackServer(app) as server:
        with Client(server.url) as client:
            with pytest.raises(NotFoundError):
                client.get("/")
            assert {"way": "1", "end": "1"} == dict(client.cookies)

    assert "way=1" == app.last.headers["cookie"]


def test_cookies_do_not_cross_hosts() -> None:
    """A cookie goes to the host that set it, not to where it redirects."""
    other = App({"/": answer()})
    with LoopbackServer(other) as theirs:
        elsewhere = theirs.url.replace("127.0.0.1", "localhost")
        app = App({"/": redirect(elsewhere, headers={"Set-Cookie": "a=1"})})
        with LoopbackServer(app) as server:
            with Client(cookies={"mine": "1"}) as client:
                client.get(server.url)

    assert "mine=1" == app.last.headers["cookie"]
    assert "cookie" not in other.last.headers


def test_cookies_of_a_client_with_a_base_url() -> None:
    """Those of no domain go to its origin alone, whatever URL a call or a redirect names."""
    other = App({"/": answer()})
    with LoopbackServer(other) as elsewhere:
        app = App({"/": answer(), "/away": redirect(elsewhere.url), "/back": redirect("/")})
        with LoopbackServer(app) as server:
            other.routes["/back"] = redirect(server.url)
            with Client(server.url, cookies={"own": "1"}) as client:
                for url in ("/", "/away", "/back", elsewhere.url, f"{elsewhere.url}/back"):
                    client.get(url)
                client.get(elsewhere.url, cookies={"once": "2"})

    sent = [request.headers.get("cookie") for request in app.requests]
    assert ["own=1"] * 4 + [None] == sent
    assert [None, None, None, "once=2"] == [each.headers.get("cookie") for each in other.requests]


def test_a_jar_is_saved_and_loaded(tmp_path: Path) -> None:
    """The cookies of one session serve the next one."""
    path = tmp_path / "cookies.json"
    app = App({"/set": SET, "/": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url) as client:
            client.get("/set")
            path.write_text(client.cookies.to_json())
        with Client(server.url, cookies=CookieJar.from_json(path.read_text())) as client:
            client.get("/")

    assert "a=1" == app.last.headers["cookie"]


def test_clearing_the_jar() -> None:
    """A cleared jar sends nothing."""
    app = App({"/set": SET, "/": answer()})
    with LoopbackServer(app) as server:
        with Client(server.url) as client:
            client.get("/set")
            client.cookies.clear()
            client.get("/")

    assert "cookie" not in app.last.headers
