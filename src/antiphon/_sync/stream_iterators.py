# GENERATED from _async/stream_iterators.py by tools/unasync.py. Do not edit.
"""The ways to walk over a body. Classes, not generators: a `break` leaves nothing half closed."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Self

from antiphon.errors import DecodeError, InvalidOptionError, ResponseTooLargeError
from antiphon.models.line_splitter import LineSplitter
from antiphon.models.text_encoding import encoding_for
from antiphon.wire.decoding import decoder_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from antiphon._sync.stream import ResponseStream

# A line is held in memory whole; this bounds what one endless line can cost (characters).
DEFAULT_MAX_LINE_LENGTH = 16 * 1024 * 1024


class RawIterator:
    """The pieces of a body as they were sent."""

    __slots__ = ("_stream",)

    def __init__(self, stream: ResponseStream) -> None:
        stream.start_reading()
        self._stream = stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece = self._stream.receive()
        if not piece:
            if self._stream.recording is not None:
                self._stream.recording.finish()
            raise StopIteration
        return piece


class BytesIterator:
    """The pieces of a body, decoded, as they come or of `chunk_size` bytes each, the last less."""

    __slots__ = ("_any", "_buffer", "_chunk_size", "_decoder", "_ended", "_parts", "_stream")

    def __init__(self, stream: ResponseStream, chunk_size: int | None = None) -> None:
        if chunk_size is not None and (type(chunk_size) is not int or chunk_size < 1):
            raise InvalidOptionError(
                f"chunk_size={chunk_size!r} is refused; give a number of bytes from 1, or None"
            )
        self._stream = stream
        self._chunk_size = chunk_size
        self._buffer = bytearray()
        self._parts: Iterator[bytes] | None = None
        self._any = False
        self._ended = stream.is_loaded
        if self._ended:
            self._decoder = None
            self._parts = iter((stream.content,))
        else:
            stream.start_reading()
            try:
                self._decoder = decoder_for(stream.headers)
            except DecodeError as error:
                raise stream.complete(error)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        size = self._chunk_size
        if size is None:
            part = self._next_part()
        else:
            buffer = self._buffer
            while len(buffer) < size:
                part = self._next_part()
                if not part:
                    break
                buffer += part
            part = bytes(buffer[:size])
            del buffer[:size]
        if not part:
            raise StopIteration
        return part

    def _next_part(self) -> bytes:
        """Return the next decoded piece, b"" at the end."""
        while True:
            try:
                if self._parts is not None:
                    for part in self._parts:
                        if part:
                            return part
                    self._parts = None
                if self._ended:
                    # A body without a byte (HEAD, 304) is no truncated one.
                    if self._decoder is not None and self._any:
                        self._decoder.finish()
                    if self._stream.recording is not None:
                        self._stream.recording.finish()
                    return b""
                piece = self._stream.receive()
                if not piece:
                    self._ended = True
                elif self._decoder is None:
                    return piece
                else:
                    self._any = True
                    self._parts = self._decoder.decode(piece)
            except BaseException as error:
                self._stream.abandon(error)
                raise


class TextIterator:
    """A body as text, in pieces as they come; never half a character."""

    __slots__ = ("_content_type", "_decoder", "_pieces")

    def __init__(self, stream: ResponseStream) -> None:
        self._pieces = BytesIterator(stream)
        self._content_type = stream.headers.get("content-type")
        self._decoder: codecs.IncrementalDecoder | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        start = b""
        for piece in self._pieces:
            decoder = self._decoder
            if decoder is None:
                # A byte order mark has up to four bytes, and may come a byte at a time.
                start += piece
                if len(start) < 4:
                    continue
                piece, decoder = start, self._start(start)
            text = decoder.decode(piece)
            if text:
                return text
        if start and self._decoder is None:
            text = self._start(start).decode(start, True)
        else:
            text = "" if self._decoder is None else self._decoder.decode(b"", True)
        if text:
            return text
        raise StopIteration

    def _start(self, start: bytes) -> codecs.IncrementalDecoder:
        """Choose the codec by the header and the first bytes."""
        encoding = encoding_for(self._content_type, start)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        return self._decoder


class LineIterator:
    """The lines of a body, ended by CR, LF or CRLF, which are removed; the last may have no end."""

    __slots__ = ("_lines", "_max_length", "_splitter", "_stream", "_texts")

    def __init__(self, stream: ResponseStream, max_length: int) -> None:
        if type(max_length) is not int or max_length < 1:
            raise InvalidOptionError(
                f"max_length={max_length!r} is refused; give a number of characters from 1"
            )
        self._stream = stream
        self._texts = TextIterator(stream)
        self._max_length = max_length
        self._splitter = LineSplitter()
        self._lines: Iterator[str] = iter(())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            return line
        splitter = self._splitter
        for text in self._texts:
            self._lines = iter(splitter.feed(text))
            if splitter.open_length > self._max_length:
                error = ResponseTooLargeError(
                    f"a line is longer than max_length={self._max_length} characters"
                )
                self._stream.abandon(error)
                raise error
            for line in self._lines:
                return line
        last = splitter.finish()
        if last is None:
            raise StopIteration
        return last
