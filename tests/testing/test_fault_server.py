"""`FaultServer` does what its scripts say, records what it received, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from contextlib import closing

import pytest

import antiphon.testing
from antiphon.testing import FaultServer, faults
from antiphon.testing.fault_script import (
    Answer,
    Close,
    Drip,
    HalfClose,
    Handshake,
    Hold,
    NeverRead,
    Pour,
    ReadBytes,
    ReadHead,
    ReadRequest,
    Reset,
    Send,
    Serve,
    Stall,
    reply,
)
from tests.certificates import ca_file, server_context

GET = b"GET /x HTTP/1.1\r\nHost: h\r\nX-One: 1\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = (
    b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nbody\r\n3;x=y\r\n...\r\n0\r\nTrailer: 1\r\n\r\n"
)


def connect(server: FaultServer) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=10)


def ask(server: FaultServer) -> bytes:
    """Connect, say nothing, and return what comes until the end."""
    with connect(server) as sock:
        return read_all(sock)


def read_all(sock: socket.socket) -> bytes:
    data = b""
    while piece := sock.recv(65_536):
        data += piece
    return data


def test_answers_and_records() -> None:
    """A request is recorded with its method, target, headers and body, and answered as scripted."""
    with FaultServer([Answer(b"one"), Answer(b"two"), Answer(b"three")]) as server:
        with connect(server) as sock:
            sock.sendall(GET + POST + CHUNKED)
            assert b"onetwothree" == read_all(sock)
        first, second, third = server.requests
        assert ("GET", "/x", "1", b"") == (
            first.method,
            first.target,
            first.headers["x-one"],
            first.body,
        )
        assert ("POST", b"body", 4, True) == (
            second.method,
            second.body,
            second.body_length,
            second.complete,
        )
        assert (b"body...", True) == (third.body, third.complete)
        assert [0, 0, 0] == [request.connection for request in server.requests]
        (record,) = server.connections
        assert (len(GET + POST + CHUNKED), 11) == (record.received_bytes, record.sent_bytes)


def test_one_script_a_connection() -> None:
    """The first connection gets the first script, later ones `then`, added ones come in between."""
    with FaultServer([Send(b"a")], then=[Send(b"z")]) as server:
        server.add([Send(b"b")])
        assert [b"a", b"b", b"z", b"z"] == [ask(server) for _ in range(4)]
        assert 4 == len(server.connections)


def test_reset() -> None:
    """A reset is a reset."""
    with FaultServer([ReadBytes(3), Reset()]) as server, connect(server) as sock:
        sock.sendall(GET)
        with pytest.raises(ConnectionResetError):
            read_all(sock)
        assert () == server.requests
        assert 3 == server.received_bytes


def test_close_is_no_reset() -> None:
    """A close is a proper end, even if the client's bytes were not read."""
    with FaultServer([ReadBytes(1), Close()]) as server, connect(server) as sock:
        sock.sendall(GET)
        assert b"" == read_all(sock)


def test_half_close() -> None:
    """After a half-close the client may go on sending, and nothing more comes."""
    with FaultServer([Send(b"x"), HalfClose()]) as server, connect(server) as sock:
        assert b"x" == read_all(sock)
        sock.sendall(GET)
        server.wait_for(lambda: server.received_bytes == len(GET))
        assert server.connections[0].is_open


def test_drip() -> None:
    """Bytes come as few at a time as was said."""
    with FaultServer([Drip(b"abcdef", every=0.001, size=2)]) as server, connect(server) as sock:
        assert b"abcdef" == read_all(sock)


def test_pour() -> None:
    """A block is repeated as often as was said."""
    with FaultServer([Pour(b"ab", times=3)]) as server, connect(server) as sock:
        assert b"ababab" == read_all(sock)


def test_hold() -> None:
    """A held script goes on once it is released."""
    with FaultServer([Hold("now"), Send(b"x")]) as server, connect(server) as sock:
        sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        server.release("now")
        sock.settimeout(10)
        assert b"x" == read_all(sock)


def test_request_is_recorded_before_its_body() -> None:
    """A head that was read counts as a request, complete only once its body was read."""
    with FaultServer([ReadHead(), Hold("rest"), ReadRequest()]) as server, connect(server) as sock:
        sock.sendall(POST[:-4])
        server.wait_for(lambda: server.requests)
        assert not server.requests[0].complete
        sock.sendall(POST[-4:])
        server.release("rest")
        assert b"" == read_all(sock)
        assert (b"body", True) == (server.requests[0].body, server.requests[0].complete)


def test_refusing() -> None:
    """Inside of the block nobody gets in, after it everybody does, even if the block failed."""
    with FaultServer() as server:
        with pytest.raises(ConnectionRefusedError), server.refusing():
            connect(server)
        with connect(server) as sock:
            sock.sendall(GET)
            assert reply() == sock.recv(65_536)


