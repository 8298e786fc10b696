"""httpx: `Client` and `AsyncClient`."""

from __future__ import annotations

import ssl
from typing import Any

from httpx import AsyncClient, Client, Limits

from tools.bench.peers.interface import Settings

DEFAULT_CONNECTIONS = 100


def _options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if settings.ca_file:
        options["verify"] = ssl.create_default_context(cafile=settings.ca_file)
    if settings.connections > DEFAULT_CONNECTIONS:
        options["limits"] = Limits(max_connections=settings.connections)
    return options


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._client = Client(**_options(settings))

    def get(self, url: str) -> int:
        response = self._client.get(url)
        assert response.status_code == 200
        return len(response.content)

    def download(self, url: str) -> int:
        size = 0
        with self._client.stream("GET", url) as response:
            assert response.status_code == 200
            for piece in response.iter_bytes():
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._client.put(url, content=body)
        assert response.status_code == 200

    def hold(self, url: str) -> object:
        opened = self._client.stream("GET", url)
        opened.__enter__()
        return opened

    def close(self) -> None:
        self._client.close()


class Async:
    def __init__(self, settings: Settings) -> None:
        self._client = AsyncClient(**_options(settings))

    async def get(self, url: str) -> int:
        response = await self._client.get(url)
        assert response.status_code == 200
        return len(response.content)

    async def download(self, url: str) -> int:
        size = 0
        async with self._client.stream("GET", url) as response:
            assert response.status_code == 200
            async for piece in response.aiter_bytes():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._client.put(url, content=body)
        assert response.status_code == 200

    async def hold(self, url: str) -> object:
        opened = self._client.stream("GET", url)
        await opened.__aenter__()
        return opened

    async def close(self) -> None:
        await self._client.aclose()
