# GENERATED from _async/test_stream_reading.py by tools/unasync.py. Do not edit.
"""The ways to read a streamed body."""

from __future__ import annotations

import gzip
import zlib

import pytest

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    ContentDecodingError,
    InvalidOptionError,
    ResponseTooLargeError,
    StreamClosed,
    StreamConsumed,
)
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.url import URL
from tests.app import App, answer
from tests.loopback import LoopbackServer

REQUEST = Request("GET", URL("http://example.com/x?token=hunter2"))


def stream_of(*pieces: bytes, **headers: str) -> ResponseStream:
    """Return a stream whose body comes in these pieces; content_type= is Content-Type."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ResponseStream(
        request=REQUEST, status=200, headers=Headers(named), source=BytesSource(pieces)
    )


def pieces_of(iterator: object) -> list[object]:
    return [piece for piece in iterator]


def test_read_loads_once() -> None:
    """`read` returns the whole body, again too, and `content`, `text` and `json()` are then there."""
    stream = stream_of(b'{"a":', b" 1}")

    assert b'{"a": 1}' == stream.read()
    assert b'{"a": 1}' == stream.read()
    assert ('{"a": 1}', {"a": 1}) == (stream.text, stream.json())


def test_content_is_not_there_before_read() -> None:
    """`content` of a stream that was not read says what to do first."""
    with stream_of(b"x") as stream:
        with pytest.raises(StreamConsumed, match=r"call read\(\) first"):
            _ = stream.content


def test_iter_raw_gives_what_was_sent() -> None:
    """`iter_raw` undoes no content coding."""
    packed = gzip.compress(b"hello", mtime=0)
    stream = stream_of(packed[:5], packed[5:], content_encoding="gzip")

    assert [packed[:5], packed[5:]] == pieces_of(stream.iter_raw())


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_iter_bytes_decodes(size: int) -> None:
    """`iter_bytes` undoes content codings, however the bytes arrive."""
    packed = gzip.compress(b"hello world", mtime=0)
    stream = stream_of(
        *[packed[i : i + size] for i in range(0, len(packed), size)], content_encoding="gzip"
    )

    assert b"hello world" == b"".join(pieces_of(stream.iter_bytes()))


def test_iter_bytes_in_chunks_of_a_size() -> None:
    """Every chunk but the last has exactly the size that was asked for."""
    stream = stream_of(b"abc", b"defgh", b"i")

    assert [b"abcd", b"efgh", b"i"] == pieces_of(stream.iter_bytes(4))


@pytest.mark.parametrize("size", [0, -1, 1.5, "4", True])
def test_chunk_sizes_that_cannot_be(size: object) -> None:
    """A chunk has at least one byte, a line at least one character."""
    with stream_of(b"abc") as stream:
        with pytest.raises(InvalidOptionError, match="chunk_size="):
            stream.iter_bytes(size)
        with pytest.raises(InvalidOptionError, match="max_length="):
            stream.iter_lines(max_length=size)


@pytest.mark.parametrize("cap", [-1, 1.5, "4", True])
def test_caps_that_cannot_be(cap: object) -> None:
    """What is no number of bytes is refused before anything is read."""
    with stream_of(b"abc") as stream:
        with pytest.raises(InvalidOptionError, match="max_bytes="):
            stream.read(cap)

        assert b"abc" == stream.read(3)


def test_the_cap_of_the_call() -> None:
    """`read()` keeps to the call's `max_response_bytes`, unless it names a limit of its own."""
    too_long = ResponseTooLargeError, "max_response_bytes=99"
    with LoopbackServer(App({"/": answer(200, b"x" * 100)})) as server:
        with Client(max_response_bytes=99) as client:
            with client.stream("GET", server.url) as stream:
                with pytest.raises(too_long[0], match=too_long[1]):
                    stream.read()
            for cap in (None, 100):
                with client.stream("GET", server.url) as stream:
                    assert b"x" * 100 == stream.read(cap)
                with client.stream("GET", server.url, max_response_bytes=cap) as stream:
                    assert b"x" * 100 == stream.read()
            with client.stream("GET", server.url) as stream:
                assert b"x" * 100 == b"".join(pieces_of(stream.iter_bytes()))


