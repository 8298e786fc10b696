"""zapros: `Client` and `AsyncClient` over its own network handlers."""

from __future__ import annotations

import ssl

from zapros import (
    AsyncClient,
    AsyncIOTransport,
    AsyncStdNetworkHandler,
    Client,
    StdNetworkHandler,
    SyncTransport,
)

from tools.bench.peers.interface import Settings


class Sync:
    def __init__(self, settings: Settings) -> None:
        handler = None
        if settings.ca_file:
            context = ssl.create_default_context(cafile=settings.ca_file)
            handler = StdNetworkHandler(transport=SyncTransport(ssl_context=context))
        self._client = Client(handler)

    def get(self, url: str) -> int:
        response = self._client.get(url)
        assert response.status == 200
        return len(response.read())

    def download(self, url: str) -> int:
        size = 0
        with self._client.stream("GET", url) as response:
            assert response.status == 200
            for piece in response.iter_bytes():
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._client.put(url, body=body)
        assert response.status == 200

    def hold(self, url: str) -> object:
        opened = self._client.stream("GET", url)
        opened.__enter__()
        return opened

    def close(self) -> None:
        self._client.close()


class Async:
    def __init__(self, settings: Settings) -> None:
        handler = None
        if settings.ca_file:
            context = ssl.create_default_context(cafile=settings.ca_file)
            handler = AsyncStdNetworkHandler(transport=AsyncIOTransport(ssl_context=context))
        self._client = AsyncClient(handler)

    async def get(self, url: str) -> int:
        response = await self._client.get(url)
        assert response.status == 200
        return len(await response.aread())

    async def download(self, url: str) -> int:
        size = 0
        async with self._client.stream("GET", url) as response:
            assert response.status == 200
            async for piece in response.async_iter_bytes():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._client.put(url, body=body)
        assert response.status == 200

    async def hold(self, url: str) -> object:
        opened = self._client.stream("GET", url)
        await opened.__aenter__()
        return opened

    async def close(self) -> None:
        await self._client.aclose()
