# GENERATED from _async/test_json_lines.py by tools/unasync.py. Do not edit.
"""`stream.json_lines()`: the values of JSON Lines, one after another."""

from __future__ import annotations

import pytest

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    DecodeError,
    InvalidJSONError,
    InvalidOptionError,
    ReadTimeout,
    ResponseTooLargeError,
    StreamClosed,
)
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.url import URL
from tests.loopback import LoopbackServer
from tests.servers import Scripted, until_closed

REQUEST = Request("GET", URL("http://example.com/x?token=hunter2hunter2"), Headers({"X-Id": "5"}))
LINES = b'{"a": 1}\r\n\n[true, null]\n"x\xc3\xa9"\n3'
VALUES = [{"a": 1}, [True, None], "xé", 3]


def stream_of(*pieces: bytes) -> ResponseStream:
    """Return a stream whose body comes in these pieces."""
    return ResponseStream(request=REQUEST, status=200, source=BytesSource(pieces))


def values_of(iterator: object) -> list[object]:
    return [value for value in iterator]


def test_values() -> None:
    """Each line is a value, blank ones are none, and the last needs no end."""
    assert VALUES == values_of(stream_of(LINES).json_lines())
    assert VALUES == values_of(stream_of(LINES + b"\n\n").json_lines())
    assert VALUES == values_of(stream_of(*(bytes([byte]) for byte in LINES)).json_lines())
    assert [] == values_of(stream_of().json_lines())


def test_values_that_are_false() -> None:
    """null, false, 0 and "" are values like others."""
    assert [None, False, 0, ""] == values_of(stream_of(b'null\nfalse\n0\n""\n').json_lines())


def test_values_come_while_the_body_does() -> None:
    """A line is given as soon as it is whole, while the connection stays open."""

    def stall(connection: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n1\n2\n[3")
        until_closed(connection)

    with LoopbackServer(Scripted([stall])) as running:
        client = Client(running.url, timeout=Timeout(read=0.1))
        with client, client.stream("GET", "/") as stream:
            values = stream.json_lines()
            assert [1, 2] == [values.__next__(), values.__next__()]
            with pytest.raises(ReadTimeout):
                values.__next__()


def test_a_break_loses_nothing() -> None:
    """Another loop over the same iterator goes on."""
    with stream_of(LINES) as stream:
        values = stream.json_lines()
        for value in values:
            assert VALUES[0] == value
            break

        assert VALUES[1:] == values_of(values)
        assert [] == values_of(values)


def test_a_loaded_body_has_lines_too() -> None:
    """After `read()` the lines are those of the bytes in memory."""
    stream = stream_of(LINES)
    stream.read()

    assert VALUES == values_of(stream.json_lines())


@pytest.mark.parametrize("line", [b"{", b"{1}", b"\xff", b"1 2"])
def test_lines_that_are_no_json(line: bytes) -> None:
    """The error names the line, counting blank ones, and the request; the next line can be had."""
    values = stream_of(b"1\n\n2\n", line, b"\n3\n").json_lines()
    assert [1, 2] == [values.__next__(), values.__next__()]

    with pytest.raises(DecodeError) as caught:
        values.__next__()

    error = caught.value
    assert InvalidJSONError is type(error)
    assert "line 4 of the body of GET http://example.com/x?token=*** is not JSON" in str(error)
    assert (REQUEST, 200) == (error.request, error.status)
    assert [3] == values_of(values)


def test_a_cut_value_shows_no_secrets() -> None:
    """A last line that is cut is shown, what the request kept secret is not."""
    with pytest.raises(
        InvalidJSONError, match=r'line 1 .*: \{"a": "hello", "b": "\*\*\*'
    ) as caught:
        values_of(stream_of(b'{"a": "hello", "b": "hunter2hunter2').json_lines())

    assert "hunter2" not in str(caught.value)


def test_deep_nesting_is_no_json() -> None:
    """What the parser cannot nest is an error of ours, not a RecursionError."""
    with pytest.raises(InvalidJSONError, match="line 1"):
        values_of(stream_of(b"[" * 100_000).json_lines())


def test_long_lines_end_the_stream() -> None:
    """A line over the limit raises, names its number and closes the stream."""
    stream = stream_of(b"12345\n", b"123", b"456\n7\n")
    values = stream.json_lines(max_line_bytes=5)

    assert 12345 == values.__next__()
    with pytest.raises(
        ResponseTooLargeError, match="line 2 is longer than max_line_bytes=5"
    ) as caught:
        values.__next__()
    assert REQUEST == caught.value.request
    with pytest.raises(ResponseTooLargeError):
        values.__next__()
    with pytest.raises(StreamClosed):
        stream.read()


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "9", None])
def test_limits_out_of_range(size: object) -> None:
    """A limit is a number of bytes from 1; the body is untouched by a wrong one."""
    stream = stream_of(LINES)

    with pytest.raises(InvalidOptionError, match="max_line_bytes=.*give a number of bytes from 1"):
        stream.json_lines(max_line_bytes=size)
    assert LINES == stream.read()


class Upper:
    """A codec whose results can be told from those of others."""

    def dumps(self, value: object, /) -> bytes:
        return b"null"

    def loads(self, data: bytes, /) -> object:
        return data.decode().upper()


def test_the_codec_is_the_client_s() -> None:
    """Lines are parsed by the `json_codec` of the client, without line ends and marks."""
    with LoopbackServer(Scripted([b"HTTP/1.1 200 OK\r\n\r\n\xef\xbb\xbfa\r\nb"])) as running:
        client = Client(running.url, json_codec=Upper())
        with client, client.stream("GET", "/") as stream:
            assert ["A", "B"] == values_of(stream.json_lines())
