"""urllib3: `PoolManager.request`."""

from __future__ import annotations

from urllib3 import PoolManager

from tools.bench.peers.interface import Settings

CHUNK = 65_536


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._manager = PoolManager(ca_certs=settings.ca_file)

    def get(self, url: str) -> int:
        response = self._manager.request("GET", url)
        assert response.status == 200
        return len(response.data)

    def download(self, url: str) -> int:
        response = self._manager.request("GET", url, preload_content=False)
        assert response.status == 200
        size = 0
        for piece in response.stream(CHUNK):
            size += len(piece)
        response.release_conn()
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._manager.request("PUT", url, body=body)
        assert response.status == 200

    def hold(self, url: str) -> object:
        return self._manager.request("GET", url, preload_content=False)

    def close(self) -> None:
        self._manager.clear()
