"""TLS without I/O: bytes of the wire in and out on one side, bytes of the user on the other.

For TLS inside of TLS (an https:// origin through an https:// proxy): `SSLSocket` needs a socket of
its own, and the inner handshake has none. OpenSSL does the protocol, over two buffers in memory.
"""

from __future__ import annotations

import ssl

# The most that one record carries (RFC 8446, section 5.1). What is written at once is one record:
# a peer can do nothing with a part of it, so "none of it was sent" stays true until all of it was.
RECORD_SIZE = 16_384


class TLSLayer:
    """The client's side of one TLS connection.

    `handshake`, `read` and `write` say None, or False, while they need more of the wire's bytes:
    `feed` those, b"" at their end. After each call send what `output` returns. Raises what `ssl`
    raises: `SSLCertVerificationError` and other `SSLError`s.
    """

    __slots__ = ("_incoming", "_outgoing", "_tls")

    def __init__(self, context: ssl.SSLContext, server_hostname: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )

    def feed(self, data: bytes) -> None:
        """Take bytes that came over the wire; b"" says that no more will come."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def output(self) -> bytes:
        """Return what is to be sent over the wire now, b"" if nothing is."""
        return self._outgoing.read()

    def handshake(self) -> bool:
        """Go on with the handshake; True once it is done and the peer is verified."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def read(self, size: int) -> bytes | None:
        """Return up to `size` bytes, b"" after the peer's close_notify, None if none are here yet.

        Raises `ssl.SSLEOFError` if the wire ended without a close_notify.
        """
        try:
            return self._tls.read(size)
        except ssl.SSLWantReadError:
            return None

    def write(self, data: bytes | memoryview) -> int | None:
        """Encrypt one record from the start of `data`; returns how many bytes it took."""
        try:
            return self._tls.write(data[:RECORD_SIZE])
        except ssl.SSLWantReadError:
            return None

    @property
    def version(self) -> str:
        """The protocol version that was agreed on, such as "TLSv1.3"."""
        return self._tls.version() or ""

    @property
    def cipher(self) -> str:
        """The name of the cipher suite that was agreed on."""
        cipher = self._tls.cipher()
        return cipher[0] if cipher else ""

    @property
    def alpn(self) -> str | None:
        """The protocol that the peer chose by ALPN (RFC 7301), None if it chose none."""
        return self._tls.selected_alpn_protocol()

    @property
    def peer_certificate(self) -> bytes | None:
        """The peer's certificate in DER form, None if it showed none."""
        return self._tls.getpeercert(binary_form=True)
