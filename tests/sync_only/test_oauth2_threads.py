"""One OAuth 2.0 value in threads and event loops at once."""

from __future__ import annotations

import threading
import time

import anyio
import pytest

from antiphon import (
    AsyncClient,
    Client,
    OAuth2ClientCredentials,
    OAuth2DeviceCode,
    WrongFlavourError,
)
from antiphon.policies.auth import BearerAuth
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer, as_json


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_both_voices_ask_once(backend: str) -> None:
    """Threads of a Client and tasks of an AsyncClient wait for one token, then for the next."""
    held = threading.Event()

    def slowly() -> bytes:
        assert held.wait(10)
        app.issued = 1
        return as_json({"access_token": "t1", "expires_in": 3600})

    app = TokenServer(slowly)
    texts: list[str] = []
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")

        async def tasks() -> None:
            async with AsyncClient(auth=auth) as client, anyio.create_task_group() as group:

                async def call() -> None:
                    texts.append((await client.get(f"{server.url}/api")).text)

                for _ in range(10):
                    group.start_soon(call)

        def run(client: Client) -> None:
            threads = [
                threading.Thread(target=anyio.run, args=(tasks,), kwargs={"backend": backend})
            ]
            threads += [
                threading.Thread(target=lambda: texts.append(client.get(f"{server.url}/api").text))
                for _ in range(10)
            ]
            for thread in threads:
                thread.start()
            # All but the one who asks are in the line, whatever they are.
            end = time.monotonic() + 10
            while not held.is_set():
                assert time.monotonic() < end
                if auth._state.line.waiting == 19:
                    held.set()
                time.sleep(0.001)
            for thread in threads:
                thread.join(10)

        with Client(auth=auth) as client:
            run(client)
            assert (["t1"] * 20, 1) == (texts, len(app.forms))
            app.revoked = {"t1"}
            run(client)

    assert (["t2"] * 20, 2) == (texts[20:], len(app.forms))


def test_a_client_cannot_await_a_token() -> None:
    """An `async def` that gives a token is refused by a Client, before anything is sent."""

    async def token() -> str:
        return "t"

    with Client(auth=BearerAuth(token)) as client, pytest.raises(WrongFlavourError):
        client.get("http://api.invalid/")


@pytest.mark.parametrize("asked", ["on_token", "prompt"])
def test_a_client_cannot_await_what_it_tells(asked: str) -> None:
    """An `async def` is refused before a refresh token or a code is used up for nothing."""

    async def told(*_: object) -> None: ...

    app = TokenServer()
    with LoopbackServer(app) as server:
        functions = {"on_token": None, "prompt": print, asked: told}
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            **functions,  # type: ignore[arg-type]
        )
        with Client(auth=auth) as client, pytest.raises(WrongFlavourError, match="told is async"):
            client.get(f"{server.url}/api")

    assert ([], 0) == (app.requests, auth._state.line.running)
