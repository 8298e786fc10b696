"""Responses to test readers with: mostly right, now and then odd, and with bytes changed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

CRLF = b"\r\n"

STATUS_LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 500 ",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 200",
]
ODD_STATUS_LINES = [
    b"HTTP/1.1 099 X",
    b"HTTP/1.1 600 X",
    b"HTTP/1.2 200 X",
    b"HTTP/2.0 200 X",
    b"HTTP/0.9 200 X",
    b"http/1.1 200 X",
    b"HTTP/1.1  200 X",
    b"HTTP/1.1 20 X",
    b"HTTP/1.1 2000 X",
    b"HTTP/1.1 200 \xe9\x01",
    b"HTTP/1.1 101 Switching Protocols",
    b"",
]
INTERIM = [b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early Hints", b"HTTP/1.1 199 X"]
LINES = [
    b"Server: x",
    b"A:",
    b"B: \t1 \t",
    b"C: \xe9, \x80",
    b"Connection: keep-alive",
    b"Connection: close",
    b"Connection: a, Close",
    b"Upgrade: x",
    b"Set-Cookie: a=b; c",
]
ODD_LINES = [
    b"A : b",
    b" folded",
    b"\tfolded",
    b": b",
    b"no colon",
    b"A(: b",
    b"\xe9: b",
    b"A: \x00",
    b"A: \x01",
    b"A: \x7f",
    b"A: b\rc",
    b"A: b\nB: c",
    b"Content-Length: 3",
    b"Content-Length: 3, 3",
    b"Content-Length: 4",
    b"Content-Length: +3",
    b"Content-Length: 03",
    b"Content-Length: ",
    b"Content-Length: 0000000000000000003",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: chunked;a=b",
]
SIZE_LINES = [b"%x", b"%x", b"%x", b"0%X", b"%x;a=b", b'%x;a="b c"', b"%020x"]
ODD_SIZE_LINES = [
    b"%x ",
    b" %x",
    b"0x%x",
    b"+%x",
    b"%x ;a",
    b"%x;\x01",
    b"%x;a\rb",
    b"%x;=",
    b"%x;",
]
TRAILERS = [b"A: 1", b"B: \t2 "]
ODD_TRAILERS = [
    b"A : 1",
    b" folded",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    b"Connection: close",
    b"A: \x01",
]
INSERTED = [bytes([byte]) for byte in b'\r\n\t :;,0123af+-"x\x00\x01\x7f\x80\xff'] + [CRLF]


def _mostly(usual: list[bytes], odd: list[bytes]) -> st.SearchStrategy[bytes]:
    usual_strategy = st.sampled_from(usual)
    return st.one_of(*[usual_strategy] * 12, st.sampled_from(odd))


@st.composite
def chunked_bodies(draw: st.DrawFn) -> bytes:
    """Draw a chunked body with its trailers."""
    parts = []
    for data in draw(st.lists(st.binary(min_size=1, max_size=5), max_size=3)):
        size_line = draw(_mostly(SIZE_LINES, ODD_SIZE_LINES)) % len(data)
        parts.append(size_line + CRLF + data + CRLF)
    parts.append(draw(_mostly([b"0", b"00;a"], [b"0 ", b"000000000000000000000"])) + CRLF)
    parts += [line + CRLF for line in draw(st.lists(_mostly(TRAILERS, ODD_TRAILERS), max_size=2))]
    return b"".join(parts) + CRLF


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """Draw a whole response, sometimes after interim ones, sometimes with bytes after its end."""
    message = b""
    for line in draw(st.lists(st.sampled_from(INTERIM), max_size=2)) if draw(st.booleans()) else []:
        fields = draw(st.lists(_mostly(LINES, ODD_LINES), max_size=1))
        message += CRLF.join([line, *fields, b"", b""])
    lines = draw(st.lists(_mostly(LINES, ODD_LINES), max_size=4))
    framing = draw(st.sampled_from(["length", "length", "chunked", "chunked", "close"]))
    if framing == "chunked":
        body = draw(chunked_bodies())
        lines.append(b"Transfer-Encoding: chunked")
    else:
        body = draw(st.binary(max_size=8))
        if framing == "length":
            lines.append(b"Content-Length: %d" % len(body))
    status_line = draw(_mostly(STATUS_LINES, ODD_STATUS_LINES))
    ends = draw(st.sampled_from([CRLF] * 12 + [b"\n"]))
    message += ends.join([status_line, *draw(st.permutations(lines)), b"", b""]) + body
    return message + draw(st.sampled_from([b"", b"", b"", b"", CRLF, b"x"]))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a response of which a few bytes were dropped, repeated, replaced or added."""
    message = draw(responses())
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, max(0, len(message) - 1)))
        length = draw(st.integers(0, 2))
        inserted = draw(st.sampled_from([b"", message[at : at + 3], *INSERTED]))
        message = message[:at] + inserted + message[at + length :]
    return message


def cuts(message: bytes, places: list[int]) -> list[bytes]:
    """Cut the message at these places, which may lie outside of it."""
    edges = sorted({0, len(message), *[place % (len(message) + 1) for place in places]})
    return [message[start:end] for start, end in pairwise(edges)]
