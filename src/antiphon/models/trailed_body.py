"""A body that is followed by trailers: the caller's, a digest of what was sent, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.body import Body
from antiphon.models.content_digest import content_hash, digest_field
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.iterable_body import end_pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from antiphon.models.content_digest import ContentHash
    from antiphon.models.trailers import TrailerMaker


class TrailedBody(Body):
    """A body whose last fields are only known at its end, and which is therefore sent in chunks.

    It can be sent again if its source can; the trailers are made anew each time.
    """

    __slots__ = ("_algorithm", "_hash", "_maker", "_source", "is_async")

    def __init__(self, source: Body, maker: TrailerMaker | None, algorithm: str | None) -> None:
        self.content = None
        self.content_type = source.content_type
        # RFC 9112 section 6.3: only chunked bodies have a place for trailers.
        self.length = None
        self.replayable = source.replayable
        self.is_async = source.is_async
        self._source = source
        self._maker = maker
        self._algorithm = algorithm
        self._hash: ContentHash | None = None

    @property
    def trailer_names(self) -> tuple[str, ...]:
        """The names that are known before the body is sent, for the header Trailer."""
        names = () if self._maker is None else self._maker.names
        return names if self._algorithm is None else (*names, "Content-Digest")

    def chunks(self) -> Iterator[bytes]:
        """Return a new iterator over the pieces of the source."""
        pieces = self._source.chunks()
        return pieces if self._algorithm is None else self._hashed(pieces, self._algorithm)

    def async_chunks(self) -> AsyncIterator[bytes]:
        """Return a new asynchronous iterator over the pieces of the source."""
        pieces = self._source.async_chunks()
        if self._algorithm is None:
            return pieces
        self._hash = content_hash(self._algorithm)
        return _AsyncHashed(pieces, self._hash)

    def _hashed(self, pieces: Iterator[bytes], algorithm: str) -> Iterator[bytes]:
        made = self._hash = content_hash(algorithm)
        try:
            for piece in pieces:
                made.update(piece)
                yield piece
        finally:
            end_pieces(pieces)

    def trailers(self) -> Headers:
        """Return the fields to send after the last piece."""
        fields = EMPTY_HEADERS if self._maker is None else self._maker.make()
        if self._algorithm is None:
            return fields
        assert self._hash is not None
        return fields.with_("Content-Digest", digest_field(self._algorithm, self._hash))

    def __reduce__(self) -> tuple[object, ...]:
        return (TrailedBody, (self._source, self._maker, self._algorithm))


class _AsyncHashed:
    """Pieces that are counted into a hash: a class, since a generator would close late."""

    __slots__ = ("_hash", "_pieces")

    def __init__(self, pieces: AsyncIterator[bytes], made: ContentHash) -> None:
        self._pieces = pieces
        self._hash = made

    def __aiter__(self) -> _AsyncHashed:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._pieces.__anext__()
        self._hash.update(piece)
        return piece

    async def aclose(self) -> None:
        """Close the source."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
