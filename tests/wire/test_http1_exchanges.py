"""One reader serves one connection: exchanges in a row, reuse, ends of the connection, limits."""

from __future__ import annotations

import pytest

from antiphon.errors import LocalProtocolError, RemoteProtocolError
from antiphon.models.headers import EMPTY_HEADERS
from antiphon.wire.http1 import ResponseReader
from tests.wire.http1_reading import FEEDS, read

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def started(data: bytes = b"", method: str = "GET") -> ResponseReader:
    reader = ResponseReader()
    reader.start(method)
    if data:
        reader.feed(data)
    return reader


def finished(data: bytes, method: str = "GET") -> ResponseReader:
    reader = started(data, method)
    assert reader.next_head() is not None
    while reader.next_data():
        pass
    assert reader.complete
    return reader


# Exchanges in a row. -----------------------------------------------------------------------------


def test_exchanges_follow_each_other_on_one_reader():
    """After a complete response the next exchange starts afresh."""
    reader = ResponseReader()
    for message, method, body, trailers in [
        (HELLO, "GET", b"hello", ()),
        (CHUNKED + b"2\r\nhi\r\n0\r\nA: 1\r\n\r\n", "GET", b"hi", (("A", "1"),)),
        (OK + b"Content-Length: 9\r\n\r\n", "HEAD", b"", ()),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "PUT", b"", ()),
        (CHUNKED + b"0\r\n\r\n", "GET", b"", ()),
        (HELLO, "GET", b"hello", ()),
    ]:
        reader.start(method)
        assert not reader.bytes_started
        assert EMPTY_HEADERS == reader.trailers
        reader.feed(message)
        assert reader.next_head() is not None
        assert body == (reader.next_data() or b"")
        assert b"" == reader.next_data()
        assert trailers == reader.trailers.pairs
        assert reader.reusable


def test_a_length_body_is_complete_with_its_last_byte():
    """`complete` does not wait for another call once all announced bytes were returned."""
    reader = started(HELLO)
    assert reader.next_head() is not None
    assert not reader.complete
    assert b"hello" == reader.next_data()
    assert reader.complete
    assert reader.reusable


def test_start_is_refused_while_a_response_is_unfinished():
    """A second request must not be read from the middle of the first response."""
    reader = started(HELLO[:-1])
    with pytest.raises(LocalProtocolError, match="previous response on this connection"):
        reader.start("GET")
    assert reader.next_head() is not None
    assert b"hell" == reader.next_data()
    with pytest.raises(LocalProtocolError, match="previous response on this connection"):
        reader.start("GET")
    assert not reader.reusable


@pytest.mark.parametrize(
    ("message", "method", "said"),
    [
        (HELLO.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), "GET", "cannot be used"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "GET", "handed over"),
        (OK + b"\r\n", "CONNECT", "handed over"),
    ],
)
def test_start_is_refused_where_the_connection_ended(message, method, said):
    """A connection that the peer closes, or that now speaks otherwise, takes no more requests."""
    reader = finished(message, method)
    assert not reader.reusable
    with pytest.raises(LocalProtocolError, match=said):
        reader.start("GET")


@pytest.mark.parametrize("first", [b"", HELLO])
def test_bytes_that_nobody_asked_for_end_the_use(first):
    """Bytes before a request, as a 408 to an idle connection, are no response to it."""
    reader = finished(first) if first else ResponseReader()
    assert reader.reusable
    reader.feed(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert not reader.reusable
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match=r"no request asked for: 'HTTP/1\.1 408"):
            reader.start("GET")


@pytest.mark.parametrize("first", [b"", HELLO])
def test_a_closed_connection_takes_no_request(first):
    """A connection that the peer closed while it was idle is not reusable."""
    reader = finished(first) if first else ResponseReader()
    reader.feed_eof()
    assert not reader.reusable
    with pytest.raises(LocalProtocolError, match="cannot be used"):
        reader.start("GET")


def test_a_fresh_reader_is_reusable_and_incomplete():
    """Before the first exchange there is nothing to read and nothing against a request."""
    reader = ResponseReader()
    assert (True, False, False) == (reader.reusable, reader.complete, reader.bytes_started)
    assert (b"", EMPTY_HEADERS) == (reader.handover, reader.trailers)


