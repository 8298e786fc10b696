# GENERATED from _async/test_switching_protocols.py by tools/unasync.py. Do not edit.
"""1xx: what comes before the answer is kept and told, and 101 hands the connection over."""

from __future__ import annotations

import gc
import pickle
import socket
import warnings

import pytest

from antiphon._sync.client import Client
from antiphon._sync.engine.engine import Engine
from antiphon._sync.engine.raw_stream import RawStream
from antiphon._sync.stream import ResponseStream
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
from tests._sync.engine_calls import ask, fetch
from tests.thread_group import Group, until
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


def test_informational_responses_are_kept_and_told() -> None:
    """All 1xx responses are in `informational` of stream and response, and told to the observer."""
    heard = Heard()
    expected = [(103, Headers({"Link": "</a.css>; rel=preload"})), (199, Headers())]
    with LoopbackServer(Scripted([HINTS + HELLO, HELLO, HINTS + HELLO])) as server:
        with Client(server.url) as client:
            response = client.get("/", observer=heard)
            assert expected == list(response.informational)
            assert 103 == response.informational[0].status
            assert response.informational == pickle.loads(pickle.dumps(response)).informational
            assert () == (client.get("/")).informational
            with client.stream("GET", "/") as stream:
                assert expected == list(stream.informational)
                stream.read()
                assert expected == list(stream.response().informational)
    assert expected == heard.interim
    assert [200] == heard.final


def test_informational_responses_are_bounded() -> None:
    """A server that sends 1xx without end is given up on."""
    with LoopbackServer(Scripted([HINTS * 17])) as server:
        engine = Engine()
        with pytest.raises(RemoteProtocolError, match="more than 32 interim"):
            fetch(engine, server.url)
        engine.close()


def test_trailers_of_streams_and_responses() -> None:
    """Trailers are there at the end of the body, whichever way it was read, and not before."""
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    with LoopbackServer(Scripted([chunked, chunked])) as server:
        with Client(server.url) as client:
            assert "7" == (client.get("/")).trailers["X-Sum"]
            with client.stream("GET", "/") as stream:
                assert 0 == len(stream.trailers)
                for piece in stream.iter_bytes():
                    assert b"ok" == piece
                assert "7" == stream.trailers["X-Sum"]


def echo(connection: socket.socket) -> None:
    """Switch protocols, greet at once, and echo until the client closes; then say goodbye."""
    read_head(connection)
    connection.sendall(SWITCHING + b"welcome")
    while data := connection.recv(65_536):
        connection.sendall(data)


def switch(
    engine: Engine,
    server: LoopbackServer,
    *,
    timeout: Timeout | None = None,
    total: float | None = None,
    cancel: CancelToken | None = None,
    scheme: str = "http",
) -> RawStream:
    url = f"{scheme}://127.0.0.1:{server.port}"
    stream = ask(engine, url, headers=UPGRADE, timeout=timeout, total=total, cancel=cancel)
    assert 101 == stream.status
    return stream.upgrade()


def receive_welcome(raw: RawStream) -> None:
    """Take all that the echo says by itself."""
    received = b""
    while len(received) < len(b"welcome"):
        received += raw.receive()
    assert b"welcome" == received


def test_raw_stream_gives_leftover_bytes_first() -> None:
    """What came behind the head of the 101 is received first, then what comes after."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        with switch(engine, server) as raw:
            received = raw.receive(3)
            while len(received) < 7:
                received += raw.receive(2)
            assert b"welcome" == received
            raw.send(b"ping")
            raw.send(bytearray(b"pong"))
            raw.send(memoryview(b"!"))
            received = b""
            while len(received) < 9:
                received += raw.receive()
            assert b"pingpong!" == received
            assert "127.0.0.1" in repr(raw)
        assert "closed" in repr(raw)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_what_is_no_size_and_no_bytes() -> None:
    """Sizes and data that cannot be meant are refused; the raw stream goes on."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        with switch(engine, server) as raw:
            for size in (0, -1, None, "9", 1.5, True):
                with pytest.raises(InvalidOptionError, match="max_bytes="):
                    raw.receive(size)
            for data in (None, "text", 5, [b"x"]):
                with pytest.raises(InvalidOptionError, match=r"send\(\) takes bytes, not"):
                    raw.send(data)
            assert b"w" == raw.receive(1)
        engine.close()


@pytest.mark.parametrize("tls", [False, True])
def test_large_traffic_both_ways_at_once(tls: bool) -> None:
    """One caller sends what another receives, more than any buffer holds."""
    handler = echo
    if tls:
        handler = over_tls(server_context("127.0.0.1"), echo)
    data = bytes(range(256)) * 40_000
    received = bytearray()
    with LoopbackServer(handler) as server:
        engine = Engine(tls=TLSConfig(ca_file=ca_file()))
        raw = switch(engine, server, scheme="https" if tls else "http")

        def receive() -> None:
            while len(received) < len(data) + 7:
                piece = raw.receive(10_000)
                assert 0 < len(piece) <= 10_000
                received.extend(piece)

        with Group() as group:
            call = group.start(receive)
            raw.send(data)
            until(lambda: call.done)
        raw.close()
        engine.close()
    assert call.error is None
    assert b"welcome" + data == bytes(received)


