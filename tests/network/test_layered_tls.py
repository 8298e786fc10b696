"""TLS over another channel: what it says to wait for, what it counts as sent, how it ends."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from antiphon.network.channel import PlainChannel
from antiphon.network.layered_tls import LayeredTLSChannel
from antiphon.wire.tls import RECORD_SIZE
from tests.certificates import ca_file, server_context
from tests.wire.test_tls import Server


class Outer(PlainChannel):
    """A channel to a server over buffers; takes `room` bytes at most, and gives `piece` at once."""

    __slots__ = ("come", "ended", "piece", "room", "server", "takes")

    def __init__(self, sock: socket.socket, server: Server) -> None:
        super().__init__(sock)
        self.server = server
        self.come = b""
        self.ended = False
        self.piece = RECORD_SIZE
        self.room: int | None = None
        self.takes = 0

    def receive(self, size: int) -> bytes | None:
        """A piece of what the server has said."""
        self.come += self.server.outgoing.read()
        data, self.come = self.come[: min(size, self.piece)], self.come[min(size, self.piece) :]
        self.wants_write = False
        return data if data or self.ended else None

    def send(self, data: bytes | memoryview) -> int:
        """Let the server have what there is room for."""
        count = len(data) if self.room is None else min(self.room, len(data))
        self.wants_write = not count
        self.server.incoming.write(bytes(data[:count]))
        if self.room is not None:
            self.room -= count
        self.takes += 1
        return count


@contextmanager
def connected(*, shake: bool = True) -> Iterator[tuple[LayeredTLSChannel, Outer, socket.socket]]:
    """A channel over an outer one, after its handshake; and the peer of the outer one's socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        outer = Outer(ours, Server(server_context("server.test")))
        context = ssl.create_default_context(cafile=ca_file())
        channel = LayeredTLSChannel(outer, context, "server.test")
        while shake and not channel.advance_handshake():
            outer.server.handshake()
        if shake:
            assert outer.server.handshake()
            assert None is channel.receive(1)  # session tickets are no data
        yield channel, outer, theirs


def test_handshake_waits_for_what_is_missing() -> None:
    """A handshake that cannot go on says which way it waits, and goes on from there."""
    with connected(shake=False) as (channel, outer, _):
        outer.room = 10
        assert (False, True) == (channel.advance_handshake(), channel.wants_write)
        outer.room = None
        assert (False, False) == (channel.advance_handshake(), channel.wants_write)
        outer.server.handshake()
        outer.piece = 100
        outer.room = 0
        assert (False, True) == (channel.advance_handshake(), channel.wants_write)
        outer.room = None
        assert channel.advance_handshake()
        assert outer.server.handshake()
        assert "TLSv1.3" == channel.info.version


def test_last_flight_is_sent_before_the_handshake_is_done() -> None:
    """The handshake is not done while our last words of it have not been taken."""
    with connected(shake=False) as (channel, outer, _):
        assert not channel.advance_handshake()
        outer.server.handshake()
        outer.room = 0
        assert not channel.advance_handshake()
        assert channel.wants_write
        outer.room = None
        assert channel.advance_handshake()


def test_refused_peer_gets_the_alert() -> None:
    """A peer that is refused is told so before the connection is closed."""
    with connected(shake=False) as (_, outer, _):
        context = ssl.create_default_context(cafile=ca_file())
        channel = LayeredTLSChannel(outer, context, "other.test")
        assert not channel.advance_handshake()
        outer.server = Server(server_context("server.test"))
        channel = LayeredTLSChannel(outer, context, "other.test")
        assert not channel.advance_handshake()
        outer.server.handshake()
        with pytest.raises(ssl.SSLCertVerificationError):
            channel.advance_handshake()
        with pytest.raises(ssl.SSLError, match="(?i)alert"):
            outer.server.handshake()


def test_nothing_counts_as_sent_before_its_record_is() -> None:
    """Bytes are taken once their whole record was: a part of it is of no use to the peer."""
    with connected() as (channel, outer, _):
        outer.room = 100
        content = b"x" * (RECORD_SIZE + 5)
        assert (0, True) == (channel.send(content), channel.wants_write)
        with pytest.raises(ssl.SSLWantReadError):
            outer.server.tls.read(RECORD_SIZE)
        assert 0 == channel.send(content)
        outer.room = None
        assert RECORD_SIZE == channel.send(content)
        assert 5 == channel.send(content[RECORD_SIZE:])
        assert RECORD_SIZE == len(outer.server.tls.read(2 * RECORD_SIZE))
        assert b"x" * 5 == outer.server.tls.read(RECORD_SIZE)


def test_sending_before_the_handshake() -> None:
    """What cannot be encrypted yet is not taken, and waits for the peer."""
    with connected(shake=False) as (channel, outer, _):
        assert (0, False) == (channel.send(b"hello"), channel.wants_write)
        outer.server.handshake()
        assert 5 == channel.send(b"hello")
        assert outer.server.handshake()
        assert b"hello" == outer.server.tls.read(10)


def test_receiving() -> None:
    """What came is given whole whatever pieces it came in, and then None."""
    with connected() as (channel, outer, _):
        outer.server.tls.write(b"hello" * 1_000)
        outer.piece = 700
        received = b""
        while (data := channel.receive(10)) is not None:
            received += data
        assert (b"hello" * 1_000, False) == (received, channel.wants_write)


def test_ends() -> None:
    """close_notify ends the stream; the end of the outer channel without it is an error."""
    with connected() as (channel, outer, _):
        with pytest.raises(ssl.SSLWantReadError):
            outer.server.tls.unwrap()
        assert b"" == channel.receive(10)
    with connected() as (channel, outer, _):
        outer.ended = True
        with pytest.raises(ConnectionAbortedError, match="without closing it"):
            channel.receive(10)


def test_quiet() -> None:
    """An idle connection is good until something but a session ticket comes, or its end."""
    with connected() as (channel, outer, theirs):
        assert channel.is_quiet()
        theirs.send(b"x")  # of the outer channel's own: a ticket
        assert channel.is_quiet()
        outer.server.tls.write(b"unasked for")
        assert not channel.is_quiet()
    with connected() as (channel, outer, theirs):
        theirs.send(b"x")
        outer.server.outgoing.write(b"no record at all")
        assert not channel.is_quiet()


def test_closing() -> None:
    """Closing closes the channel beneath, at once and as often as one likes."""
    with connected() as (channel, outer, _):
        channel.close()
        channel.close()
        assert -1 == outer.sock.fileno()
