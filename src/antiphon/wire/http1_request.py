"""Requests of HTTP/1.1 as bytes: the head and the framing of the body (RFC 9112 sections 3, 6, 7).

Headers arrive as bytes that `Headers` has checked. What else goes into the head is checked here
once more, so that no request can ever be split.
"""

from __future__ import annotations

from typing import Final

from antiphon.errors import LocalProtocolError
from antiphon.models.headers import EMPTY_HEADERS, Headers

LAST_CHUNK: Final = b"0\r\n\r\n"
"""Ends a chunked body, without trailers (RFC 9112 section 7.1)."""

# Up to here one copy into one piece is cheaper than the system calls for three.
_JOIN_LIMIT = 65_536


def encode_head(
    method: str, target: str, headers_wire: bytes, host: str, extra: bytes = b""
) -> bytes:
    r"""Return the request line, Host, headers and the empty line (RFC 9112 section 3).

    `headers_wire` and `extra` are whole lines, each with its CRLF. Raises `LocalProtocolError` if
    method, target or host have a space, a control character or one outside ASCII.
    """
    line = f"{method} {target} {host}"
    # In ASCII, printable is 0x20 to 0x7e: no CR, LF, NUL, HTAB, DEL; and no space but our two.
    if not (line.isascii() and line.isprintable() and line.count(" ") == 2 and method and target):
        _refuse_parts(method, target, host)
    start = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n".encode("ascii")
    return b"%b%b%b\r\n" % (start, headers_wire, extra)


def _refuse_parts(method: str, target: str, host: str) -> None:
    parts = (("method", method), ("target", target), ("host", host))
    for part, value in parts:  # pragma: no branch - one of them is at fault
        if not value and part != "host":
            raise LocalProtocolError(f"the request {part} is empty")
        for character in value:
            if not "!" <= character <= "~":
                raise LocalProtocolError(
                    f"the request {part} has the character {character!a} in it"
                )


def encode_chunk(data: bytes) -> tuple[bytes, ...]:
    """Return the pieces of one chunk, to be sent in order (RFC 9112 section 7.1).

    Large data is not copied: it is a piece of its own. Empty data gives no piece at all, because
    an empty chunk would end the body.
    """
    if not data:
        return ()
    if len(data) <= _JOIN_LIMIT:
        return (b"%x\r\n%b\r\n" % (len(data), data),)
    return (b"%x\r\n" % len(data), data, b"\r\n")


class RequestBodyFraming:
    """Frames one request body: by Content-Length if the length is known, else in chunks.

    `header` is the line for the head. A body that yields more or fewer bytes than it announced
    raises `LocalProtocolError`: the peer could not tell where the next request starts, so the
    connection must then be closed (RFC 9112 section 6.2).
    """

    __slots__ = ("_length", "_sent", "header")

    def __init__(self, length: int | None) -> None:
        self._length = length
        self._sent = 0
        if length is None:
            self.header = b"Transfer-Encoding: chunked\r\n"
        else:
            self.header = b"Content-Length: %d\r\n" % length

    @property
    def is_chunked(self) -> bool:
        """Whether the body is sent in chunks, because its length is not known."""
        return self._length is None

    def encode(self, data: bytes) -> tuple[bytes, ...]:
        """Return the pieces to send for the next bytes of the body."""
        if self._length is None:
            return encode_chunk(data)
        self._sent += len(data)
        if self._sent > self._length:
            raise LocalProtocolError(
                f"the request body is longer than the {self._length} bytes it announced"
            )
        return (data,) if data else ()

    def finish(self, trailers: Headers = EMPTY_HEADERS) -> tuple[bytes, ...]:
        """Return the pieces that end the body; only one in chunks has a place for `trailers`."""
        if self._length is None:
            return (b"0\r\n%b\r\n" % trailers.wire if trailers else LAST_CHUNK,)
        if self._sent < self._length:
            message = (
                f"the request body ended after {self._sent} of the {self._length} bytes that "
                "it announced"
            )
            raise LocalProtocolError(message)
        return ()
