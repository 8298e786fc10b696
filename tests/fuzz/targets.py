"""What is fuzzed: each target takes any bytes, and lets no error through but those it may raise."""

from __future__ import annotations

from collections.abc import Callable

from antiphon.errors import (
    ContentDecodingError,
    InvalidURLError,
    RemoteProtocolError,
    ResponseTooLargeError,
)
from antiphon.models.headers import Headers
from antiphon.models.link_header import parse_links
from antiphon.models.url import URL
from antiphon.policies.cookies import CookieJar
from antiphon.wire.chunked import MAX_CHUNK_EXTENSION
from antiphon.wire.decoding import decoder_for
from antiphon.wire.http1 import ResponseReader
from antiphon.wire.ndjson import JSONLinesParser
from antiphon.wire.socks import SocksRefused, socks4_handshake, socks5_handshake
from antiphon.wire.sse import EventStreamParser

Target = Callable[[bytes], None]

SITE = URL("https://www.site.example/a/b")
LIMIT = 256
# What may wait for its end: a head, trailers, or a size line with its extensions.
UNREAD = max(LIMIT, MAX_CHUNK_EXTENSION) + 64
# More decoded bytes than this from one input are enough to know that they come in pieces.
DECODED = 4 * 1024 * 1024
CODINGS = ("gzip", "deflate", "br", "zstd", "gzip, br", "deflate, gzip")
METHODS = ("GET", "HEAD", "POST", "CONNECT")


def _cut(data: bytes) -> tuple[int, list[bytes]]:
    """Split an input into a number that chooses and pieces as they may come from a socket."""
    if len(data) < 2:
        return 0, [data]
    size = data[1] % 32 + 1
    rest = data[2:]
    return data[0], [rest[at : at + size] for at in range(0, len(rest), size)]


def _check_length(error: Exception, limit: int) -> None:
    assert len(str(error)) < limit, "a message repeats what the peer sent"


def http1(data: bytes) -> None:
    """Responses, one after another on one connection."""
    choice, pieces = _cut(data)
    reader = ResponseReader(max_head_bytes=LIMIT, max_header_count=8)
    reader.start(METHODS[choice % 4])
    _respond(reader, pieces)


def chunked(data: bytes) -> None:
    """A chunked body, its extensions and its trailers."""
    _, pieces = _cut(data)
    reader = ResponseReader(max_head_bytes=LIMIT, max_header_count=8)
    reader.start("GET")
    _respond(reader, [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *pieces])


def _respond(reader: ResponseReader, pieces: list[bytes]) -> None:
    head_done = False
    # Each call gives something, ends the response or asks for more: so many are enough.
    calls = 8 * (sum(map(len, pieces)) + len(pieces) + 4)
    try:
        for piece in [*pieces, b""]:
            reader.feed(piece)
            while True:
                calls -= 1
                assert calls > 0, "the reader makes no progress"
                if reader.complete:
                    if not piece or not reader.reusable:
                        return
                    reader.start("GET")
                    head_done = False
                if not head_done:
                    head = reader.next_head()
                    if head is None:
                        break
                    head_done = head.status >= 200 or head.status == 101
                elif reader.next_data() is None:
                    break
            assert len(reader._buffer) - reader._position <= UNREAD, "bytes are hoarded"
    except RemoteProtocolError as error:
        _check_length(error, 1000)


def content_codings(data: bytes) -> None:
    """Compressed bodies."""
    choice, pieces = _cut(data)
    headers = Headers({"Content-Encoding": CODINGS[choice % len(CODINGS)]})
    decoder = decoder_for(headers)
    if decoder is None:
        return
    total = 0
    try:
        for piece in pieces:
            for part in decoder.decode(piece):
                assert len(part) <= 256 * 1024
                total += len(part)
                if total > DECODED:
                    return
        decoder.finish()
    except ContentDecodingError as error:
        _check_length(error, 1000)


def cookies(data: bytes) -> None:
    """`Set-Cookie` lines, and the header that comes of them."""
    jar = CookieJar()
    lines = data.decode("latin-1").split("\n")
    jar.store(SITE, lines, 1_700_000_000.0)
    header = jar.header_for(SITE, 1_700_000_001.0)
    if header is not None:
        assert "\r" not in header
        assert "\0" not in header
    assert len(jar) <= 180
    assert CookieJar.from_json(jar.to_json()).cookies == jar.cookies


