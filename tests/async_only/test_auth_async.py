"""Functions of an auth that are `async def`."""

from __future__ import annotations

import anyio

from antiphon import AsyncClient, BearerAuth, OAuth2DeviceCode, OAuth2Token
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.oauth2_server import TokenServer


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
