"""The client side of HTTP/1.1 without I/O: bytes in, heads and body bytes out (RFC 9112).

Requests are made by `encode_head`, `encode_chunk` and `RequestBodyFraming`, responses read by one
`ResponseReader` per connection. docs/http1.md has a table of what is refused and why.
"""

from __future__ import annotations

from typing import Final, NoReturn

from antiphon.errors import LocalProtocolError, RemoteProtocolError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.wire.chunked import ChunkedDecoder
from antiphon.wire.excerpt import excerpt
from antiphon.wire.http1_framing import CHUNKED, UNTIL_CLOSE, body_framing, keeps_alive
from antiphon.wire.http1_head import (
    Index,
    Pairs,
    ResponseHead,
    parse_fields,
    parse_status_line,
)
from antiphon.wire.http1_request import LAST_CHUNK, RequestBodyFraming, encode_chunk, encode_head
from antiphon.wire.line_ends import (
    foreign_start,
    has_lone_lf_lines,
    lone_lf_head,
    refuse_bare_line_ends,
)

__all__ = [
    "LAST_CHUNK",
    "MAX_INTERIM_RESPONSES",
    "RequestBodyFraming",
    "ResponseHead",
    "ResponseReader",
    "encode_chunk",
    "encode_head",
]

MAX_INTERIM_RESPONSES: Final = 32
"""How many 1xx responses may come before the final one (RFC 9110 section 15.2 sets no limit)."""

# Phases, in an order in which ranges have a meaning: up to _DONE nothing is under way, from _DONE
# to _HANDED_OVER the response is complete.
_IDLE: Final = 0
_DONE: Final = 1
_HANDED_OVER: Final = 2
_HEAD: Final = 3
_LENGTH: Final = 4
_CHUNKED: Final = 5
_UNTIL_CLOSE: Final = 6
_FAILED: Final = 7


