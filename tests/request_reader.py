"""A server's side of a request body: reads one of either framing, with its trailers."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import BinaryIO

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
        """Serve one connection until it ends, in the midst of a request or after one."""
        file = connection.makefile("rb")
        try:
            while request := _read(file):
                self.received.append(request)
                connection.sendall(self._answer)
        except _Cut:
            return


class _Cut(Exception):
    pass


def _read(file: BinaryIO) -> Received | None:
    head = _lines(file)
    if head is None:
        return None
    headers = _fields(head[1:])
    size = sum(map(len, head)) + 2
    if headers.get("transfer-encoding") != "chunked":
        length = int(headers.get("content-length", "0"))
        body = file.read(length)
        if len(body) < length:
            raise _Cut
        return Received(headers, body, {}, size + len(body))
    pieces = []
    while True:
        line = file.readline()
        if not line:
            raise _Cut
        size += len(line)
        length = int(line, 16)
        if not length:
            break
        pieces.append(file.read(length))
        size += length + len(file.readline())
    last = _lines(file)
    if last is None:
        raise _Cut
    size += sum(map(len, last)) + 2
    return Received(headers, b"".join(pieces), _fields(last), size)


def _lines(file: BinaryIO) -> list[bytes] | None:
    """The lines up to an empty one; None at the end of the connection."""
    lines = []
    while (line := file.readline()) != b"\r\n":
        if not line:
            return None
        lines.append(line)
    return lines


def _fields(lines: list[bytes]) -> dict[str, str]:
    pairs = [line.decode("latin-1").strip().partition(": ") for line in lines]
    return {name.lower(): value for name, _, value in pairs}
