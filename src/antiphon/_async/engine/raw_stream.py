# Source of _sync/engine/raw_stream.py; after editing run: tox -e codegen
"""A connection after `101 Switching Protocols`: bytes in and out, of whatever was switched to."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Literal, Self

from antiphon.errors import (
    AntiphonError,
    ClientClosedError,
    InvalidOptionError,
    ReadError,
    StreamClosed,
    TransportError,
    WriteError,
)
from antiphon.network.anyio_network import shut_down, wait_any
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY

if TYPE_CHECKING:
    from antiphon._async.engine.connection import AsyncConnection
    from antiphon._async.engine.pool import AsyncPool
    from antiphon.policies.patience import Patience


class AsyncRawStream:
    """Raw bytes both ways, over a connection that is the caller's own until it is closed.

    One caller may receive while another sends. The limits of the call go on holding: its read and
    write timeouts for each wait, after which the stream can still be used, its total timeout and
    its cancel token. It counts as one of the pool's connections, but never goes back there.
    """

    __slots__ = ("__weakref__", "_connection", "_leftover", "_lock", "_patience", "_pool", "_users")

    def __init__(self, pool: AsyncPool, connection: AsyncConnection, patience: Patience) -> None:
        self._pool = pool
        self._connection: AsyncConnection | None = connection
        self._patience = patience
        # What came right behind the head of the 101 belongs to the new protocol.
        self._leftover = connection.reader.handover
        # Over single tries of the channel, which never wait: TLS is not to be used by two at once.
        self._lock = threading.Lock()
        # How many are receiving and sending; the last of them closes what was closed meanwhile.
        self._users = 0

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        """Return what has arrived, at most `max_bytes` and at least one; b"" at the end.

        Raises ReadTimeout, DeadlineExceeded, RequestCancelled, ReadError, InvalidOptionError, and
        StreamClosed after `aclose()`.
        """
        if type(max_bytes) is not int or max_bytes < 1:
            raise InvalidOptionError(f"max_bytes={max_bytes!r}: give a number of bytes from 1")
        connection = self._enter()
        try:
            while True:
                with self._lock:
                    data = self._try_receive(connection, max_bytes)
                    writing = connection.channel.wants_write
                if data:
                    return data
                if data is not None:
                    self._check_open(connection)
                    return data
                await self._wait(connection, writing, "read")
        except OSError as error:
            raise self._mapped(connection, error, ReadError, "received from")
        finally:
            self._leave(connection)

    def _try_receive(self, connection: AsyncConnection, max_bytes: int) -> bytes | None:
        if not self._leftover:
            data = connection.channel.receive(max_bytes)
            # TLS gives whole records.
            if data is None or len(data) <= max_bytes:
                return data
            self._leftover = data
        data, self._leftover = self._leftover[:max_bytes], self._leftover[max_bytes:]
        return data

    async def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of `data`.

        Raises WriteTimeout, DeadlineExceeded, RequestCancelled, WriteError, and StreamClosed after
        `aclose()`. How much was sent is not known then, so nothing more should be.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise InvalidOptionError(f"data: send() takes bytes, not {type(data).__name__}")
        connection = self._enter()
        rest = memoryview(data).cast("B")
        try:
            while rest:
                with self._lock:
                    taken = connection.channel.send(rest)
                    writing = connection.channel.wants_write
                if taken:
                    rest = rest[taken:]
                else:
                    await self._wait(connection, writing, "write")
        except OSError as error:
            raise self._mapped(connection, error, WriteError, "sent to")
        finally:
            self._leave(connection)

    async def _wait(
        self, connection: AsyncConnection, writing: bool, phase: Literal["read", "write"]
    ) -> None:
        patience = self._patience
        seconds = patience.read if phase == "read" else patience.write
        sockets = (connection.channel.sock,)
        # Not by the gate: it serves one at a time, and a timeout there ends the connection.
        outcome = await wait_any(
            () if writing else sockets,
            sockets if writing else (),
            patience.until(seconds, now()),
            patience.cancel,
        )
        self._check_open(connection)
        if outcome is not READY:
            raise patience.exhausted(phase, now(), "maybe", cancelled=outcome is CANCELLED)

    def _enter(self) -> AsyncConnection:
        with self._lock:
            connection = self._connection
            if connection is None:
                raise StreamClosed("the raw stream is closed")
            self._users += 1
        return connection

    def _leave(self, connection: AsyncConnection) -> None:
        with self._lock:
            self._users -= 1
            closed = self._connection is None and not self._users
        if closed:
            self._pool.discard(connection, "its raw stream was closed")

    def _check_open(self, connection: AsyncConnection) -> None:
        if self._connection is None:
            raise StreamClosed("the raw stream was closed while it was in use")
        if connection.aborted:
            raise ClientClosedError("the client was closed while this raw stream was in use")

    def _mapped(
        self,
        connection: AsyncConnection,
        error: OSError,
        kind: type[ReadError | WriteError],
        doing: str,
    ) -> Exception:
        """What an `OSError` means to the caller."""
        if isinstance(error, AntiphonError):
            return error
        try:
            self._check_open(connection)
        except AntiphonError as reason:
            return reason
        words = error.strerror or str(error)
        mapped: TransportError = kind(
            f"the connection to {connection.origin} broke while bytes were {doing} it: {words}",
            sent="maybe",
            request=self._patience.request,
        )
        mapped.__cause__ = error
        return mapped

    async def aclose(self) -> None:
        """Close the connection at once. Whoever receives or sends gets StreamClosed; repeatable."""
        with self._lock:
            connection, self._connection = self._connection, None
            in_use = self._users > 0
        if connection is None:
            return
        if in_use:
            # A socket that is closed under a wait would be waited for forever.
            shut_down(connection.channel.sock)
        else:
            self._pool.discard(connection, "its raw stream was closed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        try:
            connection = self._connection
        except AttributeError:  # the constructor was interrupted
            return
        if connection is not None:
            self._pool.discard(connection, "its raw stream was forgotten open")
            warnings.warn(
                f"{self!r} was never closed; use `async with`",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

    def __repr__(self) -> str:
        connection = self._connection
        where = "closed" if connection is None else f"to {connection.origin}"
        return f"<{type(self).__name__} {where}>"
