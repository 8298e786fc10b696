"""zapros: `Client` and `AsyncClient` over its own network handlers."""

from __future__ import annotations

import ssl
from typing import Any

from zapros import (
    AsyncClient,
    AsyncIOTransport,
    AsyncStdNetworkHandler,
    Client,
    StdNetworkHandler,
    SyncTransport,
)

from tools.bench.peers.interface import Settings

DEFAULT_CONNECTIONS = 10


def _options(settings: Settings) -> dict[str, Any]:
    if settings.connections <= DEFAULT_CONNECTIONS:
        return {}
    size = settings.connections
    return {"http1": {"max_connections_per_host": size, "max_idle_connections_per_host": size}}


class Sync:
    def __init__(self, settings: Settings) -> None:
        options = _options(settings)
        if settings.ca_file:
            context = ssl.create_default_context(cafile=settings.ca_file)
            options["transport"] = SyncTransport(ssl_context=context)
        self._client = Client(StdNetworkHandler(**options))

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
        options = _options(settings)
        if settings.ca_file:
            context = ssl.create_default_context(cafile=settings.ca_file)
            options["transport"] = AsyncIOTransport(ssl_context=context)
        self._client = AsyncClient(AsyncStdNetworkHandler(**options))

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
