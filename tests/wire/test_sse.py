"""Event streams: the rules of the HTML standard, sections 9.2.5 and 9.2.6, however they arrive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.errors import ResponseTooLargeError
from antiphon.models.server_sent_event import ServerSentEvent
from antiphon.wire.sse import EventStreamParser, is_event_stream

Event = tuple[str, str, str, int | None]


def parse(pieces: Iterable[bytes], cap: int = 1_000_000) -> tuple[list[Event], str, int | None]:
    """Feed the pieces; return the events, and what the stream leaves to the next connection."""
    parser = EventStreamParser(cap)
    events: list[Event] = []
    for piece in pieces:
        parser.feed(piece)
        while (event := parser.next_event()) is not None:
            events.append((event.event, event.data, event.id, event.retry))
    return events, parser.last_event_id, parser.retry


def ways_to_cut(stream: bytes) -> Iterator[list[bytes]]:
    """Yield the stream whole, byte by byte, with empty pieces, and in two parts of every size."""
    yield [stream]
    yield [stream[i : i + 1] for i in range(len(stream))]
    yield [b"", *(part for byte in stream for part in (bytes([byte]), b""))]
    for cut in range(1, len(stream)):
        yield [stream[:cut], stream[cut:]]


def message(data: str, id: str = "", retry: int | None = None) -> Event:
    return ("message", data, id, retry)


# Each stream with its events, the id and the retry that it leaves behind.
STREAMS: dict[str, tuple[bytes, list[Event], str, int | None]] = {
    # The examples of section 9.2.6.
    "three lines of data": (
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [message("YHOO\n+2\n10")],
        "",
        None,
    ),
    "four blocks": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [message("first event", "1"), message("second event"), message(" third event")],
        "",
        None,
    ),
    "empty data": (b"data\n\ndata\ndata\n\ndata:", [message(""), message("\n")], "", None),
    "one space is dropped": (
        b"data:test\n\ndata: test\n\n",
        [message("test"), message("test")],
        "",
        None,
    ),
    # Of section 9.2.1.
    "types": (
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
        [("add", "73857293", "", None), ("remove", "2153", "", None)],
        "",
        None,
    ),
    # Lines.
    "nothing": (b"", [], "", None),
    "blank lines alone": (b"\n\r\n\r\n\n", [], "", None),
    "ends with CR": (b"data: a\rdata: b\r\r", [message("a\nb")], "", None),
    "ends with CRLF": (b"data: a\r\ndata: b\r\n\r\n", [message("a\nb")], "", None),
    "ends are mixed": (
        b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\n",
        [message("a\nb\nc"), message("d")],
        "",
        None,
    ),
    "CR CR LF is two ends": (b"data: a\r\r\ndata: b\n\n", [message("a"), message("b")], "", None),
    "LF CR is two ends": (b"data: a\n\rdata: b\n\n", [message("a"), message("b")], "", None),
    "other line ends of Unicode are none": (
        "data: a\u2028b\x0bc\x85d\n\n".encode(),
        [message("a\u2028b\x0bc\x85d")],
        "",
        None,
    ),
    "the last block has no end": (b"data: a\n\ndata: b\nid: 2\n", [message("a")], "", None),
    "the last line has no end": (b"data: a\n\nid: 2\n\ndata: b", [message("a")], "2", None),
    # The byte order mark.
    "a mark at the start": (b"\xef\xbb\xbfdata: a\n\n", [message("a")], "", None),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [message("b")], "", None),
    "a mark later": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [message("a")], "", None),
    "half a mark": (b"\xef\xbbdata: a\n\ndata: b\n\n", [message("b")], "", None),
    "a mark alone": (b"\xef\xbb\xbf", [], "", None),
    "half a mark alone": (b"\xef\xbb", [], "", None),
    "a mark before the blank line": (
        b"\xef\xbb\xbf\r\n\r\ndata: a\r\n\r\n",
        [message("a")],
        "",
        None,
    ),
    # Text.
    "UTF-8": ("data: žluťoučký 🐎\n\n".encode(), [message("žluťoučký 🐎")], "", None),
    "bytes that are no UTF-8": (
        b"data: a\xffb\xe2\x82\ndata: c\n\n",
        [message("a\ufffdb\ufffd\nc")],
        "",
        None,
    ),
    "UTF-8 in the type and the id": (
        "event: é\nid: ü\ndata: a\n\n".encode(),
        [("é", "a", "ü", None)],
        "ü",
        None,
    ),
    "NUL in data": (b"data: a\0b\n\n", [message("a\0b")], "", None),
    # Fields.
    "comments and unknown fields": (
        b":\n: x\nfoo: bar\nDATA: x\n data: x\ndata : x\ndata: a\n\n",
        [message("a")],
        "",
        None,
    ),
    "colons in the value": (b"data: a: b:c\ndata::\n\n", [message("a: b:c\n:")], "", None),
    "tabs are kept": (b"data:\ta \n\n", [message("\ta ")], "", None),
    "a type without data is forgotten": (b"event: x\n\ndata: a\n\n", [message("a")], "", None),
    "the last type counts": (
        b"event: x\nevent: y\ndata: a\n\nevent: x\nevent\ndata: b\n\n",
        [("y", "a", "", None), message("b")],
        "",
        None,
    ),
    "an id lasts": (
        b"id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\n",
        [message("a", "1"), message("b", "1"), message("c", "2")],
        "2",
        None,
    ),
    "an empty id clears it": (
        b"id: 1\ndata: a\n\nid:\ndata: b\n\n",
        [message("a", "1"), message("b")],
        "",
        None,
    ),
    "an id with NUL is ignored": (
        b"id: 1\nid: 2\0\ndata: a\n\n",
        [message("a", "1")],
        "1",
        None,
    ),
    "an id counts from the blank line on": (
        b"id: 1\ndata: a\n\nid: 2\n",
        [message("a", "1")],
        "1",
        None,
    ),
    "retry": (
        b"retry: 1500\ndata: a\n\ndata: b\n\n",
        [message("a", "", 1500), message("b")],
        "",
        1500,
    ),
    "retry without data": (b"retry: 007\n\ndata: a\n\n", [message("a")], "", 7),
    "retry at once": (b"retry: 0\nretry: 000\n", [], "", 0),
    "retry of digits alone": (
        "retry: 1\nretry: -2\nretry: 3s\nretry: 4.0\nretry:\nretry\nretry:  5\nretry: ٦\n".encode(),
        [],
        "",
        1,
    ),
    "retry beyond all measure": (b"retry: " + b"9" * 5000 + b"\n", [], "", 10**15),
    "retry with many zeros": (b"retry: " + b"0" * 5000 + b"12\n", [], "", 12),
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_of_the_standard(name: str) -> None:
    """Each stream has the events that the standard says, however it is cut."""
    stream, events, last_event_id, retry = STREAMS[name]

    cuts = ways_to_cut(stream) if len(stream) < 1000 else iter([[stream], [stream[:9], stream[9:]]])
    for pieces in cuts:
        assert (events, last_event_id, retry) == parse(pieces), pieces


def by_the_standard(stream: bytes) -> tuple[list[Event], str, int | None]:
    """The algorithm of section 9.2.6, in the standard's own steps, over the whole text at once."""
    text = stream.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\n|\r", text)
    data = event_type = last_event_id_buffer = last_event_id = ""
    retry = own_retry = None
    events: list[Event] = []
    for line in lines:
        if line == "":
            last_event_id = last_event_id_buffer
            if data != "":
                kind = event_type if event_type != "" else "message"
                events.append((kind, data[:-1], last_event_id, own_retry))
            data = event_type = ""
            own_retry = None
            continue
        if line.startswith(":"):
            continue
        field, value = line, ""
        if ":" in line:
            field, value = line.split(":", 1)
            value = value.removeprefix(" ")
        if field == "event":
            event_type = value
        elif field == "data":
            data += value + "\n"
        elif field == "id" and "\0" not in value:
            last_event_id_buffer = value
        elif field == "retry" and re.fullmatch("[0-9]+", value):
            retry = own_retry = int(value)
    return events, last_event_id, retry


