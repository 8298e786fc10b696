# Source of _sync/test_upload_early_answers.py; after editing run: tox -e codegen
"""An answer that comes before the request is all sent: it is heard, and the sending stops."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    ReadError,
    RemoteProtocolError,
    WriteError,
)
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from tests._async.engine_calls import ask, fetch
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
async def test_refusal_is_read_and_the_body_stops(
    handler: Callable[[socket.socket], None], make_body: Callable[[], Body]
) -> None:
    """A 413 in the midst of the body is the answer, however the server goes on; the pool is clean."""
    with LoopbackServer(handler) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=make_body())
        assert (413, b"big") == (stream.status, await stream.read())
        assert stream.timeline is not None
        assert stream.timeline.sent_bytes < BIG
        assert stream.timings.request_sent is None
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


@pytest.mark.parametrize("make_body", [in_memory, streamed])
async def test_refusal_of_a_server_that_never_reads(make_body: Callable[[], Body]) -> None:
    """A server that answers and reads nothing more does not hold the upload up."""
    stalled = Stalled(REFUSAL)
    with LoopbackServer(stalled) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=make_body())
        assert (413, b"big") == (stream.status, await stream.read())
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
        stalled.let_go()


async def test_complete_success_stops_the_body_too() -> None:
    """Once the whole answer is here, nothing that is still to be sent can change it."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SUCCESS)
        until_closed(connection)

    source = Source()
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert (200, b"ok") == (stream.status, await stream.read())
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert source.left > 0
    assert 1 == source.closed


async def test_echo_that_is_as_long_as_the_request() -> None:
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
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        received = 0
        async for piece in stream.iter_raw():
            received += len(piece)
        assert size == received
        assert 1 == engine.pool._plan.idle_count
        assert b"hello" == await fetch(engine, server.url)
        await engine.aclose()
    assert 1 == source.closed


async def test_echo_that_is_left_early() -> None:
    """A stream that is closed while its request still goes out closes connection and source."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nsome")
        until_closed(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        async for piece in stream.iter_raw():
            assert b"some" == piece
            break
        await stream.aclose()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert 1 == source.closed


async def test_answer_ends_while_the_request_goes_out() -> None:
    """A success whose end comes before the end of the request is complete, and the body stops."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        connection.recv(100_000)
        connection.sendall(b"two")
        until_closed(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert b"onetwo" == await stream.read()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert 1 == source.closed


async def test_success_that_breaks_off_is_a_read_error() -> None:
    """A success that runs until the close, and is reset while the request goes out, was cut."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\none")
        connection.recv(100_000)
        reset(connection)

    source = Source(1 << 40)
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        with pytest.raises((ReadError, WriteError)):
            await stream.read()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert 1 == source.closed


async def test_refusal_that_runs_until_the_close() -> None:
    """A refusal without a length ends with the connection, reset as it is by the unread request."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\nbig")

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "POST", body=in_memory())
        assert (413, b"big") == (stream.status, await stream.read())
        await engine.aclose()


async def test_reset_without_an_answer_is_a_write_error() -> None:
    """Where no answer came, what is raised is the error of the write; the source is closed."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.recv(1000)
        reset(connection)

    source = Source()
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        with pytest.raises(WriteError) as caught:
            await ask(engine, server.url, "POST", body=build_body(content=source.pieces()))
        assert "maybe" == caught.value.sent
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert 1 == source.closed


async def test_garbage_before_a_reset_is_a_write_error() -> None:
    """What is no HTTP does not hide that the connection broke, or says so itself."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"SSH-2.0\r\n")
        reset(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        with pytest.raises((WriteError, RemoteProtocolError)):
            await ask(engine, server.url, "POST", body=in_memory())
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_half_closed_without_an_answer_is_a_write_error() -> None:
    """A server that will say nothing more, and reads on, is not sent the rest."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.shutdown(socket.SHUT_WR)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        with pytest.raises(WriteError, match="closed the connection while the request was sent"):
            await ask(engine, server.url, "POST", body=streamed())
        await engine.aclose()


async def test_half_an_answer_is_a_protocol_error() -> None:
    """A head that breaks off while the body goes out is the server's fault, and told as that."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too La")
        connection.shutdown(socket.SHUT_WR)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        with pytest.raises(RemoteProtocolError, match="unfinished response head"):
            await ask(engine, server.url, "POST", body=streamed())
        await engine.aclose()
