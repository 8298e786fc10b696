"""A body that is compressed on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.body import Body, BytesBody
from antiphon.models.compression import compressor_for
from antiphon.models.iterable_body import end_pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from antiphon.models.compression import Compressor

# What is in memory and no longer than this is compressed at once: then its length is known, which
# many servers insist on. More is compressed as it goes out, and never held twice.
_AT_ONCE = 1024 * 1024


def compressed(source: Body, coding: str) -> Body:
    """Return `source` in a content coding: gzip, deflate, br or zstd (RFC 9110 section 8.4.1).

    Raises `InvalidOptionError` for another one, and `MissingExtraError` without its package.
    """
    compressor = compressor_for(coding)
    content = source.content
    if content is not None and len(content) <= _AT_ONCE:
        return BytesBody(compressor.compress(content) + compressor.flush(), source.content_type)
    return CompressedBody(source, coding)


class CompressedBody(Body):
    """A body in a content coding, piece by piece: its length is not known before its end.

    It can be sent again if its source can.
    """

    __slots__ = ("_coding", "_source", "is_async")

    def __init__(self, source: Body, coding: str) -> None:
        self.content = None
        self.content_type = source.content_type
        self.length = None
        self.replayable = source.replayable
        self.is_async = source.is_async
        self._source = source
        self._coding = coding

    def chunks(self) -> Iterator[bytes]:
        """Return a new iterator over the compressed pieces."""
        return _compress(self._source.chunks(), compressor_for(self._coding))

    def async_chunks(self) -> AsyncIterator[bytes]:
        """Return a new asynchronous iterator over the compressed pieces."""
        return _AsyncCompress(self._source.async_chunks(), compressor_for(self._coding))

    def __reduce__(self) -> tuple[object, ...]:
        return (CompressedBody, (self._source, self._coding))


def _compress(pieces: Iterator[bytes], compressor: Compressor) -> Iterator[bytes]:
    try:
        for piece in pieces:
            data = compressor.compress(piece)
            if data:
                yield data
        yield compressor.flush()
    finally:
        end_pieces(pieces)


class _AsyncCompress:
    """The compressed pieces of an async iterator: a class, since a generator would close late."""

    __slots__ = ("_compressor", "_pieces")

    def __init__(self, pieces: AsyncIterator[bytes], compressor: Compressor) -> None:
        self._pieces = pieces
        self._compressor: Compressor | None = compressor

    def __aiter__(self) -> _AsyncCompress:
        return self

    async def __anext__(self) -> bytes:
        compressor = self._compressor
        if compressor is None:
            raise StopAsyncIteration
        async for piece in self._pieces:
            data = compressor.compress(piece)
            if data:
                return data
        self._compressor = None
        return compressor.flush()

    async def aclose(self) -> None:
        """Close the source."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