class ResponseReader:
    """Reads the responses of one connection, one exchange after the other.

    For each exchange: `start(method)`; then `feed` what was received whenever `next_head` or
    `next_data` returned None (`feed_eof` when the peer closed). `next_head` returns interim heads
    (1xx) and at last the final one; `next_data` then returns the body piece by piece and b"" at
    its end. One head takes at most `max_head_bytes` bytes and `max_header_count` lines; trailers
    have the same limits. What the peer did wrong raises `RemoteProtocolError`, again at each
    later call, and the connection is never reusable after it. `LocalProtocolError` is our own
    fault: a call out of order.

    `bytes_started` says that at least one byte of the response has arrived since `start`.
    `trailers` are the fields after a chunked body, once it is complete.
    """

    __slots__ = (
        "_buffer",
        "_decoder",
        "_eof",
        "_failure",
        "_interim_count",
        "_keep_alive",
        "_length",
        "_max_head_bytes",
        "_max_header_count",
        "_method",
        "_odd",
        "_phase",
        "_position",
        "_received",
        "_scanned",
        "bytes_started",
        "trailers",
    )

    def __init__(self, *, max_head_bytes: int = 65_536, max_header_count: int = 256) -> None:
        self._max_head_bytes = max_head_bytes
        self._max_header_count = max_header_count
        self._buffer = b""
        # Unread bytes of the buffer start here; the end of a head was not found before _scanned.
        self._position = 0
        self._scanned = 0
        self._phase = _IDLE
        self._method = ""
        self._eof = False
        # Something was unusual enough that the connection must not be used again.
        self._odd = False
        self._keep_alive = True
        self._interim_count = 0
        self._length = 0
        self._received = 0
        self._decoder: ChunkedDecoder | None = None
        self._failure = ""
        self.bytes_started = False
        self.trailers: Headers = EMPTY_HEADERS

    @property
    def complete(self) -> bool:
        """Whether the whole response was read, or the connection is handed over after its head."""
        return _DONE <= self._phase <= _HANDED_OVER

    @property
    def reusable(self) -> bool:
        """Whether `start` may begin an exchange (RFC 9112 section 9.3).

        True for a fresh connection, and after a complete response if the peer keeps the
        connection open, nothing was odd and no byte follows the response. It does not know
        whether the request was sent whole, nor whether it said `Connection: close`.
        """
        return (
            self._phase <= _DONE
            and self._keep_alive
            and not self._odd
            and not self._eof
            and self._position >= len(self._buffer)
        )

    @property
    def handover(self) -> bytes:
        """The bytes received after a 101 head or a 2xx head to CONNECT; they are not HTTP."""
        if self._phase != _HANDED_OVER:
            return b""
        return self._buffer[self._position :]

    def start(self, method: str) -> None:
        """Begin an exchange whose request has this method, before any of its response is fed.

        Raises `RemoteProtocolError` if the peer has sent bytes that no request asked for, and
        `LocalProtocolError` if the connection is not `reusable` for another reason.
        """
        if not self.reusable:
            self._refuse_start()
        self._phase = _HEAD
        self._method = method
        self._scanned = self._position
        self._interim_count = 0
        self.bytes_started = False
        self.trailers = EMPTY_HEADERS

    def _refuse_start(self) -> NoReturn:
        rest = self._buffer[self._position :]
        if self._phase <= _DONE:
            if rest:
                self._fail(f"the peer sent bytes that no request asked for: {excerpt(rest)}")
            message = "the connection cannot be used for another request"
        elif self._phase == _HANDED_OVER:
            message = "the connection was handed over to another protocol"
        else:
            message = "the previous response on this connection is unfinished"
        self._refuse_call(message)

    def feed(self, data: bytes) -> None:
        """Take bytes just received; b"" means that the peer closed, as `feed_eof` does."""
        if not data:
            self._eof = True
            return
        if self._eof:
            raise LocalProtocolError("bytes were fed after the end of the connection")
        self.bytes_started = True
        position = self._position
        buffer = self._buffer
        # What is carried over was too short to read: it is never much.
        self._buffer = buffer[position:] + data if position < len(buffer) else data
        self._scanned -= position
        self._position = 0

    def feed_eof(self) -> None:
        """Take note that the peer closed its side of the connection."""
        self._eof = True

    def next_head(self) -> ResponseHead | None:
        """Return the next head, interim or final; None if more bytes are needed.

        A head with a status below 200 other than 101 is interim: call again for the next.
        """
        if self._phase != _HEAD:
            self._refuse_call("a head was asked for outside the head of a response")
        buffer = self._buffer
        start = self._position
        try:
            end = buffer.find(b"\r\n\r\n", self._scanned)
            if end < 0:
                return self._unfinished_head()
            if end + 4 - start > self._max_head_bytes:
                self._refuse_size()
            text = str(buffer[start : end + 2], "latin-1")
            newline = text.index("\n")
            if text[newline - 1] != "\r":
                return self._lone_lf_head()
            version, status, reason = parse_status_line(text[: newline - 1])
            pairs, index = parse_fields(text, newline + 1, self._max_header_count)
            return self._accept_head(version, status, reason, pairs, index, end + 4)
        except RemoteProtocolError as error:
            self._phase = _FAILED
            self._failure = error.message
            raise

    def _accept_head(
        self, version: str, status: int, reason: str, pairs: Pairs, index: Index, end: int
    ) -> ResponseHead:
        """Choose what follows the head that ends before `end` (RFC 9112 section 6.3)."""
        self._position = self._scanned = end
        head = ResponseHead(version, status, reason, Headers.trusted(pairs, index))
        if status < 200:
            if status == 101:
                self._phase = _HANDED_OVER
                return head
            self._interim_count += 1
            if self._interim_count > MAX_INTERIM_RESPONSES:
                raise RemoteProtocolError(
                    f"more than {MAX_INTERIM_RESPONSES} interim responses (1xx) in a row"
                )
            # RFC 9110 section 15.2: no content follows. Who announces some may send it, too.
            framed = "content-length" in index or "transfer-encoding" in index
            self._odd = self._odd or framed or not keeps_alive(index, "HTTP/1.1")
            return head
        method = self._method
        if method == "CONNECT" and status < 300:
            # RFC 9110 section 9.3.6: Content-Length and Transfer-Encoding are ignored here.
            self._phase = _HANDED_OVER
            return head
        framing, odd = body_framing(index, version)
        if odd or status >= 600:
            # RFC 9110 section 15: codes from 600 are invalid, but some send them.
            self._odd = True
        self._keep_alive = keeps_alive(index, version)
        if method == "HEAD" or status == 304:
            self._phase = _DONE
        elif status == 204:
            # RFC 9110 section 8.6 forbids lengths here; a 0 does no harm.
            if framing != 0 and framing != UNTIL_CLOSE:
                self._odd = True
            self._phase = _DONE
        elif framing > 0:
            self._phase = _LENGTH
            self._length = framing
            self._received = 0
        elif framing == 0:
            self._phase = _DONE
        elif framing == CHUNKED:
            self._phase = _CHUNKED
            self._received = 0
            if self._decoder is None:
                self._decoder = ChunkedDecoder(self._max_head_bytes, self._max_header_count)
            else:
                self._decoder.reset()
        else:
            self._phase = _UNTIL_CLOSE
            self._keep_alive = False
        return head

    def _unfinished_head(self) -> ResponseHead | None:
        """Return None if the bytes so far may become a head; raise at once if they cannot."""
        buffer = self._buffer
        start = self._position
        received = len(buffer) - start
        if received:
            foreign = foreign_start(buffer[start : start + 96])
            if foreign:
                raise RemoteProtocolError(f"malformed status line: {foreign}")
            if has_lone_lf_lines(buffer, start):
                return self._lone_lf_head()
            refuse_bare_line_ends(buffer, max(start, self._scanned - 1), "response head")
            if received > self._max_head_bytes:
                self._refuse_size()
            self._scanned = max(start, len(buffer) - 3)
        if self._eof:
            self._refuse_eof()
        return None

    def _lone_lf_head(self) -> ResponseHead | None:
        """Read a head whose lines end with lone LFs; the connection is not used again."""
        buffer = self._buffer
        start = self._position
        found = lone_lf_head(buffer, start)
        text, size = found or ("", len(buffer) - start)
        if size > self._max_head_bytes:
            self._refuse_size()
        if not found:
            if self._eof:
                self._refuse_eof()
            return None
        self._odd = True
        line_end = text.index("\r\n")
        version, status, reason = parse_status_line(text[:line_end])
        pairs, index = parse_fields(text, line_end + 2, self._max_header_count)
        if "transfer-encoding" in index:
            raise RemoteProtocolError(
                "Transfer-Encoding in a response head whose lines end with bare LF"
            )
        return self._accept_head(version, status, reason, pairs, index, start + size)

    def next_data(self) -> bytes | None:
        """Return the next bytes of the body; b"" at its end; None if more bytes are needed.

        Received bytes that are all body are returned as they came in, uncopied.
        """
        phase = self._phase
        if phase == _LENGTH:
            buffer = self._buffer
            position = self._position
            available = len(buffer) - position
            if not available:
                if self._eof:
                    self._fail(f"peer closed after {self._received} of {self._length} body bytes")
                return None
            missing = self._length - self._received
            if available > missing:
                self._position = position + missing
                self._phase = _DONE
                return buffer[position : position + missing]
            self._received += available
            if available == missing:
                self._phase = _DONE
            self._buffer = b""
            self._position = 0
            return buffer[position:] if position else buffer
        if _DONE <= phase <= _HANDED_OVER:
            return b""
        if phase == _CHUNKED:
            return self._next_chunked()
        if phase != _UNTIL_CLOSE:
            self._refuse_call("body bytes were asked for before the final head")
        buffer = self._buffer
        position = self._position
        if position < len(buffer):
            self._buffer = b""
            self._position = 0
            return buffer[position:] if position else buffer
        if not self._eof:
            return None
        self._phase = _DONE
        return b""

    def _next_chunked(self) -> bytes | None:
        decoder = self._decoder
        assert decoder is not None
        buffer = self._buffer
        position = self._position
        if position < len(buffer):
            try:
                data = decoder.decode(buffer, position)
            except RemoteProtocolError as error:
                self._fail(error.message)
            self._position = decoder.position
            if self._position >= len(buffer):
                self._buffer = b""
                self._position = 0
            self._received += len(data)
            if decoder.finished:
                self._phase = _DONE
                self.trailers = decoder.trailers
                self._odd = self._odd or decoder.odd
                return data
            if data:
                return data
        if self._eof:
            inside = f", {decoder.missing} missing from the last chunk" if decoder.missing else ""
            self._fail(
                f"peer closed after {self._received} body bytes, before the end of the chunked "
                f"body{inside}"
            )
        return None

    def _fail(self, message: str) -> NoReturn:
        self._phase = _FAILED
        self._failure = message
        raise RemoteProtocolError(message)

    def _refuse_call(self, message: str) -> NoReturn:
        if self._phase == _FAILED:
            self._fail(self._failure)
        raise LocalProtocolError(message)

    def _refuse_size(self) -> NoReturn:
        raise RemoteProtocolError(f"response head is longer than {self._max_head_bytes} bytes")

    def _refuse_eof(self) -> NoReturn:
        if received := len(self._buffer) - self._position:
            message = f"peer closed after {received} bytes of an unfinished response head"
        elif self._interim_count:
            message = f"peer closed after {self._interim_count} interim (1xx) responses only"
        else:
            message = "peer closed without sending a response"
        raise RemoteProtocolError(message)
