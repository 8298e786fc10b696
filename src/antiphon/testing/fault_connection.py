"""One connection of a `FaultServer`: what the steps of a script can do to it."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from antiphon.models.headers import Headers

if TYPE_CHECKING:
    import ssl

    from antiphon.testing.fault_records import FaultLog

MAX_HEAD = 1024 * 1024
"""Bytes; a client that sends a longer head is taken for broken."""
READ_SIZE = 65_536
MAX_DRAINS = 64
"""Reads before closing: a client that never stops sending does not keep the connection open."""


class ClientLeft(Exception):
    """The client closed the connection, or the server is being closed: the script ends."""


class FaultConnection:
    """The server's end of a connection, in the hands of the steps of its script.

    Its methods block the thread of this connection, raise `ClientLeft` or OSError once the client
    has gone, and end when the server is closed.
    """

    def __init__(
        self, sock: socket.socket, number: int, log: FaultLog, tls: ssl.SSLContext | None
    ) -> None:
        self.sock = sock
        self.number = number
        self.log = log
        self._tls = tls
        self._over: ssl.SSLSocket | None = None
        self._buffer = b""
        self._place: int | None = None
        self._head: tuple[str, Headers] | None = None

    def shake_hands(self) -> None:
        """Begin TLS, if the server was given a context and it was not begun before."""
        if self._tls is not None and self._over is None:
            # Wrapping takes the descriptor along, and closing the server has to find it here.
            tls = self._tls.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
            self.sock = self._over = tls
            if self.log.closing:
                raise ClientLeft
            tls.do_handshake()

    # Reading. ------------------------------------------------------------------------------------

    def receive(self, size: int = READ_SIZE) -> bytes:
        """Return some bytes, at most `size`; raises ClientLeft at the end."""
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        if data:
            return data
        data = self.sock.recv(size)
        if not data:
            raise ClientLeft
        if self._tls is None or self._over is not None:
            self.log.bytes_moved(self.number, received=len(data))
        return data

    def read_exactly(self, count: int) -> bytes:
        """Return `count` bytes, and take no more from the socket than that."""
        data = b""
        while len(data) < count:
            data += self.receive(count - len(data))
        return data

    def discard(self) -> None:
        """Read and forget what comes until the client leaves."""
        while True:
            self.receive()

    def read_head(self) -> None:
        """Read the head of the next request, and record it; nothing if that has been done."""
        if self._place is not None:
            return
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            if len(data) > MAX_HEAD:
                raise ValueError(f"a request head is longer than {MAX_HEAD} bytes")
            data += self.receive()
        self._buffer = data[end + 4 :] + self._buffer
        first, *lines = data[:end].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = [line.split(":", 1) for line in lines]
        headers = Headers([(name, value.strip()) for name, value in pairs])
        self._head = method, headers
        self._place = self.log.head_received(self.number, method, target, headers)

    def read_request(self) -> None:
        """Read the next request to the end of its body, and record it."""
        self.read_head()
        assert self._place is not None
        assert self._head is not None
        place, (_, headers) = self._place, self._head
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self._read_chunks(place)
        else:
            left = int(headers.get("content-length", "0"))
            while left:
                data = self.receive(min(left, READ_SIZE))
                left -= len(data)
                self.log.body_received(place, data)
        self._place = None
        self.log.body_received(place, b"", complete=True)

    def _read_chunks(self, place: int) -> None:
        while True:
            size = int(self._read_line().split(b";")[0], 16)
            if not size:
                break
            self.log.body_received(place, self.read_exactly(size))
            self._read_line()
        while self._read_line():  # trailers, to the empty line
            pass

    def _read_line(self) -> bytes:
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.read_exactly(1)
        return line[:-2]

    # Writing and waiting. ------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self.sock.sendall(data)
        self.log.bytes_moved(self.number, sent=len(data))

    def pause(self, seconds: float | None) -> None:
        """Let so many seconds pass, without end for None; raises ClientLeft at the server's end."""
        if self.log.wait_closing(seconds):
            raise ClientLeft

    def hold(self, name: str) -> None:
        """Wait until the server is told to `release(name)`."""
        if not self.log.wait_released(name):
            raise ClientLeft

    # Ending. -------------------------------------------------------------------------------------

    def half_close(self) -> None:
        """Send no more (TCP FIN, without the close_notify of TLS), but stay open for reading."""
        socket.socket.shutdown(self.sock, socket.SHUT_WR)

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self, *, notify: bool = True) -> None:
        """Close properly; with `notify=False` TLS is cut off without its close_notify.

        What the client has sent is read first: unread bytes would turn the end into a reset.
        """
        try:
            self.sock.setblocking(False)
            try:
                for _ in range(MAX_DRAINS):
                    if not self.sock.recv(READ_SIZE):
                        break
            except OSError:
                pass
            if notify and self._over is not None:
                self._over.unwrap()
        except (OSError, ValueError):
            pass
        finally:
            self.sock.close()