def test_the_cap_of_the_call_counts_for_policies() -> None:
    """A policy that reads a stream in the caller's place keeps to the cap, too."""

    def reads(request: Request, call: object, next: object) -> ResponseStream:
        stream = next(request)
        stream.read()
        return stream

    with LoopbackServer(App({"/": answer(200, b"x" * 100)})) as server:
        with Client(policies=[reads], max_response_bytes=99) as client:
            with pytest.raises(ResponseTooLargeError, match="max_response_bytes=99"):
                with client.stream("GET", server.url):
                    pass


def test_a_loaded_body_can_be_iterated() -> None:
    """After `read` the iterators walk over what was loaded, but raw bytes are gone."""
    stream = stream_of(gzip.compress(b"a\nb", mtime=0), content_encoding="gzip")
    stream.read()

    assert [b"a\nb"] == pieces_of(stream.iter_bytes())
    assert ["a", "b"] == pieces_of(stream.iter_lines())
    with pytest.raises(StreamConsumed):
        stream.iter_raw()


def test_a_body_is_read_once() -> None:
    """A second reader is refused, whatever the first one was; the message shows no query value."""
    stream = stream_of(b"abc")
    assert [b"abc"] == pieces_of(stream.iter_bytes())

    for read in (stream.iter_bytes, stream.iter_raw, stream.iter_text, stream.iter_lines):
        with pytest.raises(StreamConsumed, match="read already") as caught:
            read()
    with pytest.raises(StreamConsumed):
        stream.read()
    assert "hunter2" not in str(caught.value)
    assert REQUEST is caught.value.request


def test_a_closed_stream_is_not_read() -> None:
    """After `close` no byte comes, not even in an iterator that was running."""
    stream = stream_of(b"a", b"b")
    running = stream.iter_bytes()
    assert b"a" == running.__next__()
    stream.close()
    stream.close()

    with pytest.raises(StreamClosed):
        running.__next__()
    with pytest.raises(StreamClosed):
        stream.read()


def test_read_is_capped() -> None:
    """`read(max_bytes)` counts decoded bytes: a bomb is not loaded."""
    bomb = gzip.compress(b"\0" * 10_000_000, mtime=0)
    stream = stream_of(bomb, content_encoding="gzip")

    with pytest.raises(ResponseTooLargeError, match="max_response_bytes=1000"):
        stream.read(1000)
    assert "closed" in repr(stream)


@pytest.mark.parametrize(
    ("content", "coding"),
    [
        (gzip.compress(b"x" * 100, mtime=0)[:-4], "gzip"),
        (zlib.compress(b"x")[:-1], "deflate"),
        (b"?", "gzip"),
        (b"junkjunk", "gzip"),
        (b"junkjunk", "gzip, deflate"),
        (b"junkjunk", "br"),
        (b"junkjunk", "zstd"),
    ],
)
def test_broken_codings(content: bytes, coding: str) -> None:
    """A body that contradicts its coding, or is cut in it, is an error and no short body."""
    for read in ("read", "iter_bytes"):
        stream = stream_of(content, content_encoding=coding)
        with pytest.raises(ContentDecodingError) as caught:
            if read == "read":
                stream.read()
            else:
                pieces_of(stream.iter_bytes())
        assert (200, REQUEST) == (caught.value.status, caught.value.request)
        assert str(caught.value).startswith(f"GET {REQUEST.url.redacted}: the ")
        assert "closed" in repr(stream)


def test_too_many_codings() -> None:
    """So is one that was coded more often than anybody means it."""
    for read in ("read", "iter_bytes"):
        with stream_of(b"x", content_encoding=", ".join(6 * ["gzip"])) as stream:
            with pytest.raises(ContentDecodingError, match="6") as caught:
                if read == "read":
                    stream.read()
                else:
                    stream.iter_bytes()
        assert (200, REQUEST) == (caught.value.status, caught.value.request)


def test_an_empty_body_is_not_a_broken_one() -> None:
    """HEAD and 304 have the headers of a coded body, and no byte of it."""
    assert b"" == stream_of(content_encoding="gzip").read()
    assert [] == pieces_of(stream_of(content_encoding="gzip").iter_bytes())


TEXTS = [
    ("text/plain; charset=latin-1", "é".encode("latin-1"), "é"),
    ('text/plain; charset="utf-16"', "é".encode("utf-16"), "é"),
    ("text/plain", "é€😀".encode(), "é€😀"),
    ("text/plain", b"\xef\xbb\xbfabc", "abc"),
    ("text/plain; charset=utf-8", b"\xef\xbb\xbfabc", "abc"),
    ("text/plain", "\ufeffhé".encode("utf-16-le"), "hé"),
    ("text/plain", "\ufeffhé".encode("utf-32-be"), "hé"),
    ("text/plain; charset=nonsense", "é".encode(), "é"),
    ("text/plain; charset=idna", b"abc", "abc"),
    ("text/plain", b"a\xff", "a\ufffd"),
    ("text/plain", b"", ""),
    ("text/plain", b"ab", "ab"),
]


