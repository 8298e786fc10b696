"""A small HTTP server on this machine's loopback interface, for the demo."""

from __future__ import annotations

import json
import socket
import threading
from typing import Self

COUNT = 5


class LoopbackServer:
    """Answers `/hello`, `/count`, `/stall` and `/missing`, one thread a connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for sock in (self._listener, *self._connections):
            try:
                sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            except OSError:
                pass
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as incoming:
                while (line := incoming.readline()) != b"":
                    while incoming.readline() not in {b"\r\n", b""}:
                        pass
                    self._answer(connection, line.split()[1].decode())
        except OSError:
            return

    def _answer(self, connection: socket.socket, path: str) -> None:
        if path == "/hello":
            _send(connection, 200, "OK", json.dumps({"greeting": "hello from the loopback"}))
        elif path == "/count":
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for number in range(1, COUNT + 1):
                line = f"line {number}\n".encode()
                connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
            connection.sendall(b"0\r\n\r\n")
        elif path == "/stall":
            connection.recv(1)  # say nothing until the client has gone
        else:
            _send(connection, 404, "Not Found", json.dumps({"error": f"there is no {path}"}))


def _send(connection: socket.socket, status: int, reason: str, text: str) -> None:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
