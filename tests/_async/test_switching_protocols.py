# Source of _sync/test_switching_protocols.py; after editing run: tox -e codegen
"""1xx: what comes before the answer is kept and told, and 101 hands the connection over."""

from __future__ import annotations

import gc
import pickle
import socket
import warnings

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.engine.engine import AsyncEngine
from antiphon._async.engine.raw_stream import AsyncRawStream
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    ClientClosedError,
    DeadlineExceeded,
    InvalidOptionError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    RequestCancelled,
    StreamClosed,
    StreamConsumed,
    UsageError,
    WriteError,
    WriteTimeout,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.events import TransportObserver
from antiphon.models.headers import Headers
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from antiphon.models.url import URL
from antiphon.testing import FakeClock
from tests._async.engine_calls import ask, fetch
from tests.anyio_group import AsyncGroup, until
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer
from tests.passing_time import let_time_pass
from tests.servers import Scripted, over_tls, read_head, reset, until_closed

UPGRADE = Headers({"Connection": "Upgrade", "Upgrade": "echo"})
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
HINTS = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    b"HTTP/1.1 199 Still Here\r\n\r\n"
)


class Heard(TransportObserver):
    def __init__(self) -> None:
        self.interim: list[tuple[int, Headers]] = []
        self.final: list[int] = []

    def informational(self, status: int, headers: Headers) -> None:
        self.interim.append((status, headers))

    def response_started(self, status: int, headers: Headers) -> None:
        self.final.append(status)


async def test_informational_responses_are_kept_and_told() -> None:
    """All 1xx responses are in `informational` of stream and response, and told to the observer."""
    heard = Heard()
    expected = [(103, Headers({"Link": "</a.css>; rel=preload"})), (199, Headers())]
    with LoopbackServer(Scripted([HINTS + HELLO, HELLO, HINTS + HELLO])) as server:
        async with AsyncClient(server.url) as client:
            response = await client.get("/", observer=heard)
            assert expected == list(response.informational)
            assert 103 == response.informational[0].status
            assert response.informational == pickle.loads(pickle.dumps(response)).informational
            assert () == (await client.get("/")).informational
            async with client.stream("GET", "/") as stream:
                assert expected == list(stream.informational)
                await stream.read()
                assert expected == list(stream.response().informational)
    assert expected == heard.interim
    assert [200] == heard.final


async def test_informational_responses_are_bounded() -> None:
    """A server that sends 1xx without end is given up on."""
    with LoopbackServer(Scripted([HINTS * 17])) as server:
        engine = AsyncEngine()
        with pytest.raises(RemoteProtocolError, match="more than 32 interim"):
            await fetch(engine, server.url)
        await engine.aclose()


async def test_trailers_of_streams_and_responses() -> None:
    """Trailers are there at the end of the body, whichever way it was read, and not before."""
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    with LoopbackServer(Scripted([chunked, chunked])) as server:
        async with AsyncClient(server.url) as client:
            assert "7" == (await client.get("/")).trailers["X-Sum"]
            async with client.stream("GET", "/") as stream:
                assert 0 == len(stream.trailers)
                async for piece in stream.iter_bytes():
                    assert b"ok" == piece
                assert "7" == stream.trailers["X-Sum"]


def echo(connection: socket.socket) -> None:
    """Switch protocols, greet at once, and echo until the client closes; then say goodbye."""
    read_head(connection)
    connection.sendall(SWITCHING + b"welcome")
    while data := connection.recv(65_536):
        connection.sendall(data)


async def switch(
    engine: AsyncEngine,
    server: LoopbackServer,
    *,
    timeout: Timeout | None = None,
    total: float | None = None,
    cancel: CancelToken | None = None,
    scheme: str = "http",
) -> AsyncRawStream:
    url = f"{scheme}://127.0.0.1:{server.port}"
    stream = await ask(engine, url, headers=UPGRADE, timeout=timeout, total=total, cancel=cancel)
    assert 101 == stream.status
    return stream.upgrade()


