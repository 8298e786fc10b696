# GENERATED from _async/test_upload_early_answers.py by tools/unasync.py. Do not edit.
"""An answer that comes before the request is all sent: it is heard, and the sending stops."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from antiphon._sync.client import Client
from antiphon._sync.engine.engine import Engine
from antiphon.errors import (
    ClientClosedError,
    DeadlineExceeded,
    ReadError,
    RemoteProtocolError,
    RequestCancelled,
    StatusError,
    WriteError,
    WriteTimeout,
)
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.models.events import TransportObserver
from antiphon.models.timeout import Timeout
from tests._sync.engine_calls import ask, fetch
from tests.thread_group import Group, until
from tests.loopback import HELLO, LoopbackServer
from tests.servers import read_head, reset, until_closed

BIG = 64 * 1024 * 1024
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"
SUCCESS = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Source:
    """Blocks of a body that is longer than any socket buffer; notes how far it was read."""

    def __init__(self, size: int = BIG, block: int = 65_536) -> None:
        self.left = size
        self.block = block
        self.closed = 0

    def pieces(self) -> Iterator[bytes]:
        try:
            while self.left:
                self.left -= self.block
                yield bytes(self.block)
        finally:
            self.closed += 1


def in_memory() -> Body:
    body = build_body(content=bytes(BIG))
    assert body is not None
    return body


def streamed() -> Body:
    body = build_body(content=Source().pieces())
    assert body is not None
    return body


def answers_and_closes(connection: socket.socket) -> None:
    read_head(connection)
    connection.recv(1000)
    connection.sendall(REFUSAL)


def answers_and_resets(connection: socket.socket) -> None:
    read_head(connection)
    connection.recv(1000)
    connection.sendall(REFUSAL)
    reset(connection)


def answers_and_reads_on(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(REFUSAL)
    until_closed(connection)


class Stalled:
    """Sends an answer after the head of a request and then does nothing, until it is let go."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.heads: list[bytes] = []
        self._go = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        self.heads.append(read_head(connection))
        connection.sendall(self.answer)
        self._go.wait(10)

    def let_go(self) -> None:
        self._go.set()


@pytest.mark.parametrize("make_body", [in_memory, streamed])
@pytest.mark.parametrize("handler", [answers_and_closes, answers_and_resets, answers_and_reads_on])
def test_refusal_is_read_and_the_body_stops(
    handler: Callable[[socket.socket], None], make_body: Callable[[], Body]
) -> None:
    """A 413 in the midst of the body is the answer, however the server goes on; the pool is clean."""
    with LoopbackServer(handler) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=make_body())
        assert (413, b"big") == (stream.status, stream.read())
        assert stream.timeline is not None
        assert stream.timeline.sent_bytes < BIG
        assert stream.timings.request_sent is None
        assert 0 == engine.pool._plan.open_count
        engine.close()


@pytest.mark.parametrize("make_body", [in_memory, streamed])
def test_refusal_of_a_server_that_never_reads(make_body: Callable[[], Body]) -> None:
    """A server that answers and reads nothing more does not hold the upload up."""
    stalled = Stalled(REFUSAL)
    with LoopbackServer(stalled) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=make_body())
        assert (413, b"big") == (stream.status, stream.read())
        assert 0 == engine.pool._plan.open_count
        engine.close()
        stalled.let_go()


def test_complete_success_stops_the_body_too() -> None:
    """Once the whole answer is here, nothing that is still to be sent can change it."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SUCCESS)
        until_closed(connection)

    source = Source()
    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert (200, b"ok") == (stream.status, stream.read())
        assert 0 == engine.pool._plan.open_count
        engine.close()
    assert source.left > 0
    assert 1 == source.closed


def test_echo_that_is_as_long_as_the_request() -> None:
    """A success that is still coming does not stop the body: an echo comes back whole."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        tail = b""
        while tail != b"\r\n0\r\n\r\n":
            data = connection.recv(65_536)
            tail = (tail + data)[-7:]
            connection.sendall(data)
        connection.sendall(HELLO if read_head(connection) else b"")

    size = 16 * 1024 * 1024
    source = Source(size)
    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        received = 0
        for piece in stream.iter_raw():
            received += len(piece)
        assert size == received
        assert 1 == engine.pool._plan.idle_count
        assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 1 == source.closed


def test_echo_that_is_left_early() -> None:
    """A stream that is closed while its request still goes out closes connection and source."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nsome")
        until_closed(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        for piece in stream.iter_raw():
            assert b"some" == piece
            break
        stream.close()
        assert 0 == engine.pool._plan.open_count
        engine.close()
    assert 1 == source.closed


def test_answer_ends_while_the_request_goes_out() -> None:
    """A success whose end comes before the end of the request is complete, and the body stops."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        connection.recv(100_000)
        connection.sendall(b"two")
        until_closed(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert b"onetwo" == stream.read()
        assert 0 == engine.pool._plan.open_count
        engine.close()
    assert 1 == source.closed


def test_success_that_breaks_off_is_a_read_error() -> None:
    """A success that runs until the close, and is reset while the request goes out, was cut."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\none")
        connection.recv(100_000)
        reset(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        with pytest.raises((ReadError, WriteError)):
            stream.read()
        assert 0 == engine.pool._plan.open_count
        engine.close()
    assert 1 == source.closed


def test_refusal_that_runs_until_the_close() -> None:
    """A refusal without a length ends with the connection, reset as it is by the unread request."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\nbig")

    with LoopbackServer(handle) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=in_memory())
        assert (413, b"big") == (stream.status, stream.read())
        engine.close()


