"""A server's side of a request body: reads one of either framing, with its trailers."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from tests.loopback import HELLO


@dataclass
class Received:
    """One request as it came over the wire."""

    headers: dict[str, str]
    body: bytes
    trailers: dict[str, str] = field(default_factory=dict)
    size: int = 0


class RequestReader:
    """Reads requests and says hello to each; `received` lists them."""

    def __init__(self, answer: bytes = HELLO) -> None:
        self.received: list[Received] = []
        self._answer = answer

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        file = connection.makefile("rb")
        while True:
            lines = []
            size = 0
            while (line := file.readline()) not in {b"\r\n", b""}:
                lines.append(line)
                size += len(line)
            if not lines:
                return
            size += 2
            headers = _fields(lines[1:])
            trailers = {}
            if headers.get("transfer-encoding") == "chunked":
                pieces = []
                while length := int(line := file.readline(), 16):
                    pieces.append(file.read(length))
                    size += len(line) + length + len(file.readline())
                size += len(line)
                last = []
                while (line := file.readline()) != b"\r\n":
                    last.append(line)
                    size += len(line)
                size += 2
                trailers = _fields(last)
                body = b"".join(pieces)
            else:
                body = file.read(int(headers.get("content-length", "0")))
                size += len(body)
            self.received.append(Received(headers, body, trailers, size))
            connection.sendall(self._answer)


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = [line.decode("latin-1").strip().partition(": ") for line in lines]
    return {name.lower(): value for name, _, value in pairs}
