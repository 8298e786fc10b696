# Source of _sync/engine/connection.py; after editing run: tox -e codegen
"""One open connection: its socket, how to wait for it, and what it has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.anyio_network import AsyncGate
from antiphon.wire.http1 import ResponseReader

if TYPE_CHECKING:
    from antiphon.models.events import TransportObserver
    from antiphon.models.headers import Headers
    from antiphon.models.tls_info import TLSInfo
    from antiphon.network.channel import Channel
    from antiphon.policies.proxy import Route


class AsyncConnection:
    """A connection to one origin. Whoever took it from the pool owns it alone until it is back."""

    __slots__ = (
        "aborted",
        "channel",
        "gate",
        "idle_since",
        "observer",
        "origin",
        "proxy_lines",
        "reader",
        "tls",
        "used",
    )

    def __init__(self, origin: Route, channel: Channel, tls: TLSInfo | None = None) -> None:
        self.origin = origin
        self.tls = tls
        # Of a connection that ends at an HTTP proxy, which forwards requests: what only it is told.
        self.proxy_lines: Headers | None = None
        self.channel = channel
        self.gate = AsyncGate(channel.sock)
        self.reader = ResponseReader()
        self.idle_since = 0.0
        self.used = False
        # The client was closed while this connection was in use.
        self.aborted = False
        # Told when the connection is closed: by whoever used it last, idle or not.
        self.observer: TransportObserver | None = None

    def is_reusable(self) -> bool:
        """Whether the peer has neither closed it nor sent anything while it was idle.

        What it had read before was in order, or it would not have become idle.
        """
        return self.channel.is_quiet()

    def abort(self) -> None:
        """End the wait of whoever uses it, who will find it dead; from any thread."""
        self.aborted = True
        self.gate.abort()

    def close(self, reason: str) -> None:
        """Close the socket at once. Nobody may be waiting for it: see `abort`."""
        self.channel.close()
        observer, self.observer = self.observer, None
        if observer is not None:
            observer.connection_closed(self.origin.host, self.origin.port, reason)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.origin}{', used' if self.used else ''}>"