def test_calls_out_of_order_are_refused():
    """Heads and data are asked for in their own phase only."""
    reader = ResponseReader()
    with pytest.raises(LocalProtocolError, match="outside the head"):
        reader.next_head()
    with pytest.raises(LocalProtocolError, match="before the final head"):
        reader.next_data()
    reader.start("GET")
    with pytest.raises(LocalProtocolError, match="before the final head"):
        reader.next_data()
    reader.feed(HELLO)
    assert reader.next_head() is not None
    with pytest.raises(LocalProtocolError, match="outside the head"):
        reader.next_head()
    reader.feed_eof()
    with pytest.raises(LocalProtocolError, match="after the end of the connection"):
        reader.feed(b"x")


def test_an_error_is_raised_again_by_every_later_call():
    """A failed response stays failed, with the same words, and its connection is never reusable."""
    reader = started(b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n")
    for call in (reader.next_head, reader.next_head, reader.next_data, lambda: reader.start("GET")):
        with pytest.raises(RemoteProtocolError, match="whitespace between the name 'A'"):
            call()
        reader.feed(HELLO)
    assert (False, False) == (reader.complete, reader.reusable)


def test_bytes_started_tells_whether_anything_came():
    """One byte of a response is enough to forbid that its request is silently sent again."""
    reader = started()
    assert not reader.bytes_started
    reader.feed(b"H")
    assert reader.bytes_started
    assert reader.next_head() is None


# Keep-alive (RFC 9112 section 9.3). ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "lines", "reusable"),
    [
        ("1.1", [], True),
        ("1.1", ["keep-alive"], True),
        ("1.1", ["Keep-Alive"], True),
        ("1.1", ["upgrade"], True),
        ("1.1", ["closed"], True),
        ("1.1", [""], True),
        ("1.1", ["close"], False),
        ("1.1", ["CLOSE"], False),
        ("1.1", ["foo,close ,bar"], False),
        ("1.1", ["keep-alive, close"], False),
        ("1.1", ["keep-alive", "close"], False),
        ("1.1", ["close", "keep-alive"], False),
        ("1.0", [], False),
        ("1.0", ["foo"], False),
        ("1.0", ["keep-alive"], True),
        ("1.0", ["foo, Keep-Alive"], True),
        ("1.0", ["keep-alive", "foo"], True),
        ("1.0", ["keep-alive", "close"], False),
    ],
)
def test_keep_alive_is_agreed_by_version_and_options(version, lines, reusable):
    """HTTP/1.1 persists unless closed, HTTP/1.0 closes unless kept; close wins."""
    fields = "".join(f"Connection: {line}\r\n" for line in lines)
    message = f"HTTP/{version} 200 OK\r\n{fields}Content-Length: 0\r\n\r\n"
    assert reusable == read([message.encode()]).reusable


# The end of the connection in each phase. ----------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "peer closed without sending a response"),
        (b"HTTP/1.", "peer closed after 7 bytes of an unfinished response head"),
        (OK + b"A: b\r\n", "peer closed after 23 bytes of an unfinished response head"),
        (b"HTTP/1.1 200 OK\nA: b\n", "peer closed after 21 bytes of an unfinished response head"),
        (b"HTTP/1.1 100 C\r\n\r\n" * 2, "peer closed after 2 interim (1xx) responses only"),
        (b"HTTP/1.1 100 C\r\n\r\nHTTP", "peer closed after 4 bytes of an unfinished response head"),
        (HELLO[:-5], "peer closed after 0 of 5 body bytes"),
        (HELLO[:-1], "peer closed after 4 of 5 body bytes"),
        (CHUNKED, "peer closed after 0 body bytes, before the end of the chunked body"),
        (CHUNKED + b"5", "peer closed after 0 body bytes"),
        (
            CHUNKED + b"5\r\nhel",
            "after 3 body bytes, before the end of the chunked body, 2 missing",
        ),
        (CHUNKED + b"5\r\nhello", "peer closed after 5 body bytes, before the end"),
        (CHUNKED + b"5\r\nhello\r\n", "peer closed after 5 body bytes, before the end"),
        (CHUNKED + b"5\r\nhello\r\n0\r\n", "peer closed after 5 body bytes, before the end"),
        (
            CHUNKED + b"5\r\nhello\r\n0\r\nA: b\r\n",
            "peer closed after 5 body bytes, before the end",
        ),
    ],
)
@pytest.mark.parametrize("feed", FEEDS)
def test_a_connection_that_ends_too_early_is_an_error(message, said, feed):
    """A truncated response is never a short one; the error says how much had come."""
    for pieces in FEEDS[feed](message):
        assert said in read(pieces).error
    assert said in read([message]).error


