"""Bodies in chunks: reading them from a response (RFC 9112 section 7.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.errors import RemoteProtocolError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.wire.excerpt import excerpt
from antiphon.wire.http1_head import parse_fields
from antiphon.wire.line_ends import refuse_bare_line_ends

if TYPE_CHECKING:
    from typing import Final

MAX_CHUNK_EXTENSION: Final = 4_096
"""The longest chunk extensions of one chunk, in bytes."""

# Joining small chunks saves calls; joining large ones only copies them twice.
_JOIN_LIMIT = 16_384

# RFC 9112 section 7.1: chunk-size [ chunk-ext ] CRLF. Extensions are skipped (7.1.1); a control
# character in them, LF above all, is what request smuggling was built on, so none is allowed.
_SIZE = rb"[0-9A-Fa-f]{1,16}"
_EXTENSION = rb"[ \t]{0,16}+(?:;[\t -~\x80-\xff]{0,%d}+)" % MAX_CHUNK_EXTENSION
_match_first = re.compile(rb"(%b)(?:%b)?+\r\n" % (_SIZE, _EXTENSION)).match
_match_next = re.compile(rb"\r\n(%b)(?:%b)?+\r\n" % (_SIZE, _EXTENSION)).match
# A size line that is right so far and only needs more bytes.
_could_be_size_line = re.compile(rb"(?:%b(?:%b?+\r?)?+)?+" % (_SIZE, _EXTENSION)).fullmatch

# RFC 9110 section 6.5.1: fields for framing and routing have no place in trailers. Merged by
# someone downstream they would change what the message is, so they are dropped.
_REFUSED_TRAILERS = frozenset(
    {"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}
)


class ChunkedDecoder:
    """Takes chunked bodies apart; one per connection, reused after `reset`.

    `decode` joins the data of small chunks, so that many in one piece cost one call. After it,
    `position` is where the unread bytes of the buffer start, `finished` says that the last chunk
    and the trailers were read, `odd` that a trailer field was dropped, and `missing` how many
    bytes of the chunk begun are still to come.
    """

    __slots__ = (
        "_after_data",
        "_in_trailers",
        "_max_count",
        "_max_trailer_bytes",
        "finished",
        "missing",
        "odd",
        "position",
        "trailers",
    )

    def __init__(self, max_trailer_bytes: int, max_trailer_count: int) -> None:
        self._max_trailer_bytes = max_trailer_bytes
        self._max_count = max_trailer_count
        self.reset()

    def reset(self) -> None:
        """Begin a new body."""
        self._after_data = False
        self._in_trailers = False
        self.finished = False
        self.missing = 0
        self.odd = False
        self.position = 0
        self.trailers = EMPTY_HEADERS

    def decode(self, buffer: bytes, position: int) -> bytes:
        """Return the next data in `buffer` from `position`, or b"" if more bytes are needed.

        After the end (`finished`) it is b"" too. A piece that is all data is returned as it is,
        uncopied. Raises `RemoteProtocolError` for a bad size line or trailer, and for data that
        is not followed by CRLF.
        """
        end = len(buffer)
        missing = self.missing
        if missing:
            if end - position <= missing:
                self.missing = missing - (end - position)
                self._after_data = True
                self.position = end
                return buffer[position:] if position else buffer
            stop = position + missing
            pieces = [buffer[position:stop]]
            self.missing = 0
            position = stop
            match_line = _match_next
        else:
            if self._in_trailers:
                self._read_trailers(buffer, position)
                return b""
            pieces = []
            match_line = _match_next if self._after_data else _match_first
        while (line := match_line(buffer, position)) is not None:
            size = int(line[1], 16)
            position = line.end()
            if not size:
                self._in_trailers = True
                self._read_trailers(buffer, position)
                return b"".join(pieces) if pieces else b""
            match_line = _match_next
            stop = position + size
            if stop >= end:
                # The whole rest is data; with nothing before it, not even a join is needed.
                if position < end:
                    pieces.append(buffer[position:])
                self.missing = stop - end
                self._after_data = True
                self.position = end
                return b"".join(pieces)
            pieces.append(buffer[position:stop])
            position = stop
            if size >= _JOIN_LIMIT:
                break
        else:
            self._check_unfinished_line(buffer, position, after_data=match_line is _match_next)
        self._after_data = match_line is _match_next
        self.position = position
        return b"".join(pieces)

    @staticmethod
    def _check_unfinished_line(buffer: bytes, position: int, *, after_data: bool) -> None:
        """Refuse what cannot become a size line, however many bytes follow."""
        if after_data:
            after = buffer[position : position + 2]
            if not b"\r\n".startswith(after):
                raise RemoteProtocolError(
                    f"chunk data is not followed by CRLF but by {excerpt(after)}"
                )
            position += 2
        line = buffer[position : position + MAX_CHUNK_EXTENSION + 64]
        if _could_be_size_line(line):
            return
        line = line.partition(b"\n")[0]
        if len(line) > MAX_CHUNK_EXTENSION and b";" in line:
            raise RemoteProtocolError(
                f"chunk extensions are longer than {MAX_CHUNK_EXTENSION} bytes: {excerpt(line)}"
            )
        raise RemoteProtocolError(f"malformed chunk size: {excerpt(line)}")

    def _read_trailers(self, buffer: bytes, position: int) -> None:
        """Read the trailer section and the empty line after it (RFC 9112 section 7.1.2)."""
        self.position = position
        if buffer[position : position + 2] == b"\r\n":
            self.position = position + 2
            self.finished = True
            return
        end = buffer.find(b"\r\n\r\n", position)
        size = (end + 4 if end >= 0 else len(buffer)) - position
        if size > self._max_trailer_bytes:
            raise RemoteProtocolError(f"trailers are longer than {self._max_trailer_bytes} bytes")
        if end < 0:
            refuse_bare_line_ends(buffer, position, "trailers")
            return
        text = str(buffer[position : end + 2], "latin-1")
        pairs, index = parse_fields(text, 0, self._max_count)
        if not _REFUSED_TRAILERS.isdisjoint(index):
            self.odd = True
            pairs = tuple([pair for pair in pairs if pair[0].lower() not in _REFUSED_TRAILERS])
            self.trailers = Headers.trusted(pairs)
        else:
            self.trailers = Headers.trusted(pairs, index)
        self.position = end + 4
        self.finished = True
