"""aiohttp: a `ClientSession`."""

from __future__ import annotations

import ssl
from typing import Any

from aiohttp import ClientSession, TCPConnector

from tools.bench.peers.interface import Settings

DEFAULT_CONNECTIONS = 100


class Async:
    def __init__(self, settings: Settings) -> None:
        options: dict[str, Any] = {}
        if settings.ca_file:
            options["ssl"] = ssl.create_default_context(cafile=settings.ca_file)
        if settings.connections > DEFAULT_CONNECTIONS:
            options["limit"] = settings.connections
        self._session = ClientSession(connector=TCPConnector(**options))

    async def get(self, url: str) -> int:
        async with self._session.get(url) as response:
            assert response.status == 200
            return len(await response.read())

    async def download(self, url: str) -> int:
        size = 0
        async with self._session.get(url) as response:
            assert response.status == 200
            async for piece in response.content.iter_any():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        async with self._session.put(url, data=body) as response:
            assert response.status == 200
            await response.read()

    async def hold(self, url: str) -> object:
        return await self._session.get(url)

    async def close(self) -> None:
        await self._session.close()
