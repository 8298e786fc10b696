"""Line ends in what has not arrived completely, and heads with lone LFs (RFC 9112 section 2.2)."""

from __future__ import annotations

import re
from typing import Final

from antiphon.errors import RemoteProtocolError
from antiphon.wire.excerpt import excerpt

_HTTP: Final = b"HTTP/"
_CR: Final = 13

_find_bare_line_end = re.compile(rb"(?<!\r)\n|\r(?=[^\n])").search


def refuse_bare_line_ends(buffer: bytes, start: int, where: str) -> None:
    """Raise `RemoteProtocolError` at once for a CR or LF that stands alone.

    For parts whose end has not arrived yet: the peer may think that it has sent all, so waiting
    for more would only end in a timeout.
    """
    bare = _find_bare_line_end(buffer, start)
    if bare is not None:
        kind = "LF" if bare.group() == b"\n" else "CR"
        # What follows the name may be a secret, so it is not shown.
        line = buffer[buffer.rfind(b"\n", 0, bare.start()) + 1 : bare.start()]
        raise RemoteProtocolError(
            f"malformed {where}: bare {kind} in the line {excerpt(line.partition(b':')[0])}"
        )


def foreign_start(received: bytes) -> str | None:
    """Say why these first bytes cannot begin a status line; None if they can."""
    if _HTTP.startswith(received[:5]):
        return None
    # RFC 8446 section 5.1: content types alert and handshake.
    hint = " (a TLS record: is this an https port?)" if received[:1] in {b"\x15", b"\x16"} else ""
    return f"it does not start with HTTP/: {excerpt(received)}{hint}"


def has_lone_lf_lines(buffer: bytes, start: int) -> bool:
    """Tell whether the first line from `start` is there and ends with LF alone."""
    newline = buffer.find(b"\n", start)
    return newline >= 0 and (newline == start or buffer[newline - 1] != _CR)


def lone_lf_head(buffer: bytes, start: int) -> tuple[str, int] | None:
    """Return a head with LF line ends as one with CRLF, and the size it had; None if unfinished.

    Old servers write such heads. Mixed line ends are refused: with them, two readers of one
    message can see two different heads.
    """
    end = buffer.find(b"\n\n", start)
    text = str(buffer[start : end + 1 if end >= 0 else len(buffer)], "latin-1")
    if "\r" in text:
        raise RemoteProtocolError(
            "malformed response head: line ends of CRLF and of bare LF are mixed"
        )
    if end < 0:
        return None
    return text.replace("\n", "\r\n"), end + 2 - start
