"""antiphon, this checkout."""

from __future__ import annotations

from typing import Any

from antiphon import AsyncClient, Client, Limits, TLSConfig
from tools.bench.peers.interface import Settings

DEFAULT_CONNECTIONS = 100


def _options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if settings.ca_file:
        options["tls"] = TLSConfig(ca_file=settings.ca_file)
    if settings.connections > DEFAULT_CONNECTIONS:
        options["limits"] = Limits(max_connections=settings.connections)
    return options


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._client = Client(**_options(settings))

    def get(self, url: str) -> int:
        return len(self._client.get(url).content)

    def download(self, url: str) -> int:
        size = 0
        with self._client.stream("GET", url) as response:
            for piece in response.iter_bytes():
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        self._client.put(url, content=body)

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
        return len((await self._client.get(url)).content)

    async def download(self, url: str) -> int:
        size = 0
        async with self._client.stream("GET", url) as response:
            async for piece in response.iter_bytes():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        await self._client.put(url, content=body)

    async def hold(self, url: str) -> object:
        opened = self._client.stream("GET", url)
        await opened.__aenter__()
        return opened

    async def close(self) -> None:
        await self._client.aclose()
