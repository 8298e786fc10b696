# GENERATED from _async/test_oauth2_waiting.py by tools/unasync.py. Do not edit.
"""OAuth 2.0: one asks for a token, the others wait for it."""

from __future__ import annotations

import threading

import pytest

from antiphon._sync.client import Client
from antiphon.errors import DeadlineExceeded, OAuth2Error, RequestCancelled
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials
from antiphon.policies.auth_oauth2_token import OAuth2Token
from tests.thread_group import Group, until
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer, as_json


def _after(
    event: threading.Event, document: object = {"error": "invalid_client"}, status: int = 401
) -> bytes:
    assert event.wait(10)
    return as_json(document, status)


def test_the_deadline_is_that_of_the_call() -> None:
    """A token endpoint that hangs ends with the deadline of the call that needs it."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            with pytest.raises(DeadlineExceeded):
                client.get(f"{server.url}/api", timeout=Timeout(total=0.05))
            held.set()
            assert "t1" == (client.get(f"{server.url}/api")).text


def test_one_asks_for_all() -> None:
    """Of many tasks or threads one asks for the token; the others wait for it."""
    app = TokenServer()
    texts: list[str] = []
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:

            def call() -> None:
                texts.append((client.get(f"{server.url}/api")).text)

            with Group() as group:
                for _ in range(20):
                    group.start(call)
            app.revoked = {"t1"}
            with Group() as group:
                for _ in range(20):
                    group.start(call)

    assert ["t1"] * 20 + ["t2"] * 20 == texts
    assert 2 == app.issued


def test_a_failure_is_shared_too() -> None:
    """Those who waited get the error of the one who asked, each its own; the next asks again."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        with Client(auth=auth) as client:
            with Group() as group:
                calls = [group.start(client.get, f"{server.url}/api") for _ in range(5)]
                until(lambda: auth._state.line.waiting == 4)
                held.set()
            errors = [call.error for call in calls]
            assert [OAuth2Error] * 5 == [type(error) for error in errors]
            assert (5, 1) == (len(set(map(id, errors))), len(app.forms))
            assert "t1" == (client.get(f"{server.url}/api")).text


def test_waiting_for_a_token_ends_with_the_call() -> None:
    """A caller who waits for another's token can be cancelled, and has its own deadline."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held, {"access_token": "t9"}, 200))
    token = CancelToken()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        url = f"{server.url}/api"
        with Client(auth=auth) as client:

            def cancelled() -> None:
                client.get(url, cancel=token)

            def impatient() -> None:
                client.get(url, timeout=Timeout(total=0.05))

            with Group() as group:
                first = group.start(client.get, url)
                until(lambda: app.forms)
                second, third = group.start(cancelled), group.start(impatient)
                until(lambda: third.done)
                until(lambda: auth._state.line.waiting == 1)
                token.cancel("enough")
                until(lambda: second.done)
                held.set()

    assert "waited for an access token: enough" in str(second.error)
    assert "waited for an access token" in str(third.error)
    assert (RequestCancelled, DeadlineExceeded) == (type(second.error), type(third.error))
    assert (200, 1) == (getattr(first.result, "status", first.error), len(app.forms))


def test_somebody_is_renewing_it_already() -> None:
    """While one caller renews a token that is good for a while yet, the others go on with it."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held, {"access_token": "new"}, 200))
    with LoopbackServer(app) as server:
        due = OAuth2Token("old", expires_at=4_000_000_000)
        auth = OAuth2ClientCredentials(
            f"{server.url}/token", "app", "s3cret", token=due, leeway=4_000_000_000
        )
        url = f"{server.url}/api"
        with Client(auth=auth) as client:
            with Group() as group:
                first = group.start(client.get, url)
                until(lambda: app.forms)
                assert "old" == (client.get(url)).text
                held.set()
            assert "new" == (client.get(url)).text

    assert "new" == getattr(first.result, "text", first.error)
