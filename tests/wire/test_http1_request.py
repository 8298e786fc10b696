"""Requests as bytes: heads that cannot be split, and bodies that are as long as announced."""

from __future__ import annotations

import h11
import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import LocalProtocolError
from antiphon.models.headers import Headers
from antiphon.wire.http1 import LAST_CHUNK, RequestBodyFraming, encode_chunk, encode_head

VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


def test_a_head_is_the_request_line_host_headers_and_an_empty_line():
    """Host comes first (RFC 9110 section 7.2), then the headers, then what the engine adds."""
    headers = Headers([("A", "1"), ("B", "\xe9")])
    expected = b"POST /x?y HTTP/1.1\r\nHost: h:81\r\nA: 1\r\nB: \xe9\r\nContent-Length: 2\r\n\r\n"
    assert expected == encode_head("POST", "/x?y", headers.wire, "h:81", b"Content-Length: 2\r\n")
    assert b"GET * HTTP/1.1\r\nHost: h\r\n\r\n" == encode_head("GET", "*", b"", "h")
    assert b"GET / HTTP/1.1\r\nHost: \r\n\r\n" == encode_head("GET", "/", b"", "")


@pytest.mark.parametrize("part", ["method", "target", "host"])
@pytest.mark.parametrize(
    "character", [" ", "\t", "\r", "\n", "\0", "\x7f", "\x85", "\xa0", "\xe9", "\u2028", "\ud800"]
)
def test_a_head_cannot_be_split(part, character):
    """No part of the request line or Host can hold whitespace, controls or non-ASCII."""
    parts = {"method": "GET", "target": "/a", "host": "h"}
    for value in (character, f"a{character}", f"{character}a", f"a{character}b"):
        with pytest.raises(LocalProtocolError, match=f"the request {part} has the character"):
            encode_head(headers_wire=b"", **{**parts, part: value})


@pytest.mark.parametrize("part", ["method", "target"])
def test_a_request_line_has_no_empty_part(part):
    """An empty method or target would shift the rest of the line."""
    parts = {"method": "GET", "target": "/a", "host": "h"}
    with pytest.raises(LocalProtocolError, match=f"the request {part} is empty"):
        encode_head(headers_wire=b"", **{**parts, part: ""})


@given(method=st.text(max_size=3), target=st.text(max_size=5), host=st.text(max_size=3))
def test_any_text_is_refused_or_stays_in_its_place(method, target, host):
    """Whatever the parts are, the head has exactly one request line and one Host line."""
    try:
        head = encode_head(method, target, b"", host)
    except LocalProtocolError:
        assert not (method and target and set(method + target + host) <= set(VISIBLE))
    else:
        line, host_line, *rest = head.split(b"\r\n")
        assert [method.encode(), target.encode(), b"HTTP/1.1"] == line.split(b" ")
        assert b"Host: " + host.encode() == host_line
        assert [b"", b""] == rest


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (b"", ()),
        (b"x", (b"1\r\nx\r\n",)),
        (b"x" * 255, (b"ff\r\n" + b"x" * 255 + b"\r\n",)),
        (b"x" * 65_536, (b"10000\r\n" + b"x" * 65_536 + b"\r\n",)),
        (b"x" * 65_537, (b"10001\r\n", b"x" * 65_537, b"\r\n")),
    ],
    ids=["empty", "1", "255", "65536", "65537"],
)
def test_a_chunk_is_its_size_its_data_and_crlf(data, pieces):
    """Sizes are hexadecimal; no data is no chunk, because an empty one would end the body."""
    assert pieces == encode_chunk(data)


def test_large_chunks_are_not_copied():
    """The data of a large chunk is sent from where it is."""
    data = b"x" * 100_000
    assert data is encode_chunk(data)[1]


def test_a_body_of_unknown_length_is_chunked():
    """Without a length every piece is a chunk, and the last chunk ends the body."""
    framing = RequestBodyFraming(None)
    assert b"Transfer-Encoding: chunked\r\n" == framing.header
    assert (b"2\r\nhi\r\n",) == framing.encode(b"hi")
    assert () == framing.encode(b"")
    assert (LAST_CHUNK,) == framing.finish()


def test_a_body_of_known_length_is_sent_as_it_is():
    """With a length the pieces are not framed."""
    framing = RequestBodyFraming(4)
    assert b"Content-Length: 4\r\n" == framing.header
    assert (b"hi",) == framing.encode(b"hi")
    assert () == framing.encode(b"")
    assert (b"ho",) == framing.encode(b"ho")
    assert () == framing.finish()


def test_a_body_that_breaks_its_promise_is_an_error():
    """More or fewer bytes than announced would shift where the next request starts."""
    framing = RequestBodyFraming(3)
    framing.encode(b"hi")
    with pytest.raises(LocalProtocolError, match="ended after 2 of the 3 bytes that it announced"):
        framing.finish()
    with pytest.raises(LocalProtocolError, match="longer than the 3 bytes it announced"):
        framing.encode(b"hi")


class _Request:
    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


NAMES = st.sampled_from(["A", "x-b", "C_d", "E.f"])
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=8)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    target=st.text(st.sampled_from("/abc?=&%2F~"), max_size=12).map(lambda text: f"/{text}"),
    lines=st.lists(st.tuples(NAMES, VALUES.map(str.strip)), max_size=4),
    pieces=st.lists(st.binary(max_size=20), max_size=4),
    chunked=st.booleans(),
)
def test_what_we_send_is_what_servers_read(method, target, lines, pieces, chunked):
    """h11 and llhttp, as servers, read back the request that was written."""
    body = b"".join(pieces)
    framing = RequestBodyFraming(None if chunked else len(body))
    message = encode_head(method, target, Headers(lines).wire, "h", framing.header)
    for piece in pieces:
        message += b"".join(framing.encode(piece))
    message += b"".join(framing.finish())
    sent = [(name.encode(), value.encode("latin-1")) for name, value in lines]

    request = _Request()
    parser = httptools.HttpRequestParser(request)
    parser.feed_data(message)
    assert (method.encode(), target.encode()) == (parser.get_method(), request.url)
    assert sent == [(name, value.strip()) for name, value in request.headers[1:-1]]
    assert (True, body) == (request.complete, request.body)

    server = h11.Connection(h11.SERVER)
    server.receive_data(message)
    head = server.next_event()
    assert isinstance(head, h11.Request)
    assert (method.encode(), target.encode()) == (head.method, head.target)
    assert [(name.lower(), value) for name, value in sent] == list(head.headers)[1:-1]
    received = b""
    while isinstance(event := server.next_event(), h11.Data):
        received += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert body == received
