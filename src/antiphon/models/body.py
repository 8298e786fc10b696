"""What a request sends: it knows its length if it can, its type, and if it can be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from antiphon.models.headers import EMPTY_HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from antiphon.errors import InvalidBodyError, StreamConsumed
    from antiphon.models.file_span import FileSpan
    from antiphon.models.headers import Headers


class BinaryFile(Protocol):
    """A file opened for reading bytes; `seek` and `tell` are used where they exist."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, empty at the end."""
        ...


BytesLike: TypeAlias = "bytes | bytearray | memoryview"
"""What is taken as bytes."""
ContentInput: TypeAlias = (
    "Body | BytesLike | str | BinaryFile | Iterable[bytes] | AsyncIterable[bytes]"
)
"""What `content=` takes."""


class Body:
    """The base of all request bodies.

    `length` is in bytes, None if it is not known before the end. `content` is the whole body where
    it is in memory. A body that is not `replayable` can be read once. One that `is_async` is read
    with `async_chunks()`, all others with `chunks()`.

    A pickled body that was a stream keeps its length and type and counts as consumed.
    """

    __slots__ = ("content", "content_type", "length", "replayable")

    is_async: bool = False

    content: bytes | None
    content_type: str | None
    length: int | None
    replayable: bool

    def chunks(self) -> Iterator[bytes]:
        """Return a new iterator over the non-empty pieces of the body, from its start.

        Raises `StreamConsumed` where the body was read before and cannot be sent again, and
        `WrongFlavourError` where it is async.
        """
        from antiphon.errors import WrongFlavourError

        raise WrongFlavourError(
            f"a {type(self).__name__} has no chunks(); a body defines that, or says `is_async` and "
            "defines async_chunks(), which only AsyncClient can send"
        )

    def async_chunks(self) -> AsyncIterator[bytes]:
        """Return a new asynchronous iterator over the pieces; only where `is_async`."""
        from antiphon.errors import WrongFlavourError

        raise WrongFlavourError(f"a {type(self).__name__} is not async; iterate over its chunks()")

    def file_span(self) -> FileSpan | None:
        """Return the part of a file that this body is, where the system can send it by itself."""
        return None

    def trailers(self) -> Headers:
        """Return the fields to send after the last piece; only chunked bodies have any."""
        return EMPTY_HEADERS

    def __repr__(self) -> str:
        size = "unknown length" if self.length is None else f"{self.length} bytes"
        return f"<{type(self).__name__} {size} {self.content_type}>"


class BytesBody(Body):
    """A body that is in memory."""

    __slots__ = ()

    def __init__(self, content: bytes, content_type: str | None = None) -> None:
        self.content = content
        self.content_type = content_type
        self.length = len(content)
        self.replayable = True

    def chunks(self) -> Iterator[bytes]:
        """Return an iterator over the one piece."""
        return iter((self.content,) if self.content else ())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BytesBody):
            return NotImplemented
        return self.content == other.content and self.content_type == other.content_type

    def __hash__(self) -> int:
        return hash((self.content, self.content_type))

    def __reduce__(self) -> tuple[object, ...]:
        return (BytesBody, (self.content, self.content_type))


def utf8(text: str, argument: str) -> bytes:
    """Encode `text`; raises `InvalidBodyError` for a lone surrogate."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise refused_body(
            f"{argument} has U+{ord(text[error.start]):04X} at position {error.start}, half of a "
            "surrogate pair, which UTF-8 cannot encode"
        )


def checked_piece(piece: object, what: str) -> bytes:
    """Return a piece as bytes; raises `InvalidBodyError` for what is no bytes."""
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, (bytearray, memoryview)):
        return bytes(piece)
    raise refused_body(f"{what} is of type {type(piece).__name__}; pass bytes")


def second_use() -> StreamConsumed:
    """Return the error for a stream that is read twice."""
    from antiphon.errors import StreamConsumed

    return StreamConsumed(
        "the request body is a stream that was already read and cannot be sent again; "
        "pass bytes, a list of bytes or a seekable file to make it replayable"
    )


def refused_body(message: str) -> InvalidBodyError:
    """Return the error for a body that cannot be sent."""
    from antiphon.errors import InvalidBodyError

    return InvalidBodyError(message)
