"""primp: `Client` and `AsyncClient` over Rust."""

from __future__ import annotations

from primp import AsyncClient, Client

from tools.bench.peers.interface import Settings


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._client = Client(ca_cert_file=settings.ca_file)

    def get(self, url: str) -> int:
        response = self._client.get(url)
        assert response.status_code == 200
        return len(response.content)

    def download(self, url: str) -> int:
        size = 0
        with self._client.get(url, stream=True) as response:
            assert response.status_code == 200
            for piece in response.iter_bytes():
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._client.put(url, content=body)
        assert response.status_code == 200

    def hold(self, url: str) -> object:
        return self._client.get(url, stream=True)

    def close(self) -> None:
        """The client has no close: its connections go when it does."""
        del self._client


class Async:
    def __init__(self, settings: Settings) -> None:
        self._client = AsyncClient(ca_cert_file=settings.ca_file)

    async def get(self, url: str) -> int:
        response = await self._client.get(url)
        assert response.status_code == 200
        return len(response.content)

    async def download(self, url: str) -> int:
        size = 0
        async with await self._client.get(url, stream=True) as response:
            assert response.status_code == 200
            async for piece in response.aiter_bytes():
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._client.put(url, content=body)
        assert response.status_code == 200

    async def hold(self, url: str) -> object:
        return await self._client.get(url, stream=True)

    async def close(self) -> None:
        """The client has no close: its connections go when it does."""
        del self._client
