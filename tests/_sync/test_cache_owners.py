# GENERATED from _async/test_cache_owners.py by tools/unasync.py. Do not edit.
"""What came for one user answers no other, however they say who they are."""

from __future__ import annotations

import attrs
import pytest

from antiphon._sync.client import Client
from antiphon.models.request import Request
from antiphon.policies.auth_api_key import APIKeyAuth
from antiphon.policies.auth_digest import DigestAuth
from antiphon.policies.auth_sigv4 import AWSSigV4
from antiphon.policies.cache import Cache
from tests.thread_group import until
from tests.app import App, Received, answer
from tests.loopback import LoopbackServer


@attrs.frozen
class Signing:
    """Signs each attempt with a name."""

    name: str

    def sign(self, request: Request, now_wall: float) -> Request:
        return request.with_header("Authorization", f"Signed {self.name} {now_wall}")


def server_of(fields: dict[str, str]) -> App:
    """Return what answers with how it was asked, and whether that was with credentials."""

    def respond(request: Received) -> bytes:
        shown = request.headers.get("authorization", request.headers.get("x-api-key", "nobody"))
        if "digest" in request.target and shown == "nobody":
            challenge = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"'
            return answer(401, "who?", {**fields, "WWW-Authenticate": challenge})
        if request.headers.get("if-none-match") == '"1"':
            return answer(304, "", {"ETag": '"1"', **fields})
        return answer(200, shown, {"ETag": '"1"', **fields})

    return App({"/": respond, "/digest": respond})


def sigv4(key: str) -> AWSSigV4:
    return AWSSigV4(key, "secret", region="eu-west-1", service="s3")


USERS = {
    "keys": (APIKeyAuth("one", header="X-API-Key"), APIKeyAuth("two", header="X-API-Key")),
    "SigV4": (sigv4("ONE"), sigv4("TWO")),
    "Digest": (DigestAuth("one", "pw"), DigestAuth("two", "pw")),
    "own": (Signing("one"), Signing("two")),
}


@pytest.mark.parametrize("kind", USERS)
def test_users_that_share_a_cache(kind: str) -> None:
    """Keys tell answers apart; what is signed behind the cache is nobody's, and is not stored."""
    app = server_of({"Cache-Control": "max-age=3600"})
    cache = Cache()
    seen = []
    with LoopbackServer(app) as server:
        url = server.url + ("/digest" if kind == "Digest" else "/")
        for auth in (*USERS[kind], None):
            with Client(policies=[cache], auth=auth, raise_for_status=False) as client:
                response = client.get(url)
                seen.append(response.text)
                assert "miss" == response.cache.status
                assert (auth is None or kind == "keys") == response.cache.stored

    first, second, last = seen
    assert "one" in first.lower()
    assert "two" in second.lower()
    assert last in ("nobody", "who?")


@pytest.mark.parametrize("name", ["Cookie", "COOKIE"])
def test_cookies_tell_nobody_apart(name: str) -> None:
    """As in browsers: they change when nothing else does, and a server can say `Vary`."""
    app = server_of({"Cache-Control": "max-age=3600"})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            for status, value in (("miss", "a=1"), ("hit", "a=2")):
                response = client.get(server.url, headers={name: value})
                assert status == response.cache.status


def test_a_key_hits_what_it_has_stored() -> None:
    """The same key gets its answer from the cache."""
    app = server_of({"Cache-Control": "max-age=3600"})
    cache = Cache()
    with LoopbackServer(app) as server:
        for status in ("miss", "hit"):
            with Client(policies=[cache], auth=USERS["keys"][0]) as client:
                response = client.get(server.url)
                assert (status, "one") == (response.cache.status, response.text)


def test_what_is_public_is_everybodys() -> None:
    """Where the server says so, signed requests and all others share an answer."""
    app = server_of({"Cache-Control": "public, max-age=3600"})
    cache = Cache()
    found = []
    with LoopbackServer(app) as server:
        for auth in (Signing("one"), Signing("two"), None):
            with Client(policies=[cache], auth=auth) as client:
                found.append((client.get(server.url)).cache.status)

    assert ["miss", "hit", "hit"] == found


def test_what_was_public_and_is_no_more() -> None:
    """A 304 to a signed request that takes the `public` back makes it be forgotten."""
    app = server_of({"Cache-Control": "public, no-cache"})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache], auth=Signing("one")) as client:
            client.get(server.url)
            assert 1 == len(cache.store)
            app.routes["/"] = answer(304, "", {"ETag": '"1"', "Cache-Control": "no-cache"})
            response = client.get(server.url)

    assert ("revalidated", False) == (response.cache.status, response.cache.stored)
    assert 0 == len(cache.store)


def test_a_request_behind_a_stale_answer_is_signed() -> None:
    """It has the credentials of the call that it refreshes for."""
    app = server_of({"Cache-Control": "public, max-age=0, stale-while-revalidate=60"})
    cache = Cache()
    with LoopbackServer(app) as server:
        with Client(policies=[cache], auth=Signing("one")) as client:
            client.get(server.url)
            assert "stale" == (client.get(server.url)).cache.status
            until(lambda: not cache._revalidating)

    assert 2 == len(app.requests)
    assert app.last.headers["authorization"].startswith("Signed one")
