"""What a peer's file offers: a class `Sync`, a class `Async`, or both."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Settings(NamedTuple):
    """How a peer is set up, beyond its own defaults.

    `ca_file` is the certificate authority to trust (None: plain HTTP only). `connections` is
    how many are open at once, for peers whose default pool is smaller.
    """

    ca_file: str | None
    connections: int


class SyncPeer(Protocol):
    """A client without an event loop. Each method raises unless the status is 200."""

    def __init__(self, settings: Settings) -> None: ...

    def get(self, url: str) -> int:
        """GET, read the whole body, return its length."""

    def download(self, url: str) -> int:
        """GET and read the body piece by piece as the library's users do, return its length."""

    def upload(self, url: str, body: bytes) -> None:
        """PUT `body`."""

    def hold(self, url: str) -> object:
        """GET up to the end of the response's head; return what keeps the stream open."""

    def close(self) -> None:
        """Release everything."""


class AsyncPeer(Protocol):
    """The same for asyncio."""

    def __init__(self, settings: Settings) -> None: ...

    async def get(self, url: str) -> int:
        """GET, read the whole body, return its length."""

    async def download(self, url: str) -> int:
        """GET and read the body piece by piece as the library's users do, return its length."""

    async def upload(self, url: str, body: bytes) -> None:
        """PUT `body`."""

    async def hold(self, url: str) -> object:
        """GET up to the end of the response's head; return what keeps the stream open."""

    async def close(self) -> None:
        """Release everything."""
