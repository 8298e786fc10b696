"""Scripts for a `FaultServer`: what servers and networks do to a connection, each by its name.

Every script spoils the first request of its connection, those at the end of the file the second.
`after(script)` lets one more be answered before.
"""

from __future__ import annotations

from antiphon.testing.fault_script import (
    Answer,
    Close,
    Drip,
    HalfClose,
    Handshake,
    NeverRead,
    Pour,
    ReadBytes,
    ReadHead,
    ReadRequest,
    Reset,
    Script,
    Send,
    Serve,
    Stall,
    reply,
)

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
_CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_UNTIL_CLOSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"


def after(script: Script, *, answers: int = 1) -> Script:
    """Answer so many requests well, and spoil what comes next on the same connection."""
    return (*(Answer(),) * answers, *script)


GOOD: Script = (Serve(),)

# Before HTTP. ------------------------------------------------------------------------------------

STALL_IN_HANDSHAKE: Script = (ReadBytes(1), Stall(), Handshake())
RESET_IN_HANDSHAKE: Script = (ReadBytes(1), Reset(), Handshake())
CLOSE_IN_HANDSHAKE: Script = (ReadBytes(1), Close(), Handshake())
GARBAGE_IN_HANDSHAKE: Script = (
    ReadBytes(1),
    Send(b"220 mail.test ESMTP\r\n"),
    Stall(),
    Handshake(),
)

# While the request is sent. ----------------------------------------------------------------------

RESET_AT_ONCE: Script = (Reset(),)
CLOSE_AT_ONCE: Script = (Close(),)
NEVER_READ: Script = (NeverRead(),)
RESET_IN_REQUEST_HEAD: Script = (ReadBytes(1), Reset())
RESET_IN_REQUEST_BODY: Script = (ReadHead(), Reset())

# Before and within the head of the response. -----------------------------------------------------

STALL: Script = (ReadRequest(), Stall())
RESET: Script = (ReadRequest(), Reset())
CLOSE: Script = (ReadRequest(), Close())
HALF_CLOSE: Script = (ReadRequest(), HalfClose())
GARBAGE: Script = (Answer(b"\x00\x01\x02 this is not HTTP\r\n\r\n"), Close())
STALL_IN_HEAD: Script = (Answer(b"HTTP/1.1 200 OK\r\nContent-"), Stall())
RESET_IN_HEAD: Script = (Answer(b"HTTP/1.1 200 OK\r\nContent-"), Reset())
CLOSE_IN_HEAD: Script = (Answer(b"HTTP/1.1 200 OK\r\nContent-"), Close())
HALF_CLOSE_IN_HEAD: Script = (Answer(b"HTTP/1.1 200 OK\r\nContent-"), HalfClose())
DRIP_HEAD: Script = (Answer(b"HTTP/1.1 200 OK\r\n"), Drip(b"X: 1\r\n" * 10_000, every=0.005))
ENDLESS_HEAD: Script = (
    Answer(b"HTTP/1.1 200 OK\r\n"),
    Pour(b"X-Endless: and on and on\r\n" * 1000),
)
ENDLESS_HEADER_LINE: Script = (Answer(b"HTTP/1.1 200 OK\r\nX-Endless: "), Pour(b"on and " * 10_000))
ENDLESS_INTERIM: Script = (ReadRequest(), Pour(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000))
TWO_LENGTHS: Script = (
    Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    Stall(),
)
NEGATIVE_LENGTH: Script = (Answer(reply(length=-5)), Stall())

# Within the body of the response. ----------------------------------------------------------------

STALL_IN_BODY: Script = (Answer(_HEAD + b"hello"), Stall())
RESET_IN_BODY: Script = (Answer(_HEAD + b"hello"), Reset())
CLOSE_IN_BODY: Script = (Answer(_HEAD + b"hello"), Close())
HALF_CLOSE_IN_BODY: Script = (Answer(_HEAD + b"hello"), HalfClose())
DRIP_BODY: Script = (Answer(_UNTIL_CLOSE_HEAD), Drip(b"x" * 100_000, every=0.005))
ENDLESS_BODY: Script = (Answer(_UNTIL_CLOSE_HEAD), Pour(b"x" * 65_536))
STALL_IN_CHUNK: Script = (Answer(_CHUNKED_HEAD + b"a\r\nhello"), Stall())
RESET_IN_CHUNK: Script = (Answer(_CHUNKED_HEAD + b"a\r\nhello"), Reset())
CLOSE_IN_CHUNK: Script = (Answer(_CHUNKED_HEAD + b"a\r\nhello"), Close())
CLOSE_BETWEEN_CHUNKS: Script = (Answer(_CHUNKED_HEAD + b"5\r\nhello\r\n"), Close())
GARBAGE_CHUNK: Script = (Answer(_CHUNKED_HEAD + b"5\r\nhello\r\nnonsense\r\n"), Stall())
CUT_TLS: Script = (Answer(_UNTIL_CLOSE_HEAD + b"hello"), Close(notify=False))
BROKEN_CODING: Script = (
    Answer(reply(body=b"not gzip at all", headers=[("Content-Encoding", "gzip")])),
    Serve(),
)

# After a good response. --------------------------------------------------------------------------

CLOSE_AFTER: Script = (Answer(), Close())
RESET_AFTER: Script = (Answer(), Reset())
TOO_MUCH: Script = (Answer(reply() + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), Stall())
TOO_MUCH_LATER: Script = (
    Answer(),
    Send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
    Stall(),
)

# On the next request of a kept-alive connection: the worst moments to end it. --------------------

CLOSE_ON_FIRST_BYTE: Script = after((ReadBytes(1), Close()))
RESET_ON_FIRST_BYTE: Script = after((ReadBytes(1), Reset()))
CLOSE_ON_SECOND: Script = after(CLOSE)
RESET_ON_SECOND: Script = after(RESET)
STALL_ON_SECOND: Script = after(STALL)
CLOSE_IN_SECOND_HEAD: Script = after(CLOSE_IN_HEAD)
