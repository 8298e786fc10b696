# Source of _sync/recording.py; after editing run: tox -e codegen
"""A copy of a body as it is read, for whoever keeps answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from antiphon._async.transport import AsyncBodySource
    from antiphon.models.headers import Headers


class AsyncKeeping(Protocol):
    """What becomes of a recording that is whole."""

    async def keep(self, recording: AsyncRecording) -> None:
        """Take the bytes; called once, before the reader hears of the end."""
        ...


class AsyncRecording:
    """Passes a body on and remembers it, as it is on the wire and up to `room` bytes.

    `is_whole` once the source said that the body ended; one that broke off, or was closed early,
    never is. `request_time` and `response_time` are wall clock seconds around the head.
    """

    __slots__ = (
        "_pieces",
        "_room",
        "_source",
        "is_whole",
        "keeping",
        "request_time",
        "response_time",
    )

    def __init__(
        self, source: AsyncBodySource, room: int, request_time: float, response_time: float
    ) -> None:
        self._source = source
        self._room = room
        self._pieces: list[bytes] | None = []
        self.is_whole = False
        self.keeping: AsyncKeeping | None = None
        self.request_time = request_time
        self.response_time = response_time

    @property
    def body(self) -> bytes:
        """What was read so far."""
        return b"".join(self._pieces or ())

    @property
    def trailers(self) -> Headers:
        """The trailer fields of the source."""
        return self._source.trailers

    async def receive(self) -> bytes:
        """Return the next piece of the source, b"" at the end."""
        piece = await self._source.receive()
        pieces = self._pieces
        if pieces is None:
            return piece
        if piece:
            self._room -= len(piece)
            if self._room < 0:
                self._pieces = None
            else:
                pieces.append(piece)
        else:
            self.is_whole = True
        return piece

    async def finish(self) -> None:
        """Have it kept: the reader came to the end, and found nothing wrong with the coding."""
        keeping, self.keeping = self.keeping, None
        if keeping is not None and self.is_whole:
            await keeping.keep(self)

    async def aclose(self) -> None:
        """Close the source; what was recorded is not whole and never will be."""
        if not self.is_whole:
            self._pieces = None
        await self._source.aclose()
