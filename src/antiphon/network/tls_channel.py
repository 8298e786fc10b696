"""A non-blocking TLS connection over a plain socket, after its handshake."""

from __future__ import annotations

import socket
import ssl

from antiphon.models.tls_info import TLSInfo
from antiphon.network.channel import readable_probe

# The most that one TLS record carries (RFC 8446, 5.1). OpenSSL decrypts a record at a time: asking
# for less would leave bytes in its buffer, of which waiting on the socket would never tell.
RECORD_SIZE = 16_384


class TLSChannel:
    """TLS over TCP; `info` says what the handshake agreed on."""

    __slots__ = ("_has_input", "alpn", "info", "sock", "wants_write")

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock: socket.socket = sock
        self.wants_write = False
        self._has_input = readable_probe(sock)
        self.alpn = sock.selected_alpn_protocol()
        cipher = sock.cipher()
        self.info = TLSInfo(
            version=sock.version() or "",
            cipher=cipher[0] if cipher else "",
            alpn=self.alpn,
            peer_certificate=sock.getpeercert(binary_form=True),
        )

    def receive(self, size: int) -> bytes | None:
        """Up to `size` bytes, b"" at the end of the stream, None if nothing is there yet."""
        try:
            return self.sock.recv(max(size, RECORD_SIZE))
        except ssl.SSLWantReadError:
            self.wants_write = False
        except ssl.SSLWantWriteError:
            self.wants_write = True
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            # A peer that closes TCP without close_notify. The HTTP framing decides whether that
            # was the end or a cut, just as it does for plain TCP; a body that runs until the close
            # is the one place where it matters, and there an attacker could have cut it.
            raise ConnectionAbortedError("the peer ended TLS without closing it") from error
        return None

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes were taken; 0 if none can be taken yet."""
        try:
            return self.sock.send(data)
        except ssl.SSLWantWriteError:
            self.wants_write = True
        except ssl.SSLWantReadError:
            self.wants_write = False
        return 0

    def is_quiet(self) -> bool:
        """Whether an idle connection is still good: nothing has come in and it was not closed."""
        if not self._has_input():
            return True
        # TLS 1.3 servers send session tickets after the handshake: a readable socket alone does
        # not mean that the connection ended. Reading handles the tickets and finds nothing else.
        try:
            self.sock.recv(1)
        except ssl.SSLWantReadError:
            return True
        except (OSError, ValueError):
            return False
        return False

    def close(self) -> None:
        """Close at once, without a word to the peer; never waits, and may be called again."""
        self.sock.close()