def test_reset_without_an_answer_is_a_write_error() -> None:
    """Where no answer came, what is raised is the error of the write; the source is closed."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.recv(1000)
        reset(connection)

    source = Source()
    with LoopbackServer(handle) as server:
        engine = Engine()
        with pytest.raises(WriteError) as caught:
            ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert "maybe" == caught.value.sent
        assert 0 == engine.pool._plan.open_count
        engine.close()
    assert 1 == source.closed


def test_garbage_before_a_reset_is_a_write_error() -> None:
    """What is no HTTP does not hide that the connection broke, or says so itself."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"SSH-2.0\r\n")
        reset(connection)

    with LoopbackServer(handle) as server:
        engine = Engine()
        with pytest.raises((WriteError, RemoteProtocolError)):
            ask(engine, server.url, "POST", body=in_memory())
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_half_closed_without_an_answer_is_a_write_error() -> None:
    """A server that will say nothing more, and reads on, is not sent the rest."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.shutdown(socket.SHUT_WR)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = Engine()
        with pytest.raises(WriteError, match="closed the connection while the request was sent"):
            ask(engine, server.url, "POST", body=streamed())
        engine.close()


def test_half_an_answer_is_a_protocol_error() -> None:
    """A head that breaks off while the body goes out is the server's fault, and told as that."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too La")
        connection.shutdown(socket.SHUT_WR)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = Engine()
        with pytest.raises(RemoteProtocolError, match="unfinished response head"):
            ask(engine, server.url, "POST", body=streamed())
        engine.close()


@pytest.mark.parametrize("make_body", [in_memory, streamed])
def test_write_timeout(make_body: Callable[[], Body]) -> None:
    """A server that neither reads nor answers is given up on after the write timeout."""
    stalled = Stalled()
    with LoopbackServer(stalled) as server:
        engine = Engine()
        with pytest.raises(WriteTimeout) as caught:
            ask(engine, server.url, "POST", body=make_body(), timeout=Timeout(write=0.05))
        assert "maybe" == caught.value.sent
        assert 0 == engine.pool._plan.open_count
        engine.close()
        stalled.let_go()


def test_deadline_and_cancellation_where_nothing_is_waited_for() -> None:
    """A body that goes out as fast as it comes still ends at the deadline, or by its token."""

    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    with LoopbackServer(until_closed) as server:
        engine = Engine()
        with pytest.raises(DeadlineExceeded):
            ask(engine, server.url, "POST", body=build_body(content=endless()), total=0.05)
        token = CancelToken()
        cancelling = (token.cancel() or b"x" if i == 100 else b"x" for i in range(1 << 40))
        with pytest.raises(RequestCancelled):
            ask(engine, server.url, "POST", body=build_body(content=cancelling), cancel=token)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_closing_the_client_ends_an_upload() -> None:
    """`close()` of the client ends an upload that waits for its server."""
    stalled = Stalled()
    with LoopbackServer(stalled) as server:
        engine = Engine()
        with Group() as group:
            call = group.start(fetch, engine, server.url, "POST", in_memory())
            until(lambda: stalled.heads)
            engine.close()
        stalled.let_go()
        assert isinstance(call.error, ClientClosedError)


def test_error_of_a_source_that_is_being_closed_is_the_callers() -> None:
    """What the clean-up of a generator raises comes out as it is, not as an error of ours."""

    def stubborn() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(65_536)
        finally:
            raise OSError("my disk is gone")

    with LoopbackServer(answers_and_reads_on) as server:
        engine = Engine()
        with pytest.raises(OSError, match="my disk is gone") as caught:
            ask(engine, server.url, "POST", body=build_body(content=stubborn()))
        assert type(caught.value) is OSError
        assert 0 == engine.pool._plan.open_count
        engine.close()


class Heard(TransportObserver):
    def __init__(self) -> None:
        self.sent: list[int] = []

    def request_sent(self, byte_count: int) -> None:
        self.sent.append(byte_count)


@pytest.mark.parametrize("wrapping", [{}, {"compress": "gzip"}, {"content_digest": "sha-256"}])
def test_generators_are_closed(wrapping: dict[str, str]) -> None:
    """A generator of pieces that arrive is closed at once, through whatever it is wrapped in."""
    closed = []

    def arriving():  # type: ignore[no-untyped-def]
        try:
            while True:
                yield os.urandom(65_536)
        finally:
            closed.append(True)

    with LoopbackServer(answers_and_reads_on) as server:
        with Client(server.url) as client:
            with pytest.raises(StatusError) as caught:
                client.post("/", content=arriving(), **wrapping)  # type: ignore[arg-type]
            assert 413 == caught.value.status
            assert [True] == closed


def test_request_that_was_stopped_was_not_sent() -> None:
    """`request_sent` is told of requests that were sent whole, with their exact bytes."""
    heard = Heard()
    with LoopbackServer(answers_and_reads_on) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=in_memory(), observer=heard)
        stream.read()
        engine.close()
    assert [] == heard.sent
