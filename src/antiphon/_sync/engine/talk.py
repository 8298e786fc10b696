# GENERATED from _async/engine/talk.py by tools/unasync.py. Do not edit.
"""Talking on a connection that is still being made: to a proxy, or within a TLS handshake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.urllib3_network import wait_any
from antiphon.network.outcome import READY, WaitEnded

if TYPE_CHECKING:
    from antiphon.models.cancel import CancelToken
    from antiphon.network.channel import Channel
    from antiphon.network.layered_tls import LayeredTLSChannel


class Talk:
    """Sends and receives whole pieces, each wait bounded by the time that connecting may take.

    Raises `OSError`, or `WaitEnded` at the deadline or a cancellation.
    """

    __slots__ = ("_cancel", "_channel", "_deadline")

    def __init__(
        self, channel: Channel, deadline: float | None, cancel: CancelToken | None
    ) -> None:
        self._channel = channel
        self._deadline = deadline
        self._cancel = cancel

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        rest = memoryview(data)
        while rest:
            taken = self._channel.send(rest)
            if taken:
                rest = rest[taken:]
            else:
                self.wait()

    def receive(self, size: int) -> bytes:
        """Up to `size` bytes, b"" once the peer has closed."""
        while (data := self._channel.receive(size)) is None:
            self.wait()
        return data

    def wait(self) -> None:
        """Wait for the readiness that the channel wants."""
        sockets = (self._channel.sock,)
        writing = self._channel.wants_write
        outcome = wait_any(
            () if writing else sockets, sockets if writing else (), self._deadline, self._cancel
        )
        if outcome is not READY:
            raise WaitEnded(outcome)


def shake_hands(
    channel: LayeredTLSChannel, deadline: float | None, cancel: CancelToken | None
) -> None:
    """Do the TLS handshake of a channel over a channel.

    Raises `ssl.SSLError`, `OSError`, or `WaitEnded` at the deadline or a cancellation.
    """
    talk = Talk(channel, deadline, cancel)
    while not channel.advance_handshake():
        talk.wait()