def test_end_of_a_raw_stream() -> None:
    """b"" says that the peer will send no more."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SWITCHING + b"bye")

    with LoopbackServer(handle) as server:
        engine = Engine()
        with switch(engine, server) as raw:
            received = b""
            while piece := raw.receive():
                received += piece
            assert b"bye" == received
            assert b"" == raw.receive()
        engine.close()


def test_reset_raw_stream() -> None:
    """A broken connection is a ReadError or a WriteError that names the peer."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(SWITCHING)
        connection.recv(1)
        reset(connection)

    with LoopbackServer(handle) as server:
        engine = Engine()
        with switch(engine, server) as raw:
            raw.send(b"x")
            with pytest.raises(ReadError, match=f"127.0.0.1:{server.port} broke"):
                raw.receive()
            with pytest.raises(WriteError, match="broke while bytes were sent to it"):
                for _ in range(100):
                    raw.send(bytes(100_000))
        engine.close()


def silent(connection: socket.socket) -> None:
    read_head(connection)
    connection.sendall(SWITCHING)
    assert b"go" == connection.recv(2)
    connection.sendall(b"gone")
    until_closed(connection)


def test_read_timeout_leaves_the_raw_stream_usable() -> None:
    """After a read timeout the raw stream can be used as before it."""
    with FakeClock() as clock, LoopbackServer(silent) as server:
        engine = Engine()
        with switch(engine, server, timeout=Timeout(None, read=5)) as raw:
            let_time_pass(clock, 5)
            with pytest.raises(ReadTimeout):
                raw.receive()
            raw.send(b"go")
            assert b"gone" == raw.receive()
        engine.close()


def test_write_timeout_deadline_and_cancellation() -> None:
    """The limits of the call hold for its raw stream."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        with switch(engine, server, timeout=Timeout(write=0.05)) as raw:
            with pytest.raises(WriteTimeout):  # its echo is not read, so it stops reading
                raw.send(bytes(50_000_000))
        with FakeClock() as clock:
            with switch(engine, server, total=5) as raw:
                receive_welcome(raw)
                let_time_pass(clock, 5)
                with pytest.raises(DeadlineExceeded):
                    raw.receive()
        token = CancelToken()
        with switch(engine, server, cancel=token) as raw:
            receive_welcome(raw)
            with Group() as group:
                call = group.start(raw.receive)
                until(lambda: raw._users)
                token.cancel()
            assert isinstance(call.error, RequestCancelled)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_closing_under_a_reader() -> None:
    """`close()` ends the wait of whoever receives, and is repeatable; then nothing works."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        raw = switch(engine, server)
        raw.receive()
        with Group() as group:
            call = group.start(raw.receive)
            until(lambda: raw._users)
            raw.close()
        assert isinstance(call.error, StreamClosed)
        raw.close()
        with pytest.raises(StreamClosed):
            raw.send(b"x")
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_closing_the_client_under_a_reader() -> None:
    """The end of the client ends its raw streams."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        raw = switch(engine, server)
        raw.receive()
        with Group() as group:
            call = group.start(raw.receive)
            until(lambda: raw._users)
            engine.close()
        assert isinstance(call.error, ClientClosedError)
        with pytest.raises(ClientClosedError):
            raw.send(b"x")
        raw.close()


def test_forgotten_raw_stream() -> None:
    """A raw stream that nobody closes is closed by the collector, and complained about."""
    with LoopbackServer(echo) as server:
        engine = Engine(limits=Limits(max_connections=1))
        raw = switch(engine, server)
        assert 1 == engine.pool._plan.open_count
        kept = [raw]
        del raw
        with pytest.warns(ResourceWarning, match="was never closed"):
            kept.clear()
        gc.collect()
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_raw_stream_outlives_the_block_of_its_call() -> None:
    """It is the caller's: leaving the block of the stream leaves it open."""
    with LoopbackServer(echo) as server:
        with Client() as client:
            with client.stream("GET", server.url, headers=UPGRADE) as stream:
                raw = stream.upgrade()
                with pytest.raises(StreamConsumed):
                    stream.upgrade()
            assert b"welcome" == raw.receive()
            raw.close()


def test_switch_that_nobody_takes_over() -> None:
    """A loaded 101 has an empty body; its connection is closed, as is that of a stream left."""
    with LoopbackServer(echo) as server:
        with Client() as client:
            response = client.get(server.url, headers=UPGRADE)
            assert (101, b"") == (response.status, response.content)
        engine = Engine()
        stream = ask(engine, server.url, headers=UPGRADE)
        stream.close()
        with pytest.raises(StreamClosed):
            stream.upgrade()
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_switch_that_was_not_asked_for() -> None:
    """A 101 in answer to a request without `Upgrade` is a mistake of the server's."""
    with LoopbackServer(echo) as server:
        engine = Engine()
        with pytest.raises(RemoteProtocolError, match="without having been asked"):
            ask(engine, server.url)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_only_a_101_of_ours_can_be_upgraded() -> None:
    """Any other status, and a transport without connections, have nothing to hand over."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = Engine()
        stream = ask(engine, server.url, headers=UPGRADE)
        with pytest.raises(UsageError, match="cannot be upgraded"):
            stream.upgrade()
        assert b"hello" == stream.read()
        engine.close()
    mock = ResponseStream.of_bytes(Request("GET", URL("http://a.test")), 101)
    with pytest.raises(UsageError):
        mock.upgrade()
    mock.close()


def test_unmade_raw_stream_is_collected_silently() -> None:
    """One whose constructor was interrupted has nothing to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = object.__new__(RawStream)
        del raw
        gc.collect()