@pytest.mark.parametrize(("content_type", "content", "text"), TEXTS)
def test_text(content_type: str, content: bytes, text: str) -> None:
    """Charset of the header, then byte order mark, then UTF-8 with replacement; in every split."""
    for size in (1, 2, 3, len(content) + 1):
        pieces = [content[i : i + size] for i in range(0, len(content), size)]
        stream = stream_of(*pieces, content_type=content_type)
        assert text == "".join(pieces_of(stream.iter_text()))

    loaded = stream_of(content, content_type=content_type)
    loaded.read()
    assert text == loaded.text


LINES = [
    ("a\nb\n", ["a", "b"]),
    ("a\r\nb\rc", ["a", "b", "c"]),
    ("\n\n", ["", ""]),
    ("a\r\r\nb", ["a", "", "b"]),
    ("a\u2028b\x0bc\n", ["a\u2028b\x0bc"]),
    ("", []),
    ("no end", ["no end"]),
]


@pytest.mark.parametrize(("text", "lines"), LINES)
def test_lines(text: str, lines: list[str]) -> None:
    """CR, LF and CRLF end a line, nothing else does, wherever the pieces are split."""
    content = text.encode()
    for size in (1, 2, 100):
        pieces = [content[i : i + size] for i in range(0, len(content), size)]
        assert lines == pieces_of(stream_of(*pieces).iter_lines())


def test_a_line_is_handed_over_at_once() -> None:
    """A CR at the end of a piece ends its line; nobody waits for the LF that may follow."""
    lines = stream_of(b"a\r", b"\nb").iter_lines()

    assert "a" == lines.__next__()
    assert "b" == lines.__next__()


def test_lines_are_bounded() -> None:
    """A line that never ends is refused before it fills the memory."""
    stream = stream_of(*[b"x" * 10] * 100)

    with pytest.raises(ResponseTooLargeError, match="max_length=50"):
        pieces_of(stream.iter_lines(max_length=50))


def test_trailers_come_after_the_body() -> None:
    """Trailer fields are there once the body was read, over the wire too."""
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"
    )
    with LoopbackServer(App({"/": chunked})) as server:
        with Client() as client:
            with client.stream("GET", server.url) as stream:
                before = stream.trailers
                stream.read()
            response = client.get(server.url)

    assert (0, "6", "6") == (len(before), stream.trailers["x-sum"], response.trailers["x-sum"])


def test_a_stream_over_the_wire() -> None:
    """Status, headers and URL are known on entry; the body comes in pieces."""
    content = bytes(range(256)) * 4000
    with LoopbackServer(App({"/": answer(200, content, {"X-A": "b"})})) as server:
        with Client() as client, client.stream("GET", server.url) as stream:
            assert (200, "b", len(content)) == (
                stream.status,
                stream.headers["x-a"],
                stream.content_length,
            )
            assert URL(server.url) == stream.url
            pieces = pieces_of(stream.iter_bytes())

    assert len(pieces) > 1
    assert content == b"".join(pieces)


def test_what_the_head_says() -> None:
    """A stream has the status under the name of other clients too, and says whether it is 2xx."""
    for status, success in ((199, False), (200, True), (299, True), (300, False)):
        stream = ResponseStream.of_bytes(REQUEST, status)
        assert (status, success) == (stream.status_code, stream.is_success)
        stream.close()


def test_after_the_end_comes_nothing() -> None:
    """An iterator that reached the end stays there."""
    stream = stream_of(b"x")
    pieces = stream.iter_raw()
    assert [b"x"] == pieces_of(pieces)
    assert [] == pieces_of(pieces)


def test_an_empty_body_that_was_read() -> None:
    """Iterating over an empty body gives no piece, before `read` and after it."""
    stream = stream_of()
    stream.read()
    assert [] == pieces_of(stream.iter_bytes())


def test_a_stream_that_was_not_made() -> None:
    """A constructor that refuses its arguments leaves nothing that complains when it is freed."""
    with pytest.raises(TypeError):
        ResponseStream(request=REQUEST)  # type: ignore[call-arg]
