"""Handlers for `LoopbackServer`: what a server does to a connection, well or badly."""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Handler = Callable[[socket.socket], None]


def read_head(connection: socket.socket) -> bytes:
    """Read one request head, byte by byte so that nothing after it is taken; b"" at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read a request with a Content-Length body, if any: its head and its body; b"" if it is cut."""
    head = read_head(connection)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = b""
    while len(body) < length:
        data = connection.recv(length - len(body))
        if not data:
            return b"", b""
        body += data
    return head, body


class Scripted:
    """Answers the first request of the first connection with the first script, and so on.

    A script is bytes to send, a function of the connection, or None: close without an answer.
    After the last script of a connection it is closed. `requests` lists (connection, head, body).
    """

    def __init__(self, *connections: list[bytes | Handler | None]) -> None:
        self._scripts = list(connections)
        self._lock = threading.Lock()
        self.requests: list[tuple[int, bytes, bytes]] = []
        self.opened = 0

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        with self._lock:
            number = self.opened
            self.opened += 1
        for script in self._scripts[number]:
            head, body = read_request(connection)
            if not head:
                return
            self.requests.append((number, head, body))
            if script is None:
                return
            if isinstance(script, bytes):
                connection.sendall(script)
            else:
                script(connection)


def over_tls(context: ssl.SSLContext, handle: Handler) -> Handler:
    """Wrap a handler so that it speaks TLS."""

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                handle(tls)
        except ssl.SSLError:
            return

    return serve


def until_closed(connection: socket.socket) -> None:
    """Read and ignore what comes until the peer goes away."""
    while connection.recv(65_536):
        pass


def reset(connection: socket.socket) -> None:
    """Close with a TCP reset instead of a proper end."""
    import socket as sockets
    import struct

    connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
