# Source of _sync/stream_formats.py; after editing run: tox -e codegen
"""The ways to read a body that is many values: event streams and JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from antiphon._async.stream import AsyncResponseStream
    from antiphon._async.stream_values import AsyncEventIterator, AsyncJSONLinesIterator

# An event or a line is held in memory whole; these bound what one that never ends can cost.
DEFAULT_MAX_EVENT_BYTES: Final = 1024 * 1024
DEFAULT_MAX_LINE_BYTES: Final = 16 * 1024 * 1024


class AsyncStreamFormats:
    """What an `AsyncResponseStream` makes of its bytes; what is needed for it is imported then."""

    __slots__ = ()

    def events(self, *, max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> AsyncEventIterator:
        """Iterate over the `ServerSentEvent`s of a text/event-stream (HTML standard, section 9.2).

        Raises ContentTypeError for a body of another type, ResponseTooLargeError for an event of
        more than `max_event_bytes`. `client.sse()` also reconnects.
        """
        from antiphon._async.stream_values import AsyncEventIterator
        from antiphon.wire.sse import EventStreamParser

        stream = cast("AsyncResponseStream", self)
        parser = EventStreamParser(
            checked_size("max_event_bytes", max_event_bytes), json_codec=stream.json_codec
        )
        return AsyncEventIterator(stream, parser)

    def json_lines(self, *, max_line_bytes: int = DEFAULT_MAX_LINE_BYTES) -> AsyncJSONLinesIterator:
        """Iterate over the values of JSON Lines (NDJSON): one JSON text a line, blank ones skipped.

        Raises InvalidJSONError that names the line, after which the next one can be asked for, and
        ResponseTooLargeError for a line of more than `max_line_bytes`.
        """
        from antiphon._async.stream_values import AsyncJSONLinesIterator

        stream = cast("AsyncResponseStream", self)
        return AsyncJSONLinesIterator(stream, checked_size("max_line_bytes", max_line_bytes))


def checked_size(name: str, value: int) -> int:
    """Return `value` if it is a number of bytes from 1. Raises InvalidOptionError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidOptionError(f"{name}={value!r}: give a number of bytes from 1")
    return value
