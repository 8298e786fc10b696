# GENERATED from _async/bytes_source.py by tools/unasync.py. Do not edit.
"""A body that is in memory already: for transports that have no wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.headers import EMPTY_HEADERS, Headers

if TYPE_CHECKING:
    from collections.abc import Iterable


class BytesSource:
    """Hands out ready pieces of a body, then `trailers`; the body source of mocks and caches."""

    __slots__ = ("_pieces", "trailers")

    def __init__(self, pieces: bytes | Iterable[bytes], trailers: Headers = EMPTY_HEADERS) -> None:
        self._pieces = iter((pieces,) if isinstance(pieces, bytes) else pieces)
        self.trailers = trailers

    def receive(self) -> bytes:
        """Return the next piece, b"" at the end; empty pieces are passed over."""
        for piece in self._pieces:
            if piece:
                return piece
        return b""

    def close(self) -> None:
        """Forget the pieces that were not read."""
        self._pieces = iter(())
