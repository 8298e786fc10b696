"""Functions of an auth that are `async def`."""

from __future__ import annotations

import threading

import anyio

from antiphon import AsyncClient, BearerAuth, OAuth2ClientCredentials, OAuth2DeviceCode, OAuth2Token
from tests.anyio_group import until
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer, as_json


async def test_a_token_that_is_awaited() -> None:
    """An AsyncClient waits for what gives the token."""

    async def token() -> str:
        await anyio.sleep(0)
        return "awaited"

    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        async with AsyncClient(auth=BearerAuth(token)) as client:
            await client.get(server.url)

    assert "Bearer awaited" == app.last.headers["authorization"]


async def test_a_prompt_and_a_listener_that_are_awaited() -> None:
    """`prompt` and `on_token` may be `async def`, too."""
    told: list[str] = []

    async def prompt(uri: str, user_code: str, complete: str | None, expires_in: float) -> None:
        await anyio.sleep(0)
        told.append(user_code)

    async def on_token(token: OAuth2Token) -> None:
        await anyio.sleep(0)
        told.append(token.access_token.get_secret_value())

    app = TokenServer()
    app.interval = 0.01
    with LoopbackServer(app) as server:
        auth = OAuth2DeviceCode(
            f"{server.url}/token",
            "app",
            device_authorization_url=f"{server.url}/device",
            prompt=prompt,
            on_token=on_token,
        )
        async with AsyncClient(auth=auth) as client:
            await client.get(f"{server.url}/api")

    assert ["ABCD-EFGH", "t1"] == told


async def test_who_asks_for_the_token_is_cancelled() -> None:
    """Native cancellation passes the turn on: the next in line asks, nobody waits for ever."""
    held = threading.Event()
    app = TokenServer(lambda: as_json({}) if held.wait(10) else b"")
    with LoopbackServer(app) as server:
        auth = OAuth2ClientCredentials(f"{server.url}/token", "app", "s3cret")
        async with AsyncClient(auth=auth) as client, anyio.create_task_group() as group:
            texts: list[str] = []

            async def call(scope: anyio.CancelScope) -> None:
                with scope:
                    texts.append((await client.get(f"{server.url}/api")).text)

            first, second, third = (anyio.CancelScope() for _ in range(3))
            group.start_soon(call, first)
            await until(lambda: app.forms)
            group.start_soon(call, second)
            group.start_soon(call, third)
            await until(lambda: auth._state.line.waiting == 2)
            second.cancel()
            first.cancel()
            await until(lambda: texts)
            held.set()

    assert (["t1"], 0) == (texts, auth._state.line.running)