def test_tls() -> None:
    """With a context the server speaks TLS, and closes it properly or cuts it off."""
    client = ssl.create_default_context(cafile=ca_file())
    with FaultServer(
        [Answer()], [Answer(), Close(notify=False)], tls=server_context("127.0.0.1")
    ) as server:
        for ending in (None, ssl.SSLEOFError):
            with client.wrap_socket(
                connect(server), server_hostname="127.0.0.1", suppress_ragged_eofs=False
            ) as tls:
                tls.sendall(GET)
                assert reply() == tls.recv(65_536)
                if ending is None:
                    assert b"" == tls.recv(1)
                else:
                    with pytest.raises(ending):
                        tls.recv(1)
        assert len(GET) * 2 == server.received_bytes


def test_before_tls() -> None:
    """Steps before a `Handshake` step happen to the bare connection; their bytes are no HTTP."""
    with (
        FaultServer([ReadBytes(1), Send(b"x"), Handshake()], tls=server_context("h")) as server,
        connect(server) as sock,
    ):
        sock.sendall(b"hello")
        assert b"x" == sock.recv(1)
        assert 0 == server.received_bytes


@pytest.mark.parametrize(
    "script",
    [[Stall()], [NeverRead()], [Hold("never")], [Drip(bytes(100), every=60)], [Pour(bytes(9999))]],
    ids=lambda script: type(script[0]).__name__,
)
@pytest.mark.parametrize("over_tls", [False, True])
def test_closing_ends_everything(script: list[Stall], over_tls: bool) -> None:
    """Leaving the block ends scripts that wait, and handshakes that do not come."""
    before = set(threading.enumerate())
    with FaultServer(script, tls=server_context("h") if over_tls else None) as server:
        sock = connect(server)
        server.wait_for(lambda: server.connections)
    with closing(sock):
        # By name, not by number: an idle thread of another test's client may end meanwhile.
        assert set() == set(threading.enumerate()) - before
        assert not server.connections[0].is_open


def test_errors_of_scripts_are_raised() -> None:
    """What a script does wrong is raised when the block is left."""

    class Wrong:
        def perform(self, connection: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), FaultServer([Wrong()]) as server:
        assert b"" == ask(server)


def test_wait_for_gives_up() -> None:
    """What does not happen in time is the builtin TimeoutError."""
    with FaultServer() as server, pytest.raises(TimeoutError, match=r"0\.01 s"):
        server.wait_for(lambda: False, timeout=0.01)


def test_presets_are_scripts() -> None:
    """Every preset is a sequence of steps, and `after` answers before it."""
    presets = [value for name, value in vars(faults).items() if name.isupper() and name[0] != "_"]
    assert 40 < len(presets)
    for script in presets:
        assert all(callable(step.perform) for step in script)
    assert (Answer(), Answer(), Serve()) == faults.after(faults.GOOD, answers=2)


def test_the_error_of_the_block_goes_first() -> None:
    """An error in the block is not hidden by one of a script."""

    class Wrong:
        def perform(self, connection: object) -> None:
            raise ZeroDivisionError

    with pytest.raises(KeyError), FaultServer([Wrong()]) as server:
        assert b"" == ask(server)
        raise KeyError


def test_a_script_that_does_not_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for the scripts, but not for ever."""
    released = threading.Event()

    class Endless:
        def perform(self, connection: object) -> None:
            released.wait()

    monkeypatch.setattr("antiphon.testing.fault_server.JOIN_SECONDS", 0.01)
    server = FaultServer([Endless()])
    with server, connect(server):
        server.wait_for(lambda: server.connections)
        with pytest.raises(RuntimeError, match="does not end"):
            server.close()
        released.set()
        monkeypatch.undo()


def test_accepted_while_closing() -> None:
    """A connection that comes while the server closes is closed at once."""
    server = FaultServer([Stall()])
    with connect(server) as sock:
        server._log.close()
        server._accept(server._listener)
        assert b"" == sock.recv(1)
        assert not server.connections
    server.close()


def test_repr() -> None:
    """A server shows its URL and how many connections it had."""
    with FaultServer([Serve()]) as server:
        assert f"<FaultServer at {server.url}, 0 connections>" == repr(server)


def test_a_head_without_end() -> None:
    """A request head of over a megabyte is an error of the test."""
    with (
        pytest.raises(ValueError, match="longer than"),
        FaultServer([ReadHead()]) as server,
        connect(server) as sock,
        contextlib.suppress(OSError),
    ):
        sock.sendall(b"x" * 2_000_000)
        sock.recv(1)


def test_unknown_names() -> None:
    """What `antiphon.testing` does not have is an AttributeError."""
    with pytest.raises(AttributeError, match="'Nope'"):
        antiphon.testing.Nope  # noqa: B018
