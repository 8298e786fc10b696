"""TLS over another channel, which may be TLS itself: an https:// origin through an https:// proxy.

Tried, never waited on, like every channel; the socket to wait for is that of the channel beneath.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from antiphon.models.tls_info import TLSInfo
from antiphon.network.channel import readable_probe
from antiphon.wire.tls import RECORD_SIZE, TLSLayer

if TYPE_CHECKING:
    from antiphon.network.channel import Channel


class LayeredTLSChannel:
    """TLS over `outer`. `advance_handshake` until it is True; then `info` says what was agreed."""

    __slots__ = ("_encrypted", "_has_input", "_outer", "_taken", "_tls", "alpn", "info", "sock")

    info: TLSInfo

    def __init__(self, outer: Channel, context: ssl.SSLContext, server_hostname: str) -> None:
        self.sock = outer.sock
        self.alpn: str | None = None
        self._outer = outer
        self._tls = TLSLayer(context, server_hostname)
        self._has_input = readable_probe(outer.sock)
        # Bytes of the wire that the channel beneath has not taken yet, and how many bytes of the
        # user's are in them: those count as taken once nothing of their record is left here.
        self._encrypted = memoryview(b"")
        self._taken = 0

    @property
    def wants_write(self) -> bool:
        """Which readiness of the socket to wait for: the channel beneath knows."""
        return self._outer.wants_write

    def advance_handshake(self) -> bool:
        """Go on as far as that goes without waiting; True once the handshake is done.

        Raises what `ssl` raises, and `OSError`.
        """
        try:
            while not (done := self._tls.handshake()):
                if not self._flush() or not self._fill():
                    return False
        except ssl.SSLError:
            self._flush()  # the alert that tells the peer what was wrong with it
            raise
        if not self._flush():
            return False
        self.alpn = self._tls.alpn
        self.info = TLSInfo(
            version=self._tls.version,
            cipher=self._tls.cipher,
            alpn=self.alpn,
            peer_certificate=self._tls.peer_certificate,
        )
        return done

    def receive(self, size: int) -> bytes | None:
        """Up to `size` bytes, b"" at the end of the stream, None if nothing is there yet."""
        try:
            while (data := self._tls.read(max(size, RECORD_SIZE))) is None:
                if not self._flush() or not self._fill():
                    return None
        except ssl.SSLEOFError as error:
            # As in `TLSChannel`: the HTTP framing decides what an end without close_notify means.
            raise ConnectionAbortedError("the peer ended TLS without closing it") from error
        return data

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes were taken; 0 if none can be taken yet, and then give the same again."""
        if not self._taken:
            while (taken := self._tls.write(data)) is None:
                if not self._flush() or not self._fill():
                    return 0
            self._taken = taken
        if not self._flush():
            return 0
        taken, self._taken = self._taken, 0
        return taken

    def is_quiet(self) -> bool:
        """Whether an idle connection is still good: nothing has come in and it was not closed."""
        if not self._has_input():
            return True
        # Session tickets of either layer come after the handshakes; reading handles them.
        try:
            return self.receive(1) is None
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Close at once, without a word to the peer; never waits, and may be called again."""
        self._outer.close()

    def _fill(self) -> bool:
        """Feed what has come over the wire; False if nothing has."""
        data = self._outer.receive(RECORD_SIZE)
        if data is None:
            return False
        self._tls.feed(data)
        return True

    def _flush(self) -> bool:
        """Send what is to be sent over the wire; False if some of it has to wait."""
        while True:
            if not self._encrypted:
                self._encrypted = memoryview(self._tls.output())
                if not self._encrypted:
                    return True
            sent = self._outer.send(self._encrypted)
            if not sent:
                return False
            self._encrypted = self._encrypted[sent:]
