"""Event streams (HTML standard, sections 9.2.5 and 9.2.6): bytes in, events out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from antiphon.errors import ResponseTooLargeError
from antiphon.models.server_sent_event import EVENT_STREAM, ServerSentEvent
from antiphon.wire.line_feeds import LineFeeds

if TYPE_CHECKING:
    from antiphon.models.json_codec import JSONCodec

# Section 9.2.5: the stream begins with at most one byte order mark, here in UTF-8.
_BOM: Final = b"\xef\xbb\xbf"
# A `retry` of more digits than these is no time that anybody waits (and `int` refuses 4,300).
_MAX_RETRY_DIGITS: Final = 15


class EventStreamParser:
    """Reads one event stream: `feed` what arrives, then take events until there is none.

    What stands after the last blank line is no event: at the end of the stream it is dropped. An
    event counts the bytes of its fields and of the line that is still open; over
    `max_event_bytes` it is refused, so that an endless one costs no more memory than that.
    """

    __slots__ = (
        "_after_cr",
        "_data",
        "_event",
        "_id",
        "_json_codec",
        "_lines",
        "_max_event_bytes",
        "_retry",
        "_size",
        "_splitter",
        "_start",
        "_waiting",
        "last_event_id",
        "retry",
    )

    def __init__(
        self,
        max_event_bytes: int,
        *,
        last_event_id: str = "",
        json_codec: JSONCodec | None = None,
    ) -> None:
        self.last_event_id = last_event_id
        """What to ask the server to go on after: the id at the last blank line."""
        self.retry: int | None = None
        """The last reconnection time of this stream, in milliseconds."""
        # A connection goes on where the one before it ended, ids included, as in browsers.
        self._id = last_event_id
        self._max_event_bytes = max_event_bytes
        self._json_codec = json_codec
        self._splitter = LineFeeds()
        self._waiting: deque[bytes] = deque()
        self._after_cr = False
        self._start: bytes | None = b""
        self._event = ""
        self._data: list[str] = []
        self._retry: int | None = None
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Take bytes of the stream, cut anywhere."""
        if self._start is not None:
            data = self._start + data
            if len(data) < len(_BOM) and _BOM.startswith(data):
                self._start = data
                return
            self._start = None
            data = data.removeprefix(_BOM)
        if not data:
            return
        after_cr = self._after_cr
        self._after_cr = data.endswith(b"\r")
        if after_cr and data.startswith(b"\n"):
            data = data[1:]
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._waiting.extend(self._splitter.feed(data))

    def next_event(self) -> ServerSentEvent | None:
        """Return the next event, None if more bytes are needed.

        Raises ResponseTooLargeError for an event of more than `max_event_bytes`.
        """
        waiting = self._waiting
        while waiting:
            line = waiting[0]
            # Before it is taken, so that what was refused once is refused for good.
            self._check_size(len(line))
            waiting.popleft()
            if line:
                self._take_field(line)
            else:
                event = self._dispatch()
                if event is not None:
                    return event
        self._check_size(self._splitter.open_length)
        return None

    def following(self) -> EventStreamParser:
        """Return the parser of the next connection, which goes on where this one is."""
        parser = EventStreamParser(
            self._max_event_bytes, last_event_id=self.last_event_id, json_codec=self._json_codec
        )
        parser.retry = self.retry
        return parser

    def _check_size(self, added: int) -> None:
        if self._size + added > self._max_event_bytes:
            raise ResponseTooLargeError(
                f"an event of the stream is longer than max_event_bytes={self._max_event_bytes}"
            )

    def _take_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value.decode("utf-8", "replace"))
            self._size += len(line)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
            self._size += len(line)
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            digits = value.lstrip(b"0") or b"0"
            known = int(digits) if len(digits) <= _MAX_RETRY_DIGITS else 10**_MAX_RETRY_DIGITS
            self.retry = self._retry = known

    def _dispatch(self) -> ServerSentEvent | None:
        """A blank line: the end of an event, if it has data."""
        self.last_event_id = self._id
        event = None
        # An empty line of data alone is an event too: it appends a line end to the data.
        if self._data:
            event = ServerSentEvent(
                self._event or "message",
                "\n".join(self._data),
                self._id,
                self._retry,
                json_codec=self._json_codec,
            )
            self._data = []
        self._event = ""
        self._retry = None
        self._size = 0
        return event


def is_event_stream(content_type: str | None) -> bool:
    """Tell whether a Content-Type names an event stream; its parameters do not matter."""
    return (content_type or "").partition(";")[0].strip().lower() == EVENT_STREAM
