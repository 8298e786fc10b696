# Source of _sync/test_json_lines.py; after editing run: tox -e codegen
"""`stream.json_lines()`: the values of JSON Lines, one after another."""

from __future__ import annotations

import pytest

from antiphon._async.bytes_source import AsyncBytesSource
from antiphon._async.client import AsyncClient
from antiphon._async.stream import AsyncResponseStream
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


def stream_of(*pieces: bytes) -> AsyncResponseStream:
    """Return a stream whose body comes in these pieces."""
    return AsyncResponseStream(request=REQUEST, status=200, source=AsyncBytesSource(pieces))


async def values_of(iterator: object) -> list[object]:
    return [value async for value in iterator]


async def test_values() -> None:
    """Each line is a value, blank ones are none, and the last needs no end."""
    assert VALUES == await values_of(stream_of(LINES).json_lines())
    assert VALUES == await values_of(stream_of(LINES + b"\n\n").json_lines())
    assert VALUES == await values_of(stream_of(*(bytes([byte]) for byte in LINES)).json_lines())
    assert [] == await values_of(stream_of().json_lines())


async def test_values_that_are_false() -> None:
    """null, false, 0 and "" are values like others."""
    assert [None, False, 0, ""] == await values_of(stream_of(b'null\nfalse\n0\n""\n').json_lines())


async def test_values_come_while_the_body_does() -> None:
    """A line is given as soon as it is whole, while the connection stays open."""

    def stall(connection: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n1\n2\n[3")
        until_closed(connection)

    with LoopbackServer(Scripted([stall])) as running:
        client = AsyncClient(running.url, timeout=Timeout(read=0.1))
        async with client, client.stream("GET", "/") as stream:
            values = stream.json_lines()
            assert [1, 2] == [await values.__anext__(), await values.__anext__()]
            with pytest.raises(ReadTimeout):
                await values.__anext__()


async def test_a_break_loses_nothing() -> None:
    """Another loop over the same iterator goes on."""
    async with stream_of(LINES) as stream:
        values = stream.json_lines()
        async for value in values:
            assert VALUES[0] == value
            break

        assert VALUES[1:] == await values_of(values)
        assert [] == await values_of(values)


async def test_a_loaded_body_has_lines_too() -> None:
    """After `read()` the lines are those of the bytes in memory."""
    stream = stream_of(LINES)
    await stream.read()

    assert VALUES == await values_of(stream.json_lines())


@pytest.mark.parametrize("line", [b"{", b"{1}", b"\xff", b"1 2"])
async def test_lines_that_are_no_json(line: bytes) -> None:
    """The error names the line, counting blank ones, and the request; the next line can be had."""
    values = stream_of(b"1\n\n2\n", line, b"\n3\n").json_lines()
    assert [1, 2] == [await values.__anext__(), await values.__anext__()]

    with pytest.raises(DecodeError) as caught:
        await values.__anext__()

    error = caught.value
    assert InvalidJSONError is type(error)
    assert "line 4 of the body of GET http://example.com/x?token=*** is not JSON" in str(error)
    assert (REQUEST, 200) == (error.request, error.status)
    assert [3] == await values_of(values)


async def test_a_cut_value_shows_no_secrets() -> None:
    """A last line that is cut is shown, what the request kept secret is not."""
    with pytest.raises(
        InvalidJSONError, match=r'line 1 .*: \{"a": "hello", "b": "\*\*\*'
    ) as caught:
        await values_of(stream_of(b'{"a": "hello", "b": "hunter2hunter2').json_lines())

    assert "hunter2" not in str(caught.value)


async def test_deep_nesting_is_no_json() -> None:
    """What the parser cannot nest is an error of ours, not a RecursionError."""
    with pytest.raises(InvalidJSONError, match="line 1"):
        await values_of(stream_of(b"[" * 100_000).json_lines())


async def test_long_lines_end_the_stream() -> None:
    """A line over the limit raises, names its number and closes the stream."""
    stream = stream_of(b"12345\n", b"123", b"456\n7\n")
    values = stream.json_lines(max_line_bytes=5)

    assert 12345 == await values.__anext__()
    with pytest.raises(
        ResponseTooLargeError, match="line 2 is longer than max_line_bytes=5"
    ) as caught:
        await values.__anext__()
    assert REQUEST == caught.value.request
    with pytest.raises(ResponseTooLargeError):
        await values.__anext__()
    with pytest.raises(StreamClosed):
        await stream.read()


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "9", None])
async def test_limits_out_of_range(size: object) -> None:
    """A limit is a number of bytes from 1; the body is untouched by a wrong one."""
    stream = stream_of(LINES)

    with pytest.raises(InvalidOptionError, match="max_line_bytes=.*give a number of bytes from 1"):
        stream.json_lines(max_line_bytes=size)
    assert LINES == await stream.read()


class Upper:
    """A codec whose results can be told from those of others."""

    def dumps(self, value: object, /) -> bytes:
        return b"null"

    def loads(self, data: bytes, /) -> object:
        return data.decode().upper()


async def test_the_codec_is_the_client_s() -> None:
    """Lines are parsed by the `json_codec` of the client, without line ends and marks."""
    with LoopbackServer(Scripted([b"HTTP/1.1 200 OK\r\n\r\n\xef\xbb\xbfa\r\nb"])) as running:
        client = AsyncClient(running.url, json_codec=Upper())
        async with client, client.stream("GET", "/") as stream:
            assert ["A", "B"] == await values_of(stream.json_lines())