def test_empty_bytes_are_the_end_of_the_connection():
    """What a socket returns at its end can be fed as it is."""
    reader = started(OK + b"\r\nhi")
    assert reader.next_head() is not None
    assert b"hi" == reader.next_data()
    assert None is reader.next_data()
    assert not reader.complete
    reader.feed(b"")
    assert b"" == reader.next_data()
    assert (True, False) == (reader.complete, reader.reusable)


# Limits. -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_head_may_have_as_many_bytes_as_the_limit(line_end):
    """The limit counts the whole head with its empty line; one byte more is refused."""
    start = b"HTTP/1.1 200 OK" + line_end + b"A: "
    end = line_end + b"Content-Length: 0" + line_end * 2
    fits = start + b"x" * (300 - len(start) - len(end)) + end
    assert 300 == len(fits)
    too_long = start + b"x" + fits[len(start) :]

    for split in FEEDS.values():
        for pieces in split(fits):
            assert "" == read(pieces, max_head_bytes=300).error
        for pieces in split(too_long):
            assert "head is longer than 300 bytes" in read(pieces, max_head_bytes=300).error


def test_a_head_without_an_end_is_refused_at_the_limit():
    """What is kept of a head that never ends is bounded."""
    reader = started()
    reader.feed(OK + b"A: ")
    with pytest.raises(RemoteProtocolError, match="longer than 65536 bytes"):
        for _ in range(100):
            assert None is reader.next_head()
            reader.feed(b"x" * 1000)


@pytest.mark.parametrize(("count", "error"), [(8, ""), (9, "more than 8 header lines: 9")])
def test_header_lines_are_counted(count, error):
    """More lines than the limit are refused, in the head and in the trailers."""
    lines = b"A: b\r\n" * (count - 1)
    head = OK + b"Transfer-Encoding: chunked\r\n" + lines + b"\r\n0\r\n\r\n"
    trailers = CHUNKED + b"0\r\n" + lines + b"A: b\r\n\r\n"

    assert error == read([head], max_header_count=8).error
    assert error == read([trailers], max_header_count=8).error


def test_trailers_are_limited_as_heads_are():
    """Trailers that go on are refused at the limit of the head."""
    for size, error in [(100, ""), (101, "trailers are longer than 100 bytes")]:
        trailers = b"A: " + b"x" * (size - 7) + b"\r\n\r\n"
        assert size == len(trailers)
        for split in FEEDS.values():
            for pieces in split(CHUNKED + b"0\r\n" + trailers):
                assert error == read(pieces, max_head_bytes=100).error


def test_interim_responses_are_counted_for_each_exchange():
    """Up to 32 interim responses may precede the final one, in every exchange anew."""
    message = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 32 + HELLO
    reader = ResponseReader()
    for _ in range(2):
        reader.start("GET")
        reader.feed(message)
        heads = [reader.next_head() for _ in range(33)]
        assert [103] * 32 + [200] == [head and head.status for head in heads]
        assert b"hello" == reader.next_data()
        assert reader.reusable


# Costs. ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head", [OK + b"Content-Length: 1000000\r\n\r\n", OK + b"\r\n", CHUNKED + b"f4240\r\n"]
)
def test_a_piece_that_is_all_body_is_passed_through(head):
    """Large bodies are not copied: the bytes object that was fed comes out."""
    reader = started(head)
    assert reader.next_head() is not None
    assert None is reader.next_data()
    for _ in range(10):
        piece = b"x" * 100_000
        reader.feed(piece)
        assert piece is reader.next_data()


def test_an_idle_reader_keeps_no_body():
    """What was read is let go of, so that idle connections hold no memory."""
    for message in (HELLO, CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"):
        reader = finished(message)
        assert b"" == reader._buffer
