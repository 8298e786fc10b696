# Source of _sync/engine/http1.py; after editing run: tox -e codegen
"""One request and its response over one connection, in HTTP/1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.engine.request_sender import (
    FIRST_READ,
    NEXT_READ,
    TURN,
    AsyncRequestSender,
)
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    AntiphonError,
    ClientClosedError,
    InvalidBodyError,
    InvalidHeaderError,
    LocalProtocolError,
    ReadError,
    RemoteProtocolError,
    TransportError,
    WriteError,
)
from antiphon.network.anyio_network import give_way
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._async.engine.connection import AsyncConnection
    from antiphon._async.engine.raw_stream import AsyncRawStream
    from antiphon.wire.http1 import ResponseHead

# What an early leaver may still read, if it is there already, to keep the connection.
DRAIN_LIMIT = 65_536
# The peer went away, which is not the same as taking too long.
DISCONNECTS = (ReadError, WriteError, RemoteProtocolError)

# Statuses that mean something to the engine itself; see `_check_special`.
SPECIAL = frozenset({101, 407, 417})


class StaleConnection(Exception):
    """A kept-alive connection turned out dead before the first byte of the response.

    Internal: the engine sends again on a fresh connection, or raises `error`.
    """

    def __init__(self, error: AntiphonError) -> None:
        super().__init__()
        self.error = error


class ExpectationRefused(Exception):
    """The peer answered 417 to a request that asked for leave to send its body.

    Internal: the engine sends it again without `Expect` (RFC 9110 section 15.5.18).
    """


class AsyncHTTP1Exchange(AsyncRequestSender):
    """Sends one request and reads its response; the body source of the stream.

    It owns its connection until the end: then the connection goes back to the pool, or is closed
    if anything was odd. Whatever interrupts it, native cancellation included, closes it.
    """

    __slots__ = ()

    async def begin(self) -> AsyncResponseStream:
        """Send the request and read the head of its final response.

        Raises `StaleConnection` if a reused connection died before the first byte came, and
        `ExpectationRefused` if the request is to be sent again without `Expect`.
        """
        connection = self._connection
        assert connection is not None
        request = self._request
        try:
            connection.reader.start(request.method)
            head = await self._send_request(connection)
            if head is None:
                head = await self._read_head(connection)
            if head.status in SPECIAL:
                self._check_special(connection, head)
        except BaseException as error:  # noqa: BLE001 - raised again, or what it means
            mapped = await self._give_up(connection, error)
            try:
                if isinstance(mapped, DISCONNECTS) and self._was_stale(connection):
                    raise StaleConnection(mapped) from mapped
                if mapped is error:
                    raise
                raise mapped from error
            finally:
                # Its traceback holds this frame: together they would wait for the collector.
                del mapped
        self._head_done = True
        if self._observer is not None:
            self._observer.response_started(head.status, head.headers)
        stream = AsyncResponseStream(
            request=request,
            status=head.status,
            source=self,
            reason=head.reason,
            headers=head.headers,
            http_version=head.version,
            timeline=self._timeline,
            tls=connection.tls,
        )
        if self._informational:
            stream.informational = self._informational
        return stream

    def _was_stale(self, connection: AsyncConnection) -> bool:
        """Whether it is a connection that was kept alive, and gave not a byte of this response."""
        return connection.used and not connection.reader.bytes_started and not self._is_foreign

    def _check_special(self, connection: AsyncConnection, head: ResponseHead) -> None:
        """Raise for a status that is not to be seen by the caller here."""
        if head.status == 417 and self._expects:
            raise ExpectationRefused
        if head.status == 407 and connection.proxy_lines is not None:
            # Imported where it is needed, as few have a proxy.
            from antiphon._async.engine.tunnel import refused_with_head

            raise refused_with_head(connection.origin, head, self._patience)
        if head.status == 101 and "upgrade" not in self._request.headers:
            raise RemoteProtocolError(
                f"{connection.origin} switched protocols (101) without having been asked to"
            )

    async def _read_head(self, connection: AsyncConnection) -> ResponseHead:
        # Nothing can be there yet: the request went out a moment ago.
        await self._wait(connection, True, False, "read")
        reader = connection.reader
        while True:
            reader.feed(await self._receive(connection))
            if self._timeline.first_byte is None:
                self._timeline.first_byte = now()
            head = self._next_final_head(connection)
            if head is not None:
                return head

    async def receive(self) -> bytes:
        """The next piece of the body as it was sent, b"" at its end."""
        connection = self._connection
        if connection is None:
            return b""
        reader = connection.reader
        try:
            while True:
                data = reader.next_data()
                if data is None:
                    if self._upload is None:
                        reader.feed(await self._receive(connection))
                    else:
                        reader.feed(await self._receive_while_sending(connection))
                    continue
                if reader.complete:
                    if self._upload is not None:
                        await self._stop_sending()
                    self._finish(connection)
                return data
        except BaseException as error:  # noqa: BLE001 - raised again, or what it means
            mapped = await self._give_up(connection, error)
            try:
                if mapped is error:
                    raise
                raise mapped from error
            finally:
                del mapped

    async def _receive(self, connection: AsyncConnection) -> bytes:
        """Bytes from the socket, b"" once the peer has closed."""
        channel = connection.channel
        try:
            data = channel.receive(self._read_size)
            while data is None:
                self._turn = TURN
                await self._wait(connection, not channel.wants_write, channel.wants_write, "read")
                data = channel.receive(self._read_size)
        except ConnectionResetError:
            if not self._refused:
                raise
            # Closing a socket with unread bytes of the request in it resets the connection: that
            # is how a server ends its refusal.
            data = b""
        if not data:
            self._check_end(connection)
        received = self._timeline.received_bytes + len(data)
        self._timeline.received_bytes = received
        if received >= FIRST_READ:
            self._read_size = NEXT_READ
        if self._patience.deadline is not None or self._patience.cancel is not None:
            self._check_limits("read")
        self._turn -= len(data)
        if self._turn < 0:
            self._turn = TURN
            await give_way()
        return data

    def _check_end(self, connection: AsyncConnection) -> None:
        """Tell an end that the peer made on purpose from others."""
        if connection.aborted:  # our own doing
            raise ClientClosedError("the client was closed while this call was running")
        if self._broken is not None and not self._refused:
            # The reset was told to a write before; what came of a success is all that is left.
            raise self._broken

    async def _receive_while_sending(self, connection: AsyncConnection) -> bytes:
        """Bytes of a response that comes while its request still goes out, as an echo does.

        The one goes on no faster than the other, so neither is held in memory.
        """
        channel = connection.channel
        upload = self._upload
        assert upload is not None
        while True:
            data = channel.receive(self._read_size)
            if data or (data is not None and not connection.aborted):
                self._timeline.received_bytes += len(data)
                return data
            try:
                pushed = upload.push(channel)
            except OSError as error:  # it reads no more; what it has to say is read all the same
                self._broken = error
                await self._stop_sending()
                return await self._receive(connection)
            if not pushed:
                await self._wait_to_send(connection)
            elif not await upload.load(channel):
                self._mark_sent()
                return await self._receive(connection)
            self._check_limits("write")

    # The end. ------------------------------------------------------------------------------------

    def _finish(self, connection: AsyncConnection) -> None:
        """The response is complete: give the connection back, or close it."""
        self._connection = None
        self.trailers = connection.reader.trailers
        self._timeline.finished = now()
        observer = self._observer
        if observer is not None:
            observer.response_received(self._timeline.received_bytes)
        if self._kept_alive and connection.reader.reusable:
            connection.used = True
            if observer is not None:
                observer.connection_released(connection.origin.host, connection.origin.port)
            self._pool.release(connection)
        else:
            self._pool.discard(connection, "it was not to be kept alive")

    async def _give_up(self, connection: AsyncConnection, error: BaseException) -> BaseException:
        """Close the connection, then the source of the body; what the error means to the caller."""
        mapped = self._fail(connection, error)
        upload = self._upload
        if upload is not None and not isinstance(error, GeneratorExit):  # then nothing may wait
            await upload.aclose()
        return mapped

    def _fail(self, connection: AsyncConnection, error: BaseException) -> BaseException:
        self._connection = None
        aborted = connection.aborted
        mapped = error
        if isinstance(error, TransportError):
            error.sent = self._sent
            if isinstance(error, RemoteProtocolError):
                error.message = f"{connection.origin}: {error.message}"
        elif (
            isinstance(error, (InvalidBodyError, InvalidHeaderError)) and self._timeline.sent_bytes
        ):
            # Those say that nothing was sent, which was true only up to this piece or trailer.
            mapped = LocalProtocolError(
                f"the request to {connection.origin} was broken off: {error.message}", sent="maybe"
            )
        elif isinstance(error, OSError) and not self._is_foreign:
            # What comes out of the caller's own body is none of ours to explain.
            mapped = self._connection_error(connection, error)
        if isinstance(mapped, AntiphonError) and mapped.request is None:
            mapped.request = self._request
        self._pool.discard(connection, str(mapped) or type(mapped).__name__)
        if aborted and isinstance(mapped, TransportError):
            return ClientClosedError(
                "the client was closed while this call was running", request=self._request
            )
        return mapped

    def _connection_error(self, connection: AsyncConnection, error: OSError) -> TransportError:
        peer = connection.origin
        words = error.strerror or str(error)
        if self._timeline.request_sent is None and not self._head_done:
            return WriteError(
                f"the connection to {peer} broke while the request was sent: {words}",
                sent=self._sent,
                request=self._request,
            )
        part = "body" if self._head_done else "head"
        return ReadError(
            f"the connection to {peer} broke while the {part} of the response was read: {words}",
            sent=self._sent,
            request=self._request,
        )

    async def aclose(self) -> None:
        """Leave early. What has arrived is read if it is the rest; else the connection is closed.

        Never waits, so an endless body cannot hold anyone up.
        """
        connection = self._connection
        if connection is None:
            return
        if self._upload is not None:
            self._connection = None
            self._pool.discard(connection, "its stream was closed before the request was sent")
            await self._stop_sending()
            return
        try:
            complete = self._drain(connection)
        except (OSError, AntiphonError):
            complete = False
        if complete:
            self._finish(connection)
        else:
            self._connection = None
            self._pool.discard(connection, "its stream was closed before the end of the body")

    def upgrade(self) -> AsyncRawStream:
        """Hand the connection over: after a 101 it is the caller's, and speaks another protocol."""
        # Imported when it is needed: few calls switch protocols.
        from antiphon._async.engine.raw_stream import AsyncRawStream

        connection = self._connection
        assert connection is not None
        self._connection = None
        self._timeline.finished = now()
        return AsyncRawStream(self._pool, connection, self._patience)

    def _drain(self, connection: AsyncConnection) -> bool:
        """Read on without waiting; whether that reached the end of the response."""
        reader = connection.reader
        drained = 0
        while drained <= DRAIN_LIMIT:
            data = reader.next_data()
            if data is None:
                data = connection.channel.receive(FIRST_READ)
                if not data:
                    return False
                self._timeline.received_bytes += len(data)
                drained += len(data)
                reader.feed(data)
            elif reader.complete:
                return True
        return False

    def __del__(self) -> None:
        if self._connection is not None:
            self._pool.discard(self._connection, "its stream was forgotten open")