def server_sent_events(data: bytes) -> None:
    """Event streams."""
    _, pieces = _cut(data)
    parser = EventStreamParser(LIMIT)
    try:
        for piece in pieces:
            parser.feed(piece)
            while (event := parser.next_event()) is not None:
                assert len(event.data.encode()) <= 3 * LIMIT  # a broken byte is shown as three
    except ResponseTooLargeError:
        return


def json_lines(data: bytes) -> None:
    """JSON Lines."""
    _, pieces = _cut(data)
    parser = JSONLinesParser(LIMIT)
    try:
        for piece in pieces:
            parser.feed(piece)
            while (line := parser.next_line()) is not None:
                assert 0 < len(line) <= LIMIT
        parser.finish()
        while parser.next_line() is not None:
            pass
    except ResponseTooLargeError:
        return


def urls(data: bytes) -> None:
    """URLs and references: whatever is taken is taken again as it was written."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        url = URL(text)
    except InvalidURLError as error:
        _check_length(error, 2000)
    else:
        assert URL(url.text) == url
        assert url.target.isascii()
        assert not set(url.target) & set("\r\n\0 ")
    try:
        joined = SITE.join(text)
    except InvalidURLError:
        return
    assert not set(joined.target) & set("\r\n\0 ")


def links(data: bytes) -> None:
    """`Link` headers."""
    for link in parse_links(data.decode("latin-1").split("\n"), SITE).values():
        assert str(link)


def socks(data: bytes) -> None:
    """The answers of a SOCKS proxy."""
    if not data:
        return
    choice, answers = data[0] % 3, data[1:]
    if choice == 0:
        handshake = socks4_handshake("10.0.0.1", 80, b"user", by_name=False)
    else:
        credentials = (b"user", b"password") if choice == 1 else None
        handshake = socks5_handshake("host.example", 443, credentials)
    try:
        _, count = next(handshake)
        for _ in range(10):
            assert 0 <= count <= 258
            if len(answers) < count:
                return
            answer, answers = answers[:count], answers[count:]
            _, count = handshake.send(answer)
    except StopIteration:
        return
    except SocksRefused as error:
        _check_length(error, 500)
    else:
        raise AssertionError("the handshake has no end")


TARGETS: dict[str, Target] = {
    "http1": http1,
    "chunked": chunked,
    "content_codings": content_codings,
    "cookies": cookies,
    "server_sent_events": server_sent_events,
    "json_lines": json_lines,
    "urls": urls,
    "links": links,
    "socks": socks,
}

# What random bytes would take long to find, to begin with.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "http1": (
        b"\0\7HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"\0\7HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"\2\40HTTP/1.0 200 OK\nConnection: keep-alive\n\nbody",
        b"\0\1HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    ),
    "chunked": (
        b"\0\5a;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
        b"\0\1FFFFFFFFFFFFFFFFF\r\n",
        b"\0\5a;" + 400 * b"x",
    ),
    "content_codings": (
        b"\0\7\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05",
        b"\1\7x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15",
        b"\2\7\x8b\x02\x80hello\x03",
        b"\3\7(\xb5/\xfd \x05)\x00\x00hello",
    ),
    "cookies": (
        b"a=1; Path=/; Domain=site.example; Max-Age=5; Secure; HttpOnly; SameSite=Lax",
        b"__Host-a=1; Path=/; Secure\nb=2; Expires=Wed, 21 Oct 2065 07:28:00 GMT",
    ),
    "server_sent_events": (
        b"\0\5\xef\xbb\xbfid: 1\nevent: x\nretry: 10\ndata: a\rdata: b\r\n\r\n: comment\n\n",
    ),
    "json_lines": (b'\0\3{"a": 1}\r\n\n[2]\n3',),
    "urls": (
        b"http://user:pass@www.example.com:8080/a/../b?q=1#f",
        b"https://[fe80::1%25eth0]:443/",
        b"//other/path",
        "https://bücher.example/ä?ö".encode(),
    ),
    "links": (b"</a?page=2>; rel=\"next last\"; title*=UTF-8''x, <b>; rel=prev",),
    "socks": (
        b"\0\0\x5a\0\0\0\0\0\0",
        b"\1\5\2\1\0\5\0\0\1\1\2\3\4\0\x50",
        b"\2\5\0\5\0\0\3\4host\0\x50",
    ),
}
