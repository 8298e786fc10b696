# Source of _sync/stream_values.py; after editing run: tox -e codegen
"""The iterators over events and over JSON Lines. Classes, so that a `break` leaves nothing open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from antiphon._async.stream_iterators import AsyncBytesIterator
from antiphon.errors import ContentTypeError, InvalidJSONError
from antiphon.models.json_codec import STANDARD_JSON
from antiphon.models.server_sent_event import EVENT_STREAM
from antiphon.wire.ndjson import JSONLinesParser
from antiphon.wire.sse import is_event_stream

if TYPE_CHECKING:
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.json_codec import JSON
    from antiphon.models.server_sent_event import ServerSentEvent
    from antiphon.wire.sse import EventStreamParser


class AsyncEventIterator:
    """The events of a body of type text/event-stream, as they come."""

    __slots__ = ("_parser", "_pieces", "_stream")

    def __init__(self, stream: AsyncResponseStream, parser: EventStreamParser) -> None:
        content_type = stream.headers.get("content-type")
        if not is_event_stream(content_type):
            has = "no Content-Type" if content_type is None else f"Content-Type {content_type!r}"
            raise stream.complete(
                ContentTypeError(
                    f"the answer {stream.status} to {stream.method} {stream.url.redacted} has "
                    f"{has}, and events come as {EVENT_STREAM}"
                )
            )
        self._stream = stream
        self._parser = parser
        self._pieces = AsyncBytesIterator(stream)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerSentEvent:
        parser = self._parser
        while True:
            try:
                event = parser.next_event()
            except BaseException as error:
                await self._stream.abandon(error)
                raise
            if event is not None:
                return event
            # At the end of the body this ends the iteration; what is no whole event is dropped.
            parser.feed(await self._pieces.__anext__())


class AsyncJSONLinesIterator:
    """The values of a body of JSON Lines, as they come. After a line that is no JSON it goes on."""

    __slots__ = ("_codec", "_ended", "_parser", "_pieces", "_stream")

    def __init__(self, stream: AsyncResponseStream, max_line_bytes: int) -> None:
        self._stream = stream
        self._codec = stream.json_codec or STANDARD_JSON
        self._parser = JSONLinesParser(max_line_bytes)
        self._pieces = AsyncBytesIterator(stream)
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> JSON:
        while True:
            try:
                line = self._parser.next_line()
            except BaseException as error:
                await self._stream.abandon(error)
                raise
            if line is not None:
                return self._load(line)
            if self._ended:
                raise StopAsyncIteration
            try:
                self._parser.feed(await self._pieces.__anext__())
            except StopAsyncIteration:
                self._parser.finish()
                self._ended = True

    def _load(self, line: bytes) -> JSON:
        try:
            return self._codec.loads(line)
        except (ValueError, RecursionError) as error:
            from antiphon.errors.snippet import body_snippet

            stream = self._stream
            raise stream.complete(
                InvalidJSONError(
                    f"line {self._parser.number} of the body of {stream.method} "
                    f"{stream.url.redacted} is not JSON ({error}): "
                    f"{body_snippet(line, request=stream.request)}"
                )
            ) from error
