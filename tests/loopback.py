"""A server of raw sockets on the loopback interface, one thread a connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Self

HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


class LoopbackServer:
    """Hands every connection to `handle`, in a thread of its own; closed when the block is left."""

    def __init__(self, handle: Callable[[socket.socket], None]) -> None:
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.host, self.port = self._listener.getsockname()
        self.url = f"http://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        # shutdown() wakes a thread that waits in accept() or recv(); close() alone would not.
        for waiting in (self._listener, *self._connections):
            try:
                waiting.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            waiting.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._handle(connection)
        except OSError:
            pass


def answering(response: bytes) -> Callable[[socket.socket], None]:
    """Make a handler that sends `response` for every request head, until the client closes."""

    def handle(connection: socket.socket) -> None:
        received = b""
        while data := connection.recv(65_536):
            *heads, received = (received + data).split(b"\r\n\r\n")
            for _ in heads:
                connection.sendall(response)

    return handle
