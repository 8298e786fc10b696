"""A small web application for `LoopbackServer`: answers by path, remembers what was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tests.servers import read_head

if TYPE_CHECKING:
    import socket

Answer: TypeAlias = "bytes | Callable[[Received], bytes] | Sequence"


class Received(NamedTuple):
    """One request as the server got it; header names are in lower case."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


class Sequence:
    """Answers that are given one after another; the last is repeated."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def __call__(self, request: Received) -> bytes:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def answer(
    status: int = 200, body: bytes | str = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a response with a Content-Length; several Set-Cookie are set apart by newlines."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Reason"]
    for name, value in (headers or {}).items():
        lines += [f"{name}: {part}" for part in value.split("\n")]
    if "Content-Length" not in (headers or {}) and "Transfer-Encoding" not in (headers or {}):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def redirect(location: str, status: int = 302, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a redirect."""
    return answer(status, b"moved", {"Location": location, **(headers or {})})


class App:
    """Serves `routes` by path, others with 404; an empty answer closes the connection."""

    def __init__(self, routes: Mapping[str, Answer]) -> None:
        self.routes = dict(routes)
        self.requests: list[Received] = []
        self._lock = threading.Lock()
        self._connections = 0

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection until the client closes it."""
        with self._lock:
            self._connections += 1
            number = self._connections
        while (request := receive(connection, number)) is not None:
            self.requests.append(request)
            found = self.routes.get(request.path, answer(404, "nothing here"))
            response = found if isinstance(found, bytes) else found(request)
            if not response:
                return
            if request.method == "HEAD":
                response = response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            connection.sendall(response)

    @property
    def last(self) -> Received:
        """The request that came last."""
        return self.requests[-1]


def receive(connection: socket.socket, number: int = 0) -> Received | None:
    """Read one request with its body, None at the end of the connection."""
    head = read_head(connection)
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = _chunked(connection)
    else:
        body = _exactly(connection, int(headers.get("content-length", "0")))
    return Received(number, method, target, headers, body)


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        assert piece, "the client closed in the middle of its body"
        data += piece
    return data


def _chunked(connection: socket.socket) -> bytes:
    body = b""
    while True:
        line = b""
        while not line.endswith(b"\r\n"):
            line += _exactly(connection, 1)
        size = int(line, 16)
        if size == 0:
            end = b"\r\n"
            while not end.endswith(b"\r\n\r\n"):  # the trailers, which are not kept
                end += _exactly(connection, 1)
            return body
        body += _exactly(connection, size)
        assert _exactly(connection, 2) == b"\r\n"
