"""A channel tries its socket once, and says which readiness to wait for."""

from __future__ import annotations

import select
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from antiphon.network.channel import PlainChannel, is_writable
from antiphon.network.tls_channel import RECORD_SIZE, TLSChannel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture(params=["poll", "select"])
def readiness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with `poll`, and without it as on Windows."""
    if request.param == "select":
        monkeypatch.delattr(select, "poll", raising=False)


def test_receive(pair: tuple[socket.socket, socket.socket]) -> None:
    """Nothing yet is None, the end of the stream b"", bytes at most as many as asked for."""
    ours, theirs = pair
    channel = PlainChannel(ours)
    channel.wants_write = True

    assert channel.receive(10) is None
    assert not channel.wants_write
    theirs.sendall(b"hello world")
    assert b"hello" == channel.receive(5)
    assert b" world" == channel.receive(100)
    theirs.close()
    assert b"" == channel.receive(10)


def test_send(pair: tuple[socket.socket, socket.socket]) -> None:
    """As much as fits is taken; 0 says to wait until the socket can be written to."""
    ours, theirs = pair
    channel = PlainChannel(ours)
    sent = 0
    while taken := channel.send(bytes(100_000)):
        sent += taken

    assert channel.wants_write
    received = 0
    while received < sent:
        received += len(theirs.recv(1_000_000))
    assert 3 == channel.send(memoryview(b"abc"))


@pytest.mark.usefixtures("readiness")
@pytest.mark.parametrize("event", ["bytes", "end"])
def test_an_idle_connection_that_stirs_is_not_quiet(
    pair: tuple[socket.socket, socket.socket], event: str
) -> None:
    """Unasked bytes and the end of the stream both show that a connection cannot be used again."""
    ours, theirs = pair
    channel = PlainChannel(ours)

    assert channel.is_quiet()
    if event == "bytes":
        theirs.send(b"x")
    else:
        theirs.close()
    assert not channel.is_quiet()


def test_close_twice(pair: tuple[socket.socket, socket.socket]) -> None:
    """Closing is done at once and may be repeated."""
    ours, theirs = pair
    channel = PlainChannel(ours)
    channel.close()
    channel.close()

    assert b"" == theirs.recv(1)


@pytest.mark.usefixtures("readiness")
def test_is_writable(pair: tuple[socket.socket, socket.socket]) -> None:
    """A socket can be written to while its buffer has room; a closed one is past waiting for."""
    ours, _ = pair
    assert is_writable(ours)
    channel = PlainChannel(ours)
    while channel.send(bytes(100_000)):
        pass
    assert not is_writable(ours)
    ours.close()
    assert is_writable(ours)


# --- TLS -----------------------------------------------------------------------------------------


class Sock:
    """An `ssl.SSLSocket` that does what the test says next."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.next: object = b""
        self.asked: list[object] = []

    def _do(self, argument: object) -> object:
        self.asked.append(argument)
        if isinstance(self.next, BaseException):
            raise self.next
        return self.next

    recv = send = _do

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def version(self) -> None:
        return None

    def cipher(self) -> None:
        return None

    def selected_alpn_protocol(self) -> None:
        return None

    def getpeercert(self, binary_form: bool) -> None:
        return None


@pytest.fixture
def tls(pair: tuple[socket.socket, socket.socket]) -> tuple[TLSChannel, Sock]:
    sock = Sock(pair[0])
    return TLSChannel(sock), sock  # type: ignore[arg-type]


def test_what_the_handshake_agreed_on(tls: tuple[TLSChannel, Sock]) -> None:
    """Version and cipher are words, empty if unknown."""
    info = tls[0].info

    assert ("", "", None) == (info.version, info.cipher, info.alpn)


def test_a_whole_record_is_asked_for(tls: tuple[TLSChannel, Sock]) -> None:
    """Less than a record is never asked for: the rest would lie in a buffer that no wait sees."""
    channel, sock = tls
    sock.next = b"x"
    assert b"x" == channel.receive(1)
    assert b"x" == channel.receive(RECORD_SIZE * 2)

    assert [RECORD_SIZE, RECORD_SIZE * 2] == sock.asked


@pytest.mark.parametrize(
    ("error", "wants_write"), [(ssl.SSLWantReadError(), False), (ssl.SSLWantWriteError(), True)]
)
def test_either_direction_may_want_either(
    tls: tuple[TLSChannel, Sock], error: Exception, wants_write: bool
) -> None:
    """TLS may have to write in order to read, and to read in order to write."""
    channel, sock = tls
    sock.next = error
    channel.wants_write = not wants_write
    assert channel.receive(1) is None
    assert wants_write is channel.wants_write
    channel.wants_write = not wants_write
    assert 0 == channel.send(b"abc")
    assert wants_write is channel.wants_write


@pytest.mark.parametrize("error", [ssl.SSLEOFError(8, "eof"), ssl.SSLZeroReturnError(6, "zero")])
def test_an_end_without_close_notify(tls: tuple[TLSChannel, Sock], error: Exception) -> None:
    """A stream that ends without TLS's own close is an error, not an end."""
    channel, sock = tls
    sock.next = error
    with pytest.raises(ConnectionAbortedError, match="without closing it"):
        channel.receive(1)


@pytest.mark.parametrize(
    ("found", "quiet"),
    [
        (ssl.SSLWantReadError(), True),
        (b"", False),
        (b"x", False),
        (OSError("reset"), False),
        (ValueError("closed"), False),
    ],
)
def test_tickets_do_not_end_an_idle_connection(
    tls: tuple[TLSChannel, Sock],
    pair: tuple[socket.socket, socket.socket],
    found: object,
    quiet: bool,
) -> None:
    """Bytes that TLS keeps to itself leave an idle connection good; anything else ends it."""
    channel, sock = tls
    sock.next = found
    assert channel.is_quiet()
    assert [] == sock.asked
    pair[1].send(b"ticket")

    assert quiet is channel.is_quiet()