async def receive_welcome(raw: AsyncRawStream) -> None:
    """Take all that the echo says by itself."""
    received = b""
    while len(received) < len(b"welcome"):
        received += await raw.receive()
    assert b"welcome" == received


async def test_raw_stream_gives_leftover_bytes_first() -> None:
    """What came behind the head of the 101 is received first, then what comes after."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        async with await switch(engine, server) as raw:
            received = await raw.receive(3)
            while len(received) < 7:
                received += await raw.receive(2)
            assert b"welcome" == received
            await raw.send(b"ping")
            await raw.send(bytearray(b"pong"))
            await raw.send(memoryview(b"!"))
            received = b""
            while len(received) < 9:
                received += await raw.receive()
            assert b"pingpong!" == received
            assert "127.0.0.1" in repr(raw)
        assert "closed" in repr(raw)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_what_is_no_size_and_no_bytes() -> None:
    """Sizes and data that cannot be meant are refused; the raw stream goes on."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        async with await switch(engine, server) as raw:
            for size in (0, -1, None, "9", 1.5, True):
                with pytest.raises(InvalidOptionError, match="max_bytes="):
                    await raw.receive(size)
            for data in (None, "text", 5, [b"x"]):
                with pytest.raises(InvalidOptionError, match=r"send\(\) takes bytes, not"):
                    await raw.send(data)
            assert b"w" == await raw.receive(1)
        await engine.aclose()


@pytest.mark.parametrize("tls", [False, True])
async def test_large_traffic_both_ways_at_once(tls: bool) -> None:
    """One caller sends what another receives, more than any buffer holds."""
    handler = echo
    if tls:
        handler = over_tls(server_context("127.0.0.1"), echo)
    data = bytes(range(256)) * 40_000
    received = bytearray()
    with LoopbackServer(handler) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        raw = await switch(engine, server, scheme="https" if tls else "http")

        async def receive() -> None:
            while len(received) < len(data) + 7:
                piece = await raw.receive(10_000)
                assert 0 < len(piece) <= 10_000
                received.extend(piece)

        async with AsyncGroup() as group:
            call = group.start(receive)
            await raw.send(data)
            await until(lambda: call.done)
        await raw.aclose()
        await engine.aclose()
    assert call.error is None
    assert b"welcome" + data == bytes(received)


