# GENERATED from _async/stream_formats.py by tools/unasync.py. Do not edit.
"""The ways to read a body that is many values: event streams and JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from antiphon._sync.stream import ResponseStream
    from antiphon._sync.stream_values import EventIterator, JSONLinesIterator

# An event or a line is held in memory whole; these bound what one that never ends can cost.
DEFAULT_MAX_EVENT_BYTES: Final = 1024 * 1024
DEFAULT_MAX_LINE_BYTES: Final = 16 * 1024 * 1024


class StreamFormats:
    """What an `ResponseStream` makes of its bytes; what is needed for it is imported then."""

    __slots__ = ()

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


def checked_size(name: str, value: int) -> int:
    """Return `value` if it is a number of bytes from 1. Raises InvalidOptionError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidOptionError(f"{name}={value!r}: give a number of bytes from 1")
    return value
