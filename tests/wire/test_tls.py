"""TLS over buffers: handshake, records, ends, and what a wrong peer gets told."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.wire.tls import RECORD_SIZE, TLSLayer
from tests.certificates import ca_file, server_context


class Server:
    """The other side of a `TLSLayer`, over buffers too."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def handshake(self) -> bool:
        """Go on with the handshake; True once it is done."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True


def client_context(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """A client's settings that trust the tests' authority, for one version of TLS."""
    context = ssl.create_default_context(cafile=ca_file())
    context.minimum_version = context.maximum_version = version
    return context


def pair(
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, piece: int = RECORD_SIZE
) -> tuple[TLSLayer, Server]:
    """A client and a server after their handshake, fed in pieces."""
    client = TLSLayer(client_context(version), "server.test")
    server = Server(server_context("server.test"))
    client_done = server_done = False
    while not (client_done and server_done):
        client_done = client.handshake()
        server.incoming.write(client.output())
        server_done = server.handshake()
        data = server.outgoing.read()
        for start in range(0, len(data), piece):
            client.feed(data[start : start + piece])
            client_done = client.handshake()
        server.incoming.write(client.output())
    return client, server


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_agreed(version: ssl.TLSVersion) -> None:
    """After the handshake version, cipher and the peer's certificate are known."""
    client, server = pair(version)

    assert version.name == client.version.replace(".", "_")
    assert server.tls.cipher()[0] == client.cipher  # type: ignore[index]
    assert None is client.alpn
    assert b"server.test" in (client.peer_certificate or b"")


def test_before_the_handshake() -> None:
    """Before anything was agreed on there is nothing to tell, and nothing can be sent or read."""
    client = TLSLayer(client_context(), "server.test")

    assert ("", "", None) == (client.version, client.cipher, client.alpn)
    assert (None, None) == (client.write(b"hello"), client.read(10))


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=15)
@given(st.binary(min_size=1, max_size=50_000), st.integers(1, 20_000))
def test_both_ways(version: ssl.TLSVersion, content: bytes, piece: int) -> None:
    """What is written arrives as it was, one record at a time, in whatever pieces it travels."""
    client, server = pair(version, piece)
    rest = content
    while rest:
        taken = client.write(rest)
        assert min(len(rest), RECORD_SIZE) == taken
        rest = rest[taken:]
    server.incoming.write(client.output())
    echoed = bytearray()
    while len(echoed) < len(content):
        echoed += server.tls.read(RECORD_SIZE)
    server.tls.write(bytes(echoed))
    answer = server.outgoing.read()
    received = bytearray()
    for start in range(0, len(answer), piece):
        client.feed(answer[start : start + piece])
        while (data := client.read(RECORD_SIZE)) is not None:
            received += data

    assert content == bytes(received)


def test_end_with_and_without_a_word() -> None:
    """close_notify is the end of the stream; an end of the wire without it is an error."""
    client, server = pair()
    with pytest.raises(ssl.SSLWantReadError):
        server.tls.unwrap()
    client.feed(server.outgoing.read())
    assert b"" == client.read(10)

    client, server = pair()
    client.feed(b"")
    with pytest.raises(ssl.SSLEOFError):
        client.read(10)


def test_wrong_certificate() -> None:
    """A certificate for another name is refused, and an alert is ready to be sent."""
    client = TLSLayer(client_context(), "other.test")
    server = Server(server_context("server.test"))
    client.handshake()
    server.incoming.write(client.output())
    server.handshake()
    client.feed(server.outgoing.read())
    with pytest.raises(ssl.SSLCertVerificationError, match=r"other\.test"):
        client.handshake()
    server.incoming.write(client.output())
    with pytest.raises(ssl.SSLError, match="(?i)alert"):
        server.handshake()


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=2_000))
def test_any_bytes(noise: bytes) -> None:
    """Whatever a peer sends in place of its handshake, it is an SSLError or not enough."""
    client = TLSLayer(client_context(), "server.test")
    client.handshake()
    client.feed(noise)
    failed = False
    try:
        client.handshake()
    except ssl.SSLError:
        failed = True
    # A record's header is five bytes; whatever comes whole is refused.
    assert failed or len(noise) < 5 + int.from_bytes(noise[3:5], "big")
