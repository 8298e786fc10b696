"""niquests: `Session` and `AsyncSession`."""

from __future__ import annotations

from niquests import AsyncSession, Session

from tools.bench.peers.interface import Settings

CHUNK = 65_536
DEFAULT_CONNECTIONS = 10


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._session = Session(pool_maxsize=max(DEFAULT_CONNECTIONS, settings.connections))
        if settings.ca_file:
            self._session.verify = settings.ca_file

    def get(self, url: str) -> int:
        response = self._session.get(url)
        assert response.status_code == 200
        return len(response.content)

    def download(self, url: str) -> int:
        size = 0
        with self._session.get(url, stream=True) as response:
            assert response.status_code == 200
            for piece in response.iter_content(CHUNK):
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._session.put(url, data=body)
        assert response.status_code == 200

    def hold(self, url: str) -> object:
        return self._session.get(url, stream=True)

    def close(self) -> None:
        self._session.close()


class Async:
    def __init__(self, settings: Settings) -> None:
        self._session = AsyncSession(pool_maxsize=max(DEFAULT_CONNECTIONS, settings.connections))
        if settings.ca_file:
            self._session.verify = settings.ca_file

    async def get(self, url: str) -> int:
        response = await self._session.get(url)
        assert response.status_code == 200
        return len(response.content)

    async def download(self, url: str) -> int:
        size = 0
        response = await self._session.get(url, stream=True)
        assert response.status_code == 200
        async for piece in await response.iter_content(CHUNK):
            size += len(piece)
        await response.close()
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._session.put(url, data=body)
        assert response.status_code == 200

    async def hold(self, url: str) -> object:
        return await self._session.get(url, stream=True)

    async def close(self) -> None:
        await self._session.close()
