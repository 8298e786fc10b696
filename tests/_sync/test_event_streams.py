# GENERATED from _async/test_event_streams.py by tools/unasync.py. Do not edit.
"""`stream.events()`: the events of one response."""

from __future__ import annotations

import gzip
from threading import Event

import pytest

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    ContentTypeError,
    InvalidJSONError,
    InvalidOptionError,
    ReadError,
    RemoteProtocolError,
    ResponseTooLargeError,
    StreamClosed,
    StreamConsumed,
)
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.server_sent_event import ServerSentEvent
from antiphon.models.url import URL
from tests.loopback import LoopbackServer
from tests.servers import Scripted, reset

REQUEST = Request("POST", URL("http://example.com/x?token=hunter2"))
EVENTS = b"id: 1\r\ndata: a\r\n\r\nevent: end\rdata: b\r\rdata: lost"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def stream_of(*pieces: bytes, content_type: str = "text/event-stream") -> ResponseStream:
    """Return a stream whose body comes in these pieces."""
    return ResponseStream(
        request=REQUEST,
        status=200,
        headers=Headers({"Content-Type": content_type}),
        source=BytesSource(pieces),
    )


def events_of(iterator: object) -> list[ServerSentEvent]:
    return [event for event in iterator]


def test_events() -> None:
    """Events come as values, in order; what the end of the body cuts off is no event."""
    expected = [ServerSentEvent(data="a", id="1"), ServerSentEvent("end", "b", "1")]

    assert expected == events_of(stream_of(EVENTS).events())
    assert expected == events_of(stream_of(*(bytes([byte]) for byte in EVENTS)).events())


def test_events_over_a_connection() -> None:
    """A compressed, chunked event stream is decoded, and its connection used again."""
    body = gzip.compress(EVENTS)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]))
    head = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = Scripted([head + chunks + b"0\r\n\r\n"] * 2)
    with LoopbackServer(server) as running:
        with Client(running.url) as client:
            for _ in range(2):
                with client.stream("POST", "/", json={"stream": True}) as stream:
                    found = events_of(stream.events())

    assert ["a", "b"] == [event.data for event in found]
    assert [0, 0] == [number for number, _, _ in server.requests]


def test_events_come_one_by_one() -> None:
    """A `break` loses nothing: another loop over the same iterator goes on."""
    with stream_of(EVENTS) as stream:
        events = stream.events()
        for event in events:
            assert "a" == event.data
            break

        assert ["b"] == [event.data for event in events_of(events)]
        assert [] == events_of(events)


def test_a_loaded_body_has_events_too() -> None:
    """After `read()` the events are those of the bytes in memory."""
    stream = stream_of(EVENTS)
    stream.read()

    assert 2 == len(events_of(stream.events()))


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/event-streams"])
def test_other_types_are_refused(content_type: str) -> None:
    """A body of another type is no event stream, says the error; it can still be read."""
    stream = stream_of(b"data: x\n\n", content_type=content_type)

    with pytest.raises(ContentTypeError) as caught:
        stream.events()

    assert (
        "the answer 200 to POST http://example.com/x?token=*** has "
        f"Content-Type {content_type!r}, and events come as text/event-stream"
    ) == str(caught.value)
    assert (REQUEST, 200) == (caught.value.request, caught.value.status)
    assert b"data: x\n\n" == stream.read()


def test_a_missing_type_is_refused() -> None:
    """No Content-Type is no event stream."""
    stream = ResponseStream.of_bytes(REQUEST, 200, content=EVENTS)

    with pytest.raises(ContentTypeError, match="has no Content-Type"):
        stream.events()

    stream.close()


def test_parameters_of_the_type_do_not_matter() -> None:
    """The text is UTF-8 whatever a charset says."""
    stream = stream_of("data: é\n\n".encode(), content_type="Text/Event-Stream; charset=latin-1")

    assert ["é"] == [event.data for event in events_of(stream.events())]


def test_long_events_end_the_stream() -> None:
    """An event over the limit raises and closes the stream; those before it came."""
    stream = stream_of(b"data: a\n\ndata: 1234", b"567890")
    events = stream.events(max_event_bytes=12)

    assert "a" == (events.__next__()).data
    with pytest.raises(ResponseTooLargeError, match="longer than max_event_bytes=12") as caught:
        events.__next__()
    assert REQUEST == caught.value.request
    with pytest.raises(ResponseTooLargeError):
        events.__next__()
    with pytest.raises(StreamClosed):
        stream.read()


def test_one_mebibyte_is_the_default_limit() -> None:
    """An event of a mebibyte passes, and one that is longer does not."""
    size = 1024 * 1024 - len("data:")

    (event,) = events_of(stream_of(b"data:", b"x" * size, b"\n\n").events())
    assert size == len(event.data)
    with pytest.raises(ResponseTooLargeError):
        events_of(stream_of(b"data:", b"x" * size, b"x").events())


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "9", None])
def test_limits_out_of_range(size: object) -> None:
    """A limit is a number of bytes from 1; the body is untouched by a wrong one."""
    stream = stream_of(EVENTS)

    with pytest.raises(InvalidOptionError, match="max_event_bytes=.*give a number of bytes from 1"):
        stream.events(max_event_bytes=size)
    assert EVENTS == stream.read()


def test_a_body_is_read_once() -> None:
    """The events claim the body when the iterator is made."""
    stream = stream_of(EVENTS)
    events = stream.events()

    with pytest.raises(StreamConsumed):
        stream.events()
    assert 2 == len(events_of(events))


def test_broken_connections() -> None:
    """A reset in the middle is a ReadError, a missing last chunk a RemoteProtocolError."""
    seen = Event()

    def break_off(connection: object) -> None:
        connection.sendall(HEAD + b"Content-Length: 99\r\n\r\ndata: a\n\n")
        assert seen.wait(10)
        reset(connection)

    cut = HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n"
    with LoopbackServer(Scripted([break_off])) as running:
        with Client() as client, client.stream("GET", running.url) as stream:
            events = stream.events()
            assert "a" == (events.__next__()).data
            seen.set()
            with pytest.raises(ReadError):
                events.__next__()
    with LoopbackServer(Scripted([cut])) as running:
        with Client() as client, client.stream("GET", running.url) as stream:
            events = stream.events()
            assert "a" == (events.__next__()).data
            with pytest.raises(RemoteProtocolError):
                events.__next__()


class Upper:
    """A codec whose results can be told from those of others."""

    def dumps(self, value: object, /) -> bytes:
        return b"null"

    def loads(self, data: bytes, /) -> object:
        return data.decode().upper()


def test_json_goes_by_the_client() -> None:
    """`event.json()` uses the codec of the client, and the stdlib's otherwise."""
    with LoopbackServer(
        Scripted([HEAD + b"\r\ndata: [true]\n\n"], [HEAD + b"\r\ndata: x\n\n"])
    ) as running:
        with Client(running.url) as client, client.stream("GET", "/") as stream:
            assert [[True]] == [event.json() for event in events_of(stream.events())]
        client = Client(running.url, json_codec=Upper())
        with client, client.stream("GET", "/") as stream:
            assert ["X"] == [event.json() for event in events_of(stream.events())]


def test_events_that_are_no_json() -> None:
    """One event that is no JSON leaves the stream as it was."""
    with stream_of(b"data: {\n\ndata: 1\n\n") as stream:
        events = stream.events()
        first = events.__next__()
        with pytest.raises(InvalidJSONError):
            first.json()

        assert 1 == (events.__next__()).json()
