# Source of _sync/test_oauth2_waiting.py; after editing run: tox -e codegen
"""OAuth 2.0: one asks for a token, the others wait for it."""

from __future__ import annotations

import threading

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import DeadlineExceeded, OAuth2Error, RequestCancelled
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.policies.auth_oauth2_grants import OAuth2ClientCredentials
from antiphon.policies.auth_oauth2_token import OAuth2Token
from tests.anyio_group import AsyncGroup, until
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer, as_json


def _after(
    event: threading.Event, document: object = {"error": "invalid_client"}, status: int = 401
) -> bytes:
    assert event.wait(10)
    return as_json(document, status)


async def test_the_deadline_is_that_of_the_call() -> None:
    """A token endpoint that hangs ends with the deadline of the call that needs it."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        async with AsyncClient(auth=auth) as client:
            with pytest.raises(DeadlineExceeded):
                await client.get(f"{server.url}/api", timeout=Timeout(total=0.05))
            held.set()
            assert "t1" == (await client.get(f"{server.url}/api")).text


async def test_one_asks_for_all() -> None:
    """Of many tasks or threads one asks for the token; the others wait for it."""
    app = TokenServer()
    texts: list[str] = []
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        async with AsyncClient(auth=auth) as client:

            async def call() -> None:
                texts.append((await client.get(f"{server.url}/api")).text)

            async with AsyncGroup() as group:
                for _ in range(20):
                    group.start(call)
            app.revoked = {"t1"}
            async with AsyncGroup() as group:
                for _ in range(20):
                    group.start(call)

    assert ["t1"] * 20 + ["t2"] * 20 == texts
    assert 2 == app.issued


async def test_a_failure_is_shared_too() -> None:
    """Those who waited get the error of the one who asked, each its own; the next asks again."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held))
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        async with AsyncClient(auth=auth) as client:
            async with AsyncGroup() as group:
                calls = [group.start(client.get, f"{server.url}/api") for _ in range(5)]
                await until(lambda: auth._state.line.waiting == 4)
                held.set()
            errors = [call.error for call in calls]
            assert [OAuth2Error] * 5 == [type(error) for error in errors]
            assert (5, 1) == (len(set(map(id, errors))), len(app.forms))
            assert "t1" == (await client.get(f"{server.url}/api")).text


async def test_waiting_for_a_token_ends_with_the_call() -> None:
    """A caller who waits for another's token can be cancelled, and has its own deadline."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held, {"access_token": "t9"}, 200))
    token = CancelToken()
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        url = f"{server.url}/api"
        async with AsyncClient(auth=auth) as client:

            async def cancelled() -> None:
                await client.get(url, cancel=token)

            async def impatient() -> None:
                await client.get(url, timeout=Timeout(total=0.05))

            async with AsyncGroup() as group:
                first = group.start(client.get, url)
                await until(lambda: app.forms)
                second, third = group.start(cancelled), group.start(impatient)
                await until(lambda: third.done)
                await until(lambda: auth._state.line.waiting == 1)
                token.cancel("enough")
                await until(lambda: second.done)
                held.set()

    assert "waited for an access token: enough" in str(second.error)
    assert "waited for an access token" in str(third.error)
    assert (RequestCancelled, DeadlineExceeded) == (type(second.error), type(third.error))
    assert (200, 1) == (getattr(first.result, "status", first.error), len(app.forms))


async def test_somebody_is_renewing_it_already() -> None:
    """While one caller renews a token that is good for a while yet, the others go on with it."""
    held = threading.Event()
    app = TokenServer(lambda: _after(held, {"access_token": "new"}, 200))
    with LoopbackServer(app) as server:
        due = OAuth2Token("old", expires_at=4_000_000_000)
        auth = OAuth2ClientCredentials(
            f"{server.url}/token", "app", "s3cret", token=due, leeway=4_000_000_000
        )
        url = f"{server.url}/api"
        async with AsyncClient(auth=auth) as client:
            async with AsyncGroup() as group:
                first = group.start(client.get, url)
                await until(lambda: app.forms)
                assert "old" == (await client.get(url)).text
                held.set()
            assert "new" == (await client.get(url)).text

    assert "new" == getattr(first.result, "text", first.error)
