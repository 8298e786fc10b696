"""A connected, non-blocking socket that is tried, never waited on."""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Callable
from functools import partial
from typing import Protocol


class Channel(Protocol):
    """Bytes in and out of a non-blocking connection; both network twins wait on its socket.

    `receive` and `send` try once. They say "not now" with None and 0, and `wants_write` then tells
    which readiness to wait for: TLS may have to write in order to read, and the other way round.
    """

    sock: socket.socket

    @property
    def wants_write(self) -> bool:
        """Which readiness to wait for after a None or a 0."""
        ...

    def receive(self, size: int) -> bytes | None:
        """Up to `size` bytes, b"" at the end of the stream, None if nothing is there yet."""
        ...

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes were taken; 0 if none can be taken yet."""
        ...

    def is_quiet(self) -> bool:
        """Whether an idle connection is still good: nothing has come in and it was not closed."""
        ...

    def close(self) -> None:
        """Close at once, without a word to the peer; never waits, and may be called again."""
        ...


class SendFileRefused(Exception):
    """The system does not send this file, or not to this socket: read it and send the bytes."""


# What sendfile(2) says of files and sockets that it is not for.
_NO_SENDFILE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSOCK, errno.EOPNOTSUPP})


class PlainChannel:
    """Plain TCP."""

    __slots__ = ("_has_input", "_receive", "_send", "sock", "wants_write")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._has_input = readable_probe(sock)
        self.wants_write = False
        self._receive = sock.recv
        self._send = sock.send

    def receive(self, size: int) -> bytes | None:
        """Up to `size` bytes, b"" at the end of the stream, None if nothing is there yet."""
        try:
            return self._receive(size)
        except BlockingIOError:
            self.wants_write = False
            return None

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes were taken; 0 if none can be taken yet."""
        try:
            return self._send(data)
        except BlockingIOError:
            self.wants_write = True
            return 0

    def send_file(self, descriptor: int, offset: int, count: int) -> int:
        """Let the system send a part of a file; how many bytes were taken, 0 if none can be yet.

        Raises `EOFError` at the end of the file and `SendFileRefused` where the system cannot.
        """
        try:
            taken = os.sendfile(self.sock.fileno(), descriptor, offset, count)
        except BlockingIOError:
            self.wants_write = True
            return 0
        except AttributeError as error:  # Windows has no such call
            raise SendFileRefused from error
        except OSError as error:
            if error.errno in _NO_SENDFILE:
                raise SendFileRefused from error
            raise
        if not taken:
            raise EOFError
        return taken

    def is_quiet(self) -> bool:
        """Whether an idle connection is still good: nothing has come in and it was not closed."""
        return not self._has_input()

    def close(self) -> None:
        """Close at once, without a word to the peer; never waits, and may be called again."""
        self.sock.close()


def readable_probe(sock: socket.socket) -> Callable[[], object]:
    """A function that says whether bytes, an end or an error wait on the socket; it never waits.

    Made once a connection: every reuse asks it, and preparing a `poll` costs more than asking.
    """
    if not hasattr(select, "poll"):
        return lambda: select.select([sock], [], [], 0)[0]
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return partial(poller.poll, 0)


def is_writable(sock: socket.socket) -> bool:
    """Whether the socket can be written to, or a connect on it has ended, right now."""
    if sock.fileno() < 0:
        return True
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(sock, select.POLLOUT)
        return bool(poller.poll(0))
    # Windows tells of a failed connect in the third list only.
    _, writable, failed = select.select([], [sock], [sock], 0)
    return bool(writable or failed)
