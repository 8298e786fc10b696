"""The floor: what the system calls and the loop around them cost, with no client at all.

Sync: a non-blocking socket, `send`, `poll`, `recv`. Async: a non-blocking socket and a reader
registered with the event loop. Nothing is checked beyond what finding the end of a response needs.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from urllib.parse import urlsplit

from tools.bench.peers.interface import Settings

CHUNK = 262_144
HEAD_END = b"\r\n\r\n"


class Target:
    """Where a URL points and the bytes that ask for it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "https"
        self.address = (parts.hostname or "", parts.port or 0)
        self.closes = parts.path.startswith("/close/")
        lines = f"{parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self.get = f"GET {lines}\r\n".encode()
        self.put = f"PUT {lines}Content-Length: ".encode()


def body_split(head: bytes) -> tuple[int, int]:
    """Return how much of the body is still to come after these first bytes, and how much came."""
    assert head.startswith(b"HTTP/1.1 200 ")
    came = len(head) - head.index(HEAD_END) - 4
    at = head.index(b"Content-Length: ") + 16
    return int(head[at : head.index(b"\r\n", at)]) - came, came


def trusting(settings: Settings) -> ssl.SSLContext | None:
    """Return a context that trusts the bench's own authority."""
    return ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._context = (
            ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None
        )
        self._targets: dict[str, Target] = {}
        self._sock: socket.socket | None = None
        self._poll = select.poll()

    def _target(self, url: str) -> Target:
        target = self._targets.get(url)
        if target is None:
            target = self._targets[url] = Target(url)
        return target

    def _connect(self, target: Target) -> socket.socket:
        sock = socket.create_connection(target.address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if target.tls:
            assert self._context is not None
            sock = self._context.wrap_socket(sock, server_hostname=target.address[0])
        sock.setblocking(False)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        return sock

    def _receive(self, sock: socket.socket, size: int) -> bytes:
        """Return the next bytes, waiting for them only if there are none."""
        while True:
            try:
                return sock.recv(size)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._poll.poll()

    def _first(self, target: Target) -> tuple[socket.socket, bytes]:
        sock = self._sock
        if sock is None:
            sock = self._sock = self._connect(target)
        sock.send(target.get)
        self._poll.poll()
        return sock, self._receive(sock, CHUNK)

    def get(self, url: str) -> int:
        target = self._targets.get(url) or self._target(url)
        sock, head = self._first(target)
        left, size = body_split(head)
        if left:
            pieces = [head]
            while left:
                piece = self._receive(sock, CHUNK)
                pieces.append(piece)
                left -= len(piece)
                size += len(piece)
            assert len(b"".join(pieces)) > size
        if target.closes:
            sock.close()
            self._sock = None
        return size

    def download(self, url: str) -> int:
        sock, head = self._first(self._target(url))
        left, size = body_split(head)
        while left:
            taken = len(self._receive(sock, CHUNK))
            left -= taken
            size += taken
        return size

    def upload(self, url: str, body: bytes) -> None:
        target = self._target(url)
        sock = self._sock
        if sock is None:
            sock = self._sock = self._connect(target)
        sock.send(b"%s%d\r\n\r\n" % (target.put, len(body)))
        rest = memoryview(body)
        writable = select.poll()
        writable.register(sock, select.POLLOUT)
        while rest:
            try:
                rest = rest[sock.send(rest) :]
            except BlockingIOError:
                writable.poll()
        self._poll.poll()
        body_split(self._receive(sock, CHUNK))

    def hold(self, url: str) -> object:
        target = self._target(url)
        sock = self._connect(target)
        sock.send(target.get)
        self._poll.poll()
        sock.recv(CHUNK)
        return sock

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()


class Connection:
    """A non-blocking socket whose reader stays registered with the event loop."""

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self.sock = sock
        self._loop = loop
        self._waiter: asyncio.Future[bytes] | None = None
        loop.add_reader(sock, self._on_readable)

    def _on_readable(self) -> None:
        waiter = self._waiter
        if waiter is None:
            # More has come than the task that was just woken has asked for; it will.
            return
        try:
            data = self.sock.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        self._waiter = None
        waiter.set_result(data)

    def arrival(self) -> asyncio.Future[bytes]:
        """Return what the next bytes to come will be set on."""
        self._waiter = self._loop.create_future()
        return self._waiter

    async def readable(self) -> None:
        """Wait without receiving."""
        waiter = self._loop.create_future()
        self._loop.add_reader(self.sock, waiter.set_result, None)
        await waiter
        self._loop.add_reader(self.sock, self._on_readable)

    async def writable(self) -> None:
        waiter = self._loop.create_future()
        self._loop.add_writer(self.sock, waiter.set_result, None)
        await waiter
        self._loop.remove_writer(self.sock)

    async def receive(self) -> bytes:
        """Return the next bytes, waiting for them only if there are none."""
        try:
            return self.sock.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return await self.arrival()

    def close(self) -> None:
        self._loop.remove_reader(self.sock)
        self.sock.close()


class Async:
    def __init__(self, settings: Settings) -> None:
        self._context = trusting(settings)
        self._loop = asyncio.get_running_loop()
        self._targets: dict[str, Target] = {}
        self._idle: list[Connection] = []

    def _target(self, url: str) -> Target:
        target = self._targets.get(url)
        if target is None:
            target = self._targets[url] = Target(url)
        return target

    async def _connect(self, target: Target) -> Connection:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self._loop.sock_connect(sock, target.address)
        if not target.tls:
            return Connection(sock, self._loop)
        assert self._context is not None
        wrapped = self._context.wrap_socket(
            sock, server_hostname=target.address[0], do_handshake_on_connect=False
        )
        connection = Connection(wrapped, self._loop)
        while True:
            try:
                wrapped.do_handshake()
            except ssl.SSLWantReadError:
                await connection.readable()
            else:
                return connection

    async def _first(self, target: Target) -> tuple[Connection, bytes]:
        connection = self._idle.pop() if self._idle else await self._connect(target)
        connection.sock.send(target.get)
        return connection, await connection.arrival()

    async def get(self, url: str) -> int:
        target = self._targets.get(url) or self._target(url)
        connection, head = await self._first(target)
        left, size = body_split(head)
        if left:
            pieces = [head]
            while left:
                piece = await connection.receive()
                pieces.append(piece)
                left -= len(piece)
                size += len(piece)
            assert len(b"".join(pieces)) > size
        if target.closes:
            connection.close()
        else:
            self._idle.append(connection)
        return size

    async def download(self, url: str) -> int:
        connection, head = await self._first(self._target(url))
        left, size = body_split(head)
        while left:
            taken = len(await connection.receive())
            left -= taken
            size += taken
        self._idle.append(connection)
        return size

    async def upload(self, url: str, body: bytes) -> None:
        target = self._target(url)
        connection = self._idle.pop() if self._idle else await self._connect(target)
        connection.sock.send(b"%s%d\r\n\r\n" % (target.put, len(body)))
        rest = memoryview(body)
        while rest:
            try:
                rest = rest[connection.sock.send(rest) :]
            except BlockingIOError:
                await connection.writable()
        body_split(await connection.receive())
        self._idle.append(connection)

    async def hold(self, url: str) -> object:
        target = self._target(url)
        connection = await self._connect(target)
        connection.sock.send(target.get)
        await connection.arrival()
        # What a paused reader does; the body that trickles in would wake the loop.
        self._loop.remove_reader(connection.sock)
        return connection

    async def close(self) -> None:
        for connection in self._idle:
            connection.close()
