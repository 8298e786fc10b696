"""pyreqwest: `SyncClient` and `Client` over Rust's reqwest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyreqwest.client import ClientBuilder, SyncClientBuilder

from tools.bench.peers.interface import Settings

# By default a stream is handed over only once 64 KiB of its body are there.
READ_AHEAD = 512


def _trusting(builder: Any, settings: Settings) -> Any:
    if settings.ca_file:
        return builder.add_root_certificate_pem(Path(settings.ca_file).read_bytes())
    return builder


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._client = _trusting(SyncClientBuilder(), settings).build()

    def get(self, url: str) -> int:
        response = self._client.get(url).build().send()
        assert response.status == 200
        return len(response.bytes())

    def download(self, url: str) -> int:
        size = 0
        with self._client.get(url).build_streamed() as response:
            assert response.status == 200
            while (piece := response.body_reader.read_chunk()) is not None:
                size += len(piece)
        return size

    def upload(self, url: str, body: bytes) -> None:
        response = self._client.put(url).body_bytes(body).build().send()
        assert response.status == 200

    def hold(self, url: str) -> object:
        opened = self._client.get(url).streamed_read_buffer_limit(READ_AHEAD).build_streamed()
        opened.__enter__()
        return opened

    def close(self) -> None:
        self._client.close()


class Async:
    def __init__(self, settings: Settings) -> None:
        self._client = _trusting(ClientBuilder(), settings).build()

    async def get(self, url: str) -> int:
        response = await self._client.get(url).build().send()
        assert response.status == 200
        return len(await response.bytes())

    async def download(self, url: str) -> int:
        size = 0
        async with self._client.get(url).build_streamed() as response:
            assert response.status == 200
            while (piece := await response.body_reader.read_chunk()) is not None:
                size += len(piece)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        response = await self._client.put(url).body_bytes(body).build().send()
        assert response.status == 200

    async def hold(self, url: str) -> object:
        opened = self._client.get(url).streamed_read_buffer_limit(READ_AHEAD).build_streamed()
        await opened.__aenter__()
        return opened

    async def close(self) -> None:
        await self._client.close()
