"""JSON Lines, also known as NDJSON: one JSON text a line, bytes in, numbered lines out."""

from __future__ import annotations

from collections import deque
from typing import Final

from antiphon.errors import ResponseTooLargeError
from antiphon.wire.line_feeds import LineFeeds

# RFC 8259 section 8.1: a parser may ignore a byte order mark.
_BOM: Final = b"\xef\xbb\xbf"
# RFC 8259 section 2: what is white space in JSON, so a CR before the LF is part of no value.
_WHITE_SPACE: Final = b" \t\r\n"


class JSONLinesParser:
    """Cuts a stream into lines at LF: `feed` what arrives, then take lines until there is none.

    Blank lines are skipped but counted. `finish` says that nothing follows; the last line need not
    have an end.
    """

    __slots__ = ("_max_line_bytes", "_splitter", "_waiting", "number")

    def __init__(self, max_line_bytes: int) -> None:
        self.number = 0
        """The number of the line that was taken last; the first is 1."""
        self._max_line_bytes = max_line_bytes
        self._splitter = LineFeeds()
        self._waiting: deque[bytes] = deque()

    def feed(self, data: bytes) -> None:
        """Take bytes of the stream, cut anywhere."""
        self._waiting.extend(self._splitter.feed(data))

    def finish(self) -> None:
        """Take the end of the stream."""
        self._waiting.append(self._splitter.finish())

    def next_line(self) -> bytes | None:
        """Return the next line that is not blank, None if more bytes are needed.

        Raises ResponseTooLargeError for a line of more than `max_line_bytes`.
        """
        waiting = self._waiting
        while waiting:
            line = waiting[0]
            # Before it is taken, so that what was refused once is refused for good.
            self._check_size(len(line))
            waiting.popleft()
            self.number += 1
            if self.number == 1:
                line = line.removeprefix(_BOM)
            line = line.strip(_WHITE_SPACE)
            if line:
                return line
        self._check_size(self._splitter.open_length)
        return None

    def _check_size(self, length: int) -> None:
        if length > self._max_line_bytes:
            raise ResponseTooLargeError(
                f"line {self.number + 1} is longer than max_line_bytes={self._max_line_bytes}"
            )
