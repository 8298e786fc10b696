"""The server that the bench brings, for machines without nginx.

`python -m tools.bench.own_server HTTP_PORT HTTPS_PORT [DIRECTORY OF THE CERTIFICATE]` answers what
`tools.bench.cases` asks for. It is slower than nginx, which matters little: what is compared is the
CPU time of the client. Throughput measured against it says more about it than about the client.
"""

from __future__ import annotations

import asyncio
import os
import resource
import ssl
import sys
from pathlib import Path

from tools.bench.cases import DOWNLOAD_BYTES, KIB, MIB, SMALL_JSON

BLOCK = bytes(256 * KIB)
HEAD_END = b"\r\n\r\n"


def _head(kind: bytes, length: int, extra: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
        % (kind, length, extra)
    )


BINARY = b"application/octet-stream"
ANSWERS = {
    b"/small.json": _head(b"application/json", len(SMALL_JSON)) + SMALL_JSON,
    b"/close/small.json": _head(b"application/json", len(SMALL_JSON), b"Connection: close\r\n")
    + SMALL_JSON,
    b"/64k": _head(BINARY, 64 * KIB) + os.urandom(64 * KIB),
    b"/upload": _head(BINARY, 2) + b"ok",
    # The head and a first bite; the rest is never sent.
    b"/slow": _head(BINARY, 16 * MIB) + bytes(KIB),
}
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Exchange(asyncio.Protocol):
    """One connection: requests one after another, bodies with a length only."""

    def __init__(self) -> None:
        self._buffer = b""
        self._body_left = 0
        self._path = b""
        self._to_send = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1 * MIB)

    def data_received(self, data: bytes) -> None:
        if self._body_left:
            self._take_body(len(data))
            return
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return
        head, rest = self._buffer[:end], self._buffer[end + 4 :]
        self._buffer = b""
        self._path = head.split(b" ", 2)[1]
        self._body_left = _content_length(head)
        if self._body_left:
            self._take_body(len(rest))
        else:
            self._answer()

    def _take_body(self, count: int) -> None:
        self._body_left -= count
        if self._body_left <= 0:
            self._body_left = 0
            self._answer()

    def _answer(self) -> None:
        if self._path == b"/100mb":
            self._transport.write(_head(BINARY, DOWNLOAD_BYTES))
            self._to_send = DOWNLOAD_BYTES
            self._pump()
            return
        self._transport.write(ANSWERS.get(self._path, MISSING))
        if self._path.startswith(b"/close/"):
            self._transport.close()

    def _pump(self) -> None:
        """Write until the transport says that it is full; `resume_writing` comes back here."""
        self._full = False
        while self._to_send and not self._full:
            block = BLOCK[: self._to_send]
            self._to_send -= len(block)
            self._transport.write(block)

    _full = False

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._pump()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(http_port: int, https_port: int, certificate: Path | None) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(Exchange, "127.0.0.1", http_port, backlog=2048)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "server.pem", certificate / "server.key")
        await loop.create_server(Exchange, "127.0.0.1", https_port, ssl=context, backlog=2048)
    await plain.serve_forever()


def main(arguments: list[str]) -> None:
    """Read the command line and serve."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096 <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    certificate = Path(arguments[2]) if len(arguments) > 2 else None
    asyncio.run(serve(int(arguments[0]), int(arguments[1]), certificate))


if __name__ == "__main__":
    main(sys.argv[1:])
