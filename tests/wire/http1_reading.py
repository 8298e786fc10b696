"""Reads a whole response with antiphon, h11 or llhttp, and gives the outcome in one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs
import h11
import httptools

from antiphon.errors import RemoteProtocolError
from antiphon.wire.http1 import ResponseReader

Lines = tuple[tuple[str, str], ...]
Pieces = list[bytes]


@attrs.frozen
class Outcome:
    """What came out of one response. `error` says why it was refused; then the rest is empty."""

    heads: tuple[tuple[str, int, str, Lines], ...] = ()
    body: bytes = b""
    trailers: Lines = ()
    reusable: bool = False
    handover: bytes = b""
    error: str = ""


def read(pieces: Iterable[bytes], method: str = "GET", **limits: int) -> Outcome:
    """Feed the pieces, each when the reader asks for more, then the end of the connection.

    `reusable` is what it was after the last piece, before the connection ended.
    """
    reader = ResponseReader(**limits)
    reader.start(method)
    left = iter([*pieces, b""])

    def feed() -> None:
        reader.feed(next(left))  # StopIteration: it asks for more after the end

    heads = []
    body = []
    try:
        while True:
            head = reader.next_head()
            if head is None:
                feed()
                continue
            heads.append((head.version, head.status, head.reason, head.headers.pairs))
            if head.status >= 200 or head.status == 101:
                break
        while (data := reader.next_data()) != b"":
            if data is None:
                feed()
            else:
                body.append(data)
    except RemoteProtocolError as error:
        assert not reader.reusable
        assert not reader.complete
        return Outcome(error=str(error))
    assert reader.complete
    for piece in left:
        if piece:
            reader.feed(piece)
    return Outcome(
        heads=tuple(heads),
        body=b"".join(body),
        trailers=reader.trailers.pairs,
        reusable=reader.reusable,
        handover=reader.handover,
    )


# How a message can arrive. Each gives all the ways of its kind. ----------------------------------


def _whole(message: bytes) -> Iterator[Pieces]:
    yield [message]


def _byte_by_byte(message: bytes) -> Iterator[Pieces]:
    yield [message[at : at + 1] for at in range(len(message))]


def _at_every_boundary(message: bytes) -> Iterator[Pieces]:
    for at in range(1, len(message)):
        yield [message[:at], message[at:]]


FEEDS: dict[str, Callable[[bytes], Iterator[Pieces]]] = {
    "whole": _whole,
    "byte by byte": _byte_by_byte,
    "split at every boundary": _at_every_boundary,
}


# The peers. --------------------------------------------------------------------------------------


def read_with_h11(message: bytes, method: str = "GET") -> Outcome:
    """Read with h11, names in lower case; the reason is left out, it is not compared."""
    connection = h11.Connection(h11.CLIENT)
    target = "h:1" if method == "CONNECT" else "/"
    connection.send(h11.Request(method=method, target=target, headers=[("Host", "h")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(message)
    heads = []
    body = []
    trailers: Lines = ()
    fed_eof = False
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response | h11.InformationalResponse):
                version = f"HTTP/{event.http_version.decode()}"
                heads.append((version, event.status_code, "", _lines(event.headers)))
            elif isinstance(event, h11.Data):
                body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                trailers = _lines(event.headers)
                break
            elif event is h11.NEED_DATA and not fed_eof:
                connection.receive_data(b"")
                fed_eof = True
            else:
                break
    except h11.RemoteProtocolError as error:
        return Outcome(error=str(error) or "refused")
    return Outcome(
        heads=tuple(heads),
        body=b"".join(body),
        trailers=trailers,
        reusable=connection.their_state is h11.DONE
        and not fed_eof
        and not connection.trailing_data[0],
    )


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> Lines:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


class _Callbacks:
    """What llhttp saw of the first final response; `ended` says that it saw the end, too."""

    def __init__(self) -> None:
        self.heads: list[tuple[str, int, str, Lines]] = []
        self.lines: list[tuple[str, str]] = []
        self.trailers: list[tuple[str, str]] = []
        self.body = b""
        self.in_body = False
        self.ended = False
        self.keeps_alive = False
        self.parser: httptools.HttpResponseParser | None = None

    def on_message_begin(self) -> None:
        if self.ended:
            self.keeps_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.ended:
            line = (name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t"))
            (self.trailers if self.in_body else self.lines).append(line)

    def on_headers_complete(self) -> None:
        if not self.ended:
            assert self.parser is not None
            version = f"HTTP/{self.parser.get_http_version()}"
            self.heads.append((version, self.parser.get_status_code(), "", tuple(self.lines)))
            self.lines = []
            self.in_body = self.heads[-1][1] >= 200

    def on_body(self, data: bytes) -> None:
        if not self.ended:
            self.body += data

    def on_message_complete(self) -> None:
        if self.in_body and not self.ended:
            assert self.parser is not None
            self.ended = True
            self.keeps_alive = self.parser.should_keep_alive()


def read_with_llhttp(message: bytes) -> Outcome:
    """Read with llhttp, which knows no method: the request is a GET.

    It is not told of the end of the connection. What it leaves open is "unfinished".
    """
    seen = _Callbacks()
    seen.parser = parser = httptools.HttpResponseParser(seen)
    error = ""
    try:
        parser.feed_data(message)
    except httptools.HttpParserUpgrade:
        seen.ended = True
    except httptools.HttpParserError as refused:
        error = str(refused)
    if error and not seen.ended:
        return Outcome(error=error)
    return Outcome(
        heads=tuple(seen.heads),
        body=seen.body,
        trailers=tuple(seen.trailers),
        reusable=seen.ended and seen.keeps_alive and not error,
        error="" if seen.ended else "unfinished",
    )
