"""Bodies made of pieces, from iterables and async iterables."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING

from antiphon.models.body import Body, checked_piece, second_use

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator


class IterableBody(Body):
    """A body made of pieces of bytes.

    A sequence is read and checked at once: it has a length and can be sent again. All other
    iterables are taken for what they mostly are, streams that can be read once.
    """

    __slots__ = ("_pieces", "_used")

    def __init__(self, pieces: Iterable[bytes], content_type: str | None = None) -> None:
        self.content = None
        self.content_type = content_type
        self._used = False
        if isinstance(pieces, Sequence):
            checked = tuple(
                [checked_piece(piece, f"content[{i}]") for i, piece in enumerate(pieces)]
            )
            self._pieces: Iterable[bytes] = checked
            self.length = sum(map(len, checked))
            self.replayable = True
        else:
            self._pieces = pieces
            self.length = None
            self.replayable = False

    def chunks(self) -> Iterator[bytes]:
        """Return an iterator over the pieces; raises `InvalidBodyError` at one that is no bytes."""
        if not self.replayable:
            if self._used:
                raise second_use()
            self._used = True
        return self._non_empty()

    def _non_empty(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                data = checked_piece(piece, "a piece of the request body")
                # An empty piece says nothing, and as a chunk it ends the body (RFC 9112, 7.1).
                if data:
                    yield data
        finally:
            end_pieces(self._pieces)

    def __reduce__(self) -> tuple[object, ...]:
        if self.replayable:
            return (IterableBody, (self._pieces, self.content_type))
        return (consumed_body, (self.length, self.content_type))


class AsyncIterableBody(Body):
    """A body made of pieces of bytes that arrive asynchronously. It can be read once."""

    __slots__ = ("_pieces", "_used")

    is_async = True

    def __init__(self, pieces: AsyncIterable[bytes], content_type: str | None = None) -> None:
        self.content = None
        self.content_type = content_type
        self.length = None
        self.replayable = False
        self._pieces = pieces
        self._used = False

    def chunks(self) -> Iterator[bytes]:
        """Refuse: raises `WrongFlavourError`."""
        from antiphon.errors import WrongFlavourError

        raise WrongFlavourError(
            "the request body is an async iterable, which only AsyncClient can send; "
            "pass bytes, a file or a plain iterable"
        )

    def async_chunks(self) -> AsyncIterator[bytes]:
        """Return an iterator over the pieces; raises `InvalidBodyError` at one that is no bytes."""
        if self._used:
            raise second_use()
        self._used = True
        return _NonEmptyAsync(self._pieces)

    def __reduce__(self) -> tuple[object, ...]:
        return (consumed_body, (None, self.content_type))


class _NonEmptyAsync:
    """The non-empty pieces of an async iterable: a class, since a generator would close late."""

    __slots__ = ("_next", "_pieces")

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces
        self._next = aiter(pieces).__anext__

    def __aiter__(self) -> _NonEmptyAsync:
        return self

    async def __anext__(self) -> bytes:
        while True:
            data = checked_piece(await self._next(), "a piece of the request body")
            if data:
                return data

    async def aclose(self) -> None:
        """Close the caller's generator, if it is one: nobody will ask it for more."""
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()


def end_pieces(pieces: Iterable[bytes]) -> None:
    """Close a generator that is not asked for more, so that its clean-up runs now."""
    if isinstance(pieces, Generator):
        pieces.close()


def consumed_body(length: int | None, content_type: str | None) -> Body:
    """Return what stands for a stream that did not go through pickle."""
    body = IterableBody(iter(()), content_type)
    body.length = length
    body._used = True
    return body
