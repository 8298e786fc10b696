"""The steps of which the scripts of a `FaultServer` are made: values, to be combined freely.

A script is a sequence of steps, done one after another on one connection; after the last one the
connection is closed properly. Over TLS the handshake comes first, unless the script has a
`Handshake` step of its own: then what stands before it happens to the bare TCP connection.
A step of your own is any value with a method `perform(connection)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from antiphon.testing.fault_connection import FaultConnection


class Step(Protocol):
    """One thing that a server does to a connection."""

    def perform(self, connection: FaultConnection, /) -> None:
        """Do it; called in the thread of the connection."""
        ...


Script = Sequence[Step]


def reply(
    status: int = 200,
    body: bytes = b"hello",
    headers: Iterable[tuple[str, str]] = (),
    *,
    length: int | None = None,
) -> bytes:
    """Return a response in HTTP/1.1; `length` takes the place of the true Content-Length."""
    lines = [f"HTTP/1.1 {status} {'OK' if status < 400 else 'Error'}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@attrs.frozen
class Handshake:
    """Shake hands for TLS; nothing on a server without TLS."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.shake_hands()


@attrs.frozen
class ReadBytes:
    """Read exactly `count` bytes, of which no request is made."""

    count: int = 1

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.read_exactly(self.count)


@attrs.frozen
class ReadHead:
    """Read the head of a request, and none of its body that has not come with it."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.read_head()


@attrs.frozen
class ReadRequest:
    """Read a request to the end of its body."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.read_request()


@attrs.frozen
class Send:
    """Send bytes as they are."""

    data: bytes

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.send(self.data)


@attrs.frozen
class Answer:
    """Read a request to its end, then send bytes."""

    data: bytes = reply()

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.read_request()
        connection.send(self.data)


@attrs.frozen
class Serve:
    """Answer every further request with the same bytes, until the client leaves."""

    data: bytes = reply()

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        while True:
            connection.read_request()
            connection.send(self.data)


@attrs.frozen
class Drip:
    """Send bytes a few at a time: `size` bytes every `every` seconds."""

    data: bytes
    every: float = 0.01
    size: int = 1

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        for start in range(0, len(self.data), self.size):
            connection.send(self.data[start : start + self.size])
            connection.pause(self.every)


@attrs.frozen
class Pour:
    """Send a block again and again as fast as it is taken: `times`, or for ever."""

    block: bytes
    times: int | None = None

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        left = self.times
        while left is None or left > 0:
            connection.send(self.block)
            if left is not None:
                left -= 1


@attrs.frozen
class Stall:
    """Say nothing more, and read what comes until the client leaves."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.discard()


@attrs.frozen
class NeverRead:
    """Neither say nor read anything more, until the server is closed."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.pause(None)


@attrs.frozen
class Hold:
    """Wait until the test says `server.release(name)`."""

    name: str

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.hold(self.name)


@attrs.frozen
class HalfClose:
    """Send no more, but stay open for reading until the client leaves."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.half_close()
        connection.discard()


@attrs.frozen
class Reset:
    """Close with a TCP reset."""

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.reset()


@attrs.frozen
class Close:
    """Close properly; with `notify=False` TLS is cut off without its close_notify."""

    notify: bool = True

    def perform(self, connection: FaultConnection) -> None:
        """Do it."""
        connection.close(notify=self.notify)