async def test_end_of_a_raw_stream() -> None:
    """b"" says that the peer will send no more."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SWITCHING + b"bye")

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        async with await switch(engine, server) as raw:
            received = b""
            while piece := await raw.receive():
                received += piece
            assert b"bye" == received
            assert b"" == await raw.receive()
        await engine.aclose()


async def test_reset_raw_stream() -> None:
    """A broken connection is a ReadError or a WriteError that names the peer."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SWITCHING)
        connection.recv(1)
        reset(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        async with await switch(engine, server) as raw:
            await raw.send(b"x")
            with pytest.raises(ReadError, match=f"127.0.0.1:{server.port} broke"):
                await raw.receive()
            with pytest.raises(WriteError, match="broke while bytes were sent to it"):
                for _ in range(100):
                    await raw.send(bytes(100_000))
        await engine.aclose()


def silent(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(SWITCHING)
    assert b"go" == connection.recv(2)
    connection.sendall(b"gone")
    until_closed(connection)


async def test_read_timeout_leaves_the_raw_stream_usable() -> None:
    """After a read timeout the raw stream can be used as before it."""
    with FakeClock() as clock, LoopbackServer(silent) as server:
        engine = AsyncEngine()
        async with await switch(engine, server, timeout=Timeout(None, read=5)) as raw:
            let_time_pass(clock, 5)
            with pytest.raises(ReadTimeout):
                await raw.receive()
            await raw.send(b"go")
            assert b"gone" == await raw.receive()
        await engine.aclose()


async def test_write_timeout_deadline_and_cancellation() -> None:
    """The limits of the call hold for its raw stream."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        async with await switch(engine, server, timeout=Timeout(write=0.05)) as raw:
            with pytest.raises(WriteTimeout):  # its echo is not read, so it stops reading
                await raw.send(bytes(50_000_000))
        with FakeClock() as clock:
            async with await switch(engine, server, total=5) as raw:
                await receive_welcome(raw)
                let_time_pass(clock, 5)
                with pytest.raises(DeadlineExceeded):
                    await raw.receive()
        token = CancelToken()
        async with await switch(engine, server, cancel=token) as raw:
            await receive_welcome(raw)
            async with AsyncGroup() as group:
                call = group.start(raw.receive)
                await until(lambda: raw._users)
                token.cancel()
            assert isinstance(call.error, RequestCancelled)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_closing_under_a_reader() -> None:
    """`aclose()` ends the wait of whoever receives, and is repeatable; then nothing works."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        raw = await switch(engine, server)
        await raw.receive()
        async with AsyncGroup() as group:
            call = group.start(raw.receive)
            await until(lambda: raw._users)
            await raw.aclose()
        assert isinstance(call.error, StreamClosed)
        await raw.aclose()
        with pytest.raises(StreamClosed):
            await raw.send(b"x")
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_closing_the_client_under_a_reader() -> None:
    """The end of the client ends its raw streams."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        raw = await switch(engine, server)
        await raw.receive()
        async with AsyncGroup() as group:
            call = group.start(raw.receive)
            await until(lambda: raw._users)
            await engine.aclose()
        assert isinstance(call.error, ClientClosedError)
        with pytest.raises(ClientClosedError):
            await raw.send(b"x")
        await raw.aclose()


async def test_forgotten_raw_stream() -> None:
    """A raw stream that nobody closes is closed by the collector, and complained about."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        raw = await switch(engine, server)
        assert 1 == engine.pool._plan.open_count
        kept = [raw]
        del raw
        with pytest.warns(ResourceWarning, match="was never closed"):
            kept.clear()
        gc.collect()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_raw_stream_outlives_the_block_of_its_call() -> None:
    """It is the caller's: leaving the block of the stream leaves it open."""
    with LoopbackServer(echo) as server:
        async with AsyncClient() as client:
            async with client.stream("GET", server.url, headers=UPGRADE) as stream:
                raw = stream.upgrade()
                with pytest.raises(StreamConsumed):
                    stream.upgrade()
            assert b"welcome" == await raw.receive()
            await raw.aclose()


async def test_switch_that_nobody_takes_over() -> None:
    """A loaded 101 has an empty body; its connection is closed, as is that of a stream left."""
    with LoopbackServer(echo) as server:
        async with AsyncClient() as client:
            response = await client.get(server.url, headers=UPGRADE)
            assert (101, b"") == (response.status, response.content)
        engine = AsyncEngine()
        stream = await ask(engine, server.url, headers=UPGRADE)
        await stream.aclose()
        with pytest.raises(StreamClosed):
            stream.upgrade()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_switch_that_was_not_asked_for() -> None:
    """A 101 in answer to a request without `Upgrade` is a mistake of the server's."""
    with LoopbackServer(echo) as server:
        engine = AsyncEngine()
        with pytest.raises(RemoteProtocolError, match="without having been asked"):
            await ask(engine, server.url)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_only_a_101_of_ours_can_be_upgraded() -> None:
    """Any other status, and a transport without connections, have nothing to hand over."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, headers=UPGRADE)
        with pytest.raises(UsageError, match="cannot be upgraded"):
            stream.upgrade()
        assert b"hello" == await stream.read()
        await engine.aclose()
    mock = AsyncResponseStream.of_bytes(Request("GET", URL("http://a.test")), 101)
    with pytest.raises(UsageError):
        mock.upgrade()
    await mock.aclose()


async def test_unmade_raw_stream_is_collected_silently() -> None:
    """One whose constructor was interrupted has nothing to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = object.__new__(AsyncRawStream)
        del raw
        gc.collect()
