# GENERATED from _async/test_auth_edges.py by tools/unasync.py. Do not edit.
"""Who is asking, at the edges: auths that are none, shared nonces, answers kept for others."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from antiphon._sync.client import Client
from antiphon.errors import InvalidOptionError
from antiphon.models.request import Request
from antiphon.policies.auth_api_key import APIKeyAuth
from antiphon.policies.auth_digest import DigestAuth
from antiphon.policies.cache import Cache
from tests.thread_group import Group
from tests.app import App, Received, answer, redirect
from tests.loopback import LoopbackServer

MANY = 20


class _Returns:
    """An auth_flow that forgot to yield."""

    def auth_flow(self, request: Request) -> Any:
        return [request]


class _SignsNothing:
    """A sign that forgot to return."""

    def sign(self, request: Request, now_wall: float) -> Any:
        request.with_header("Authorization", f"Signed {now_wall}")


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        (_Returns(), "_Returns.auth_flow gave a list, not a generator; write `yield request`"),
        (_SignsNothing(), "the `return` of _SignsNothing.sign takes a Request, not NoneType"),
    ],
)
def test_what_an_own_auth_forgot(auth: Any, said: str) -> None:
    """An auth that does not do what it should is told so, by name, and nothing is sent."""
    with Client(auth=auth) as client:
        with pytest.raises(InvalidOptionError, match=re.escape(said)):
            client.get("http://127.0.0.1:1/")


def test_many_who_are_given_one_nonce() -> None:
    """A server that challenges all with one nonce sees each count of it once."""
    arrived = threading.Barrier(MANY)
    counts: list[str] = []

    def root(request: Received) -> bytes:
        given = request.headers.get("authorization")
        if given is None:
            arrived.wait(10)
            asked = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
            return answer(401, "", {"WWW-Authenticate": asked})
        counts.extend(re.findall(r"nc=(\w+)", given))
        return answer()

    with LoopbackServer(App({"/": root})) as server:
        with Client(auth=DigestAuth("ada", "pw")) as client, Group() as group:
            calls = [group.start(client.get, server.url) for _ in range(MANY)]

    assert [None] * MANY == [call.error for call in calls]
    assert [f"{number:08x}" for number in range(1, MANY + 1)] == sorted(counts)


def test_what_came_for_a_key_in_a_cookie_answers_no_other() -> None:
    """A cache cannot tell cookies apart, so it keeps no answer to a key that stands in one."""
    app = App(
        {
            "/": lambda request: answer(
                200, request.headers["cookie"], {"Cache-Control": "max-age=9"}
            )
        }
    )
    with LoopbackServer(app) as server:
        with Client(policies=[Cache()]) as client:
            texts = [
                (client.get(server.url, auth=APIKeyAuth(key, cookie="key"))).text
                for key in ("ada", "bob", "ada")
            ]

    assert ["key=ada", "key=bob", "key=ada"] == texts


def test_userinfo_in_a_location_is_sent_to_nobody() -> None:
    """A server cannot choose who its client says it is, here or elsewhere."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        other = server.url.replace("http://", "http://eve:pw@")
        for path in ("/here", "/there"):
            app.routes[path] = redirect(other)
        with Client(auth=("ada", "pw")) as client:
            client.get(f"{server.url}/here", auth=None)
            client.get(f"{server.url.replace('127.0.0.1', 'localhost')}/there", auth=None)

    assert 4 == len(app.requests)
    assert all("authorization" not in request.headers for request in app.requests)
