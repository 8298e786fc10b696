"""aiosonic: an `HTTPClient`."""

from __future__ import annotations

import ssl

from aiosonic import HTTPClient, TCPConnector
from aiosonic.pools import PoolConfig

from tools.bench.peers.interface import Settings

DEFAULT_CONNECTIONS = 30


class Async:
    def __init__(self, settings: Settings) -> None:
        size = max(DEFAULT_CONNECTIONS, settings.connections)
        self._client = HTTPClient(TCPConnector({":default": PoolConfig(size=size)}))
        self._ssl = (
            ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None
        )

    async def get(self, url: str) -> int:
        response = await self._client.get(url, ssl=self._ssl)
        assert response.status_code == 200
        return len(await response.content())

    async def download(self, url: str) -> int:
        size = 0
        async with self._client.stream("GET", url, ssl=self._ssl) as response:
            assert response.status_code == 200
            async for piece in response.iter_bytes():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._client.put(url, data=body, ssl=self._ssl)
        assert response.status_code == 200
        await response.content()

    async def hold(self, url: str) -> object:
        return await self._client.request(url, stream=True, ssl=self._ssl)

    async def close(self) -> None:
        await self._client.connector.cleanup()
