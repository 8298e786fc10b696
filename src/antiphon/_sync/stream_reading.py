# GENERATED from _async/stream_reading.py by tools/unasync.py. Do not edit.
"""The ways to read a body in pieces: bytes, text, lines, events, JSON Lines, into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from antiphon._sync.stream_iterators import (
    DEFAULT_MAX_LINE_LENGTH,
    BytesIterator,
    LineIterator,
    RawIterator,
    TextIterator,
)
from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import BinaryIO

    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.stream_values import EventIterator, JSONLinesIterator

# An event or a line is held in memory whole; these bound what one that never ends can cost.
DEFAULT_MAX_EVENT_BYTES: Final = 1024 * 1024
DEFAULT_MAX_LINE_BYTES: Final = 16 * 1024 * 1024


class StreamReading:
    """What an `ResponseStream` makes of its bytes; what few callers need is imported then."""

    __slots__ = ()

    def iter_raw(self) -> RawIterator:
        """Iterate over the body as it was sent, content codings untouched."""
        return RawIterator(cast("ResponseStream", self))

    def iter_bytes(self, chunk_size: int | None = None) -> BytesIterator:
        """Iterate over the decoded body, in pieces as they come or of `chunk_size` bytes each."""
        return BytesIterator(cast("ResponseStream", self), chunk_size)

    def iter_text(self) -> TextIterator:
        """Iterate over the body as text, decoded as `Response.text` is."""
        return TextIterator(cast("ResponseStream", self))

    def iter_lines(self, *, max_length: int = DEFAULT_MAX_LINE_LENGTH) -> LineIterator:
        """Iterate over the lines of the text, ended by CR, LF or CRLF, which are removed.

        Raises ResponseTooLargeError for a line of more than `max_length` characters.
        """
        return LineIterator(cast("ResponseStream", self), max_length)

    def events(self, *, max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> EventIterator:
        """Iterate over the `ServerSentEvent`s of a text/event-stream (HTML standard, section 9.2).

        Raises ContentTypeError for a body of another type, ResponseTooLargeError for an event of
        more than `max_event_bytes`. `client.sse()` also reconnects.
        """
        from antiphon._sync.stream_values import EventIterator
        from antiphon.wire.sse import EventStreamParser

        stream = cast("ResponseStream", self)
        parser = EventStreamParser(
            checked_size("max_event_bytes", max_event_bytes), json_codec=stream.json_codec
        )
        return EventIterator(stream, parser)

    def json_lines(self, *, max_line_bytes: int = DEFAULT_MAX_LINE_BYTES) -> JSONLinesIterator:
        """Iterate over the values of JSON Lines (NDJSON): one JSON text a line, blank ones skipped.

        Raises InvalidJSONError that names the line, after which the next one can be asked for, and
        ResponseTooLargeError for a line of more than `max_line_bytes`.
        """
        from antiphon._sync.stream_values import JSONLinesIterator

        stream = cast("ResponseStream", self)
        return JSONLinesIterator(stream, checked_size("max_line_bytes", max_line_bytes))

    def save(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        progress: bool | Callable[[int, int | None], None] = False,
    ) -> int:
        """Write the decoded body to a path or an open binary file; return how many bytes.

        A path appears only once it is complete. `progress=True` draws a bar on standard error if
        that is a terminal; a function is called with the bytes so far and the total or None.
        """
        from antiphon._sync.stream_saving import save_stream

        return save_stream(cast("ResponseStream", self), target, progress)


def checked_size(name: str, value: int) -> int:
    """Return `value` if it is a number of bytes from 1. Raises InvalidOptionError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidOptionError(f"{name}={value!r}: give a number of bytes from 1")
    return value