FRAGMENTS = (
    [b"data", b"event", b"id", b"retry", b":", b": ", b" ", b"\n", b"\n\n", b"\r", b"\r\n"],
    [b"\0", b"1", b"23", b"x", "é🐎".encode(), b"\xe2\x82", b"\xff", b"\xef\xbb\xbf", b"data: a\n"],
)


@given(
    st.one_of(
        st.lists(st.sampled_from([*FRAGMENTS[0], *FRAGMENTS[1]]), max_size=40).map(b"".join),
        st.binary(),
    ),
    st.lists(st.integers(0, 100)),
)
@settings(max_examples=1500)
def test_as_the_standard_reads_it(stream: bytes, cuts: list[int]) -> None:
    """Any bytes, cut anywhere, are read as the standard's own algorithm reads them whole."""
    ends = [0, *sorted(place % (len(stream) + 1) for place in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(ends)]

    assert by_the_standard(stream) == parse(pieces)


def test_events_come_as_soon_as_they_are_whole() -> None:
    """The blank line ends an event at once, even by a CR that an LF may still follow."""
    parser = EventStreamParser(100)
    parser.feed(b"data: a\r\n\r")

    assert ServerSentEvent(data="a") == parser.next_event()

    parser.feed(b"\ndata: b\r\r")
    assert ServerSentEvent(data="b") == parser.next_event()
    assert parser.next_event() is None


def test_pieces_may_be_fed_before_events_are_taken() -> None:
    """Events wait for whoever takes them, in order."""
    parser = EventStreamParser(100)
    parser.feed(b"data: a\n\nda")
    parser.feed(b"ta: b\n\n")

    assert ["a", "b"] == [
        event.data for event in (parser.next_event(), parser.next_event()) if event
    ]


def test_the_next_connection_goes_on_from_here() -> None:
    """It starts with the last id and the last retry, and with no half event."""
    first = EventStreamParser(100, last_event_id="0")
    assert "0" == first.last_event_id
    first.feed(b"retry: 9\nid: 1\ndata: a\n\nid: 2\ndata: lost")
    first.next_event()

    second = first.following()
    assert ("1", 9) == (second.last_event_id, second.retry)

    second.feed(b"data: b\n\n")
    assert ServerSentEvent(data="b", id="1") == second.next_event()
    assert "1" == second.last_event_id


TOO_LONG = {
    "one line of data": b"data: 123456\n\n",
    "several lines of data": b"data:12\ndata:34\n\n",
    "many empty lines of data": b"data\ndata\ndata\n\n",
    "type and data": b"event:1\ndata:12\n\n",
    "a comment": b":" + b"x" * 12 + b"\n",
    "an unknown field": b"field: 123456\n",
    "a line that never ends": b"data: 1234567",
    "a line that never ends, after data": b"data\nid: 12345",
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_long_events_are_refused(name: str) -> None:
    """An event over the limit is refused, whole or open, and the events before it are given."""
    stream = b"data: a\n\n" + TOO_LONG[name]
    for pieces in ways_to_cut(stream):
        parser = EventStreamParser(11)
        seen = []
        with pytest.raises(ResponseTooLargeError, match=r"longer than max_event_bytes=11"):
            for piece in pieces:
                parser.feed(piece)
                while (event := parser.next_event()) is not None:
                    seen.append(event.data)
        assert ["a"] == seen


def test_events_at_the_limit_pass() -> None:
    """The limit is that of each event: ids, comments and earlier events add nothing."""
    event = b"data: 12345\n\n"
    stream = event + b"data:1\nda:67\n\n" + b": keep-alive\n" * 9 + b"id: 1234567\n" * 9 + event

    for pieces in ways_to_cut(stream):
        events, last_event_id, _ = parse(pieces, cap=12)
        assert (["12345", "1", "12345"], "1234567") == (
            [event[1] for event in events],
            last_event_id,
        )


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream ; charset=latin-1", True),
        ("text/event-stream;", True),
        ("text/event-streams", False),
        ("text/plain; a=text/event-stream", False),
        ("", False),
        (None, False),
    ],
)
def test_content_types(content_type: str | None, expected: bool) -> None:
    """The media type alone decides, in any case; a charset is ignored (section 9.2.5)."""
    assert expected == is_event_stream(content_type)
