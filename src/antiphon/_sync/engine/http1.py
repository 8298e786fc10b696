# GENERATED from _async/engine/http1.py by tools/unasync.py. Do not edit.
"""One request and its response over one connection, in HTTP/1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    AntiphonError,
    ClientClosedError,
    LocalProtocolError,
    ReadError,
    RemoteProtocolError,
    TransportError,
    WriteError,
)
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.network.urllib3_network import BodyChunks, give_way
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.wire.http1 import RequestBodyFraming, encode_head

if TYPE_CHECKING:
    from antiphon._sync.engine.connection import Connection
    from antiphon._sync.engine.pool import Pool
    from antiphon.models.events import TransportObserver
    from antiphon.models.request import Request
    from antiphon.models.timings import Timeline
    from antiphon.policies.patience import Patience, Phase
    from antiphon.wire.http1 import ResponseHead

# How much is asked of the socket at once: at first, and once a body turns out to be long. A small
# buffer is cheaper to make than it is to grow, and a large one saves system calls.
FIRST_READ = 65_536
NEXT_READ = 262_144
# Head and body go out in one piece up to this size; above it a copy costs more than a system call.
JOIN_LIMIT = 65_536
# Bytes after which a body that never had to be waited for lets others have a turn, all the same.
TURN = 4 * 1024 * 1024
# What an early leaver may still read, if it is there already, to keep the connection.
DRAIN_LIMIT = 65_536
# The peer went away, which is not the same as taking too long.
DISCONNECTS = (ReadError, WriteError, RemoteProtocolError)
# Lines of the head that the engine writes or must know of; a caller's own take their place.
OWN_FRAMING = ("host", "content-length", "transfer-encoding", "connection")


class StaleConnection(Exception):
    """A kept-alive connection turned out dead before the first byte of the response.

    Internal: the engine sends again on a fresh connection, or raises `error`.
    """

    def __init__(self, error: AntiphonError) -> None:
        super().__init__()
        self.error = error


class HTTP1Exchange:
    """Sends one request and reads its response; the body source of the stream.

    It owns its connection until the end: then the connection goes back to the pool, or is closed
    if anything was odd. Whatever interrupts it, native cancellation included, closes it.
    """

    __slots__ = (
        "_connection",
        "_foreign",
        "_head_done",
        "_kept_alive",
        "_observer",
        "_patience",
        "_pool",
        "_read_size",
        "_request",
        "_sent",
        "_timeline",
        "_turn",
        "trailers",
    )

    def __init__(
        self,
        pool: Pool,
        connection: Connection,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> None:
        self._pool = pool
        self._connection: Connection | None = connection
        self._request: Request = patience.request
        self._patience = patience
        self._timeline = timeline
        self._observer = observer
        self._sent: Literal["no", "maybe"] = "no"
        self._head_done = False
        self._kept_alive = True
        self._read_size = FIRST_READ
        self._turn = TURN
        self._foreign: BaseException | None = None
        self.trailers: Headers = EMPTY_HEADERS

    def begin(self) -> ResponseStream:
        """Send the request and read the head of its final response.

        Raises `StaleConnection` if a reused connection died before the first byte came.
        """
        connection = self._connection
        assert connection is not None
        request = self._request
        try:
            connection.reader.start(request.method)
            self._send_request(connection)
            head = self._read_head(connection)
        except BaseException as error:
            reused = connection.used
            started = connection.reader.bytes_started
            mapped = self._fail(connection, error)
            if reused and not started and isinstance(mapped, DISCONNECTS):
                raise StaleConnection(mapped) from mapped
            if mapped is error:
                raise
            raise mapped from error
        return ResponseStream(
            request=request,
            status=head.status,
            source=self,
            reason=head.reason,
            headers=head.headers,
            http_version=head.version,
            timeline=self._timeline,
            tls=connection.tls,
        )

    # The request. --------------------------------------------------------------------------------

    def _send_request(self, connection: Connection) -> None:
        request = self._request
        headers = request.headers
        body = request.body
        url = request.url
        host = url.host_header
        extra = b""
        framing = None
        if body is None:
            # RFC 9110, section 8.6: a method that expects content says that there is none.
            if request.method in {"POST", "PUT", "PATCH"}:
                extra = b"Content-Length: 0\r\n"
        else:
            framing = RequestBodyFraming(body.length)
            extra = framing.header
        if headers.has_any(OWN_FRAMING):
            headers, host, extra = _own_framing(headers, host, extra)
            self._kept_alive = "close" not in (headers.get("connection") or "").lower()
        head = encode_head(request.method, url.target, headers.wire, host, extra)
        if body is None or framing is None:
            self._send(connection, head)
        elif body.content is not None and len(body.content) <= JOIN_LIMIT:
            self._send(connection, head + body.content)
        else:
            self._send(connection, head)
            self._send_body(connection, framing)
        self._timeline.request_sent = now()
        if self._observer is not None:
            self._observer.request_sent(self._timeline.sent_bytes)

    def _send_body(self, connection: Connection, framing: RequestBodyFraming) -> None:
        body = self._request.body
        assert body is not None
        if body.content is not None:
            self._send(connection, body.content)
            return
        chunks = BodyChunks(body)
        try:
            for chunk in chunks:
                for piece in framing.encode(chunk):
                    self._send(connection, piece)
        finally:
            # What the caller's own iterable or file raised is the caller's, even an OSError.
            self._foreign = chunks.error
        for piece in framing.finish():
            self._send(connection, piece)

    def _send(self, connection: Connection, data: bytes) -> None:
        channel = connection.channel
        taken = channel.send(data)
        rest = memoryview(data)
        while True:
            if taken:
                self._sent = "maybe"
                self._timeline.sent_bytes += taken
                if taken == len(rest):
                    return
                rest = rest[taken:]
            else:
                self._wait(connection, not channel.wants_write, channel.wants_write, "write")
            taken = channel.send(rest)

    # The response. -------------------------------------------------------------------------------

    def _read_head(self, connection: Connection) -> ResponseHead:
        reader = connection.reader
        # Nothing can be there yet: the request went out a moment ago.
        self._wait(connection, True, False, "read")
        while True:
            reader.feed(self._receive(connection))
            if self._timeline.first_byte is None:
                self._timeline.first_byte = now()
            head = reader.next_head()
            while head is not None:
                if head.status >= 200 or head.status == 101:
                    self._head_done = True
                    if self._observer is not None:
                        self._observer.response_started(head.status, head.headers)
                    return head
                if self._observer is not None:
                    self._observer.informational(head.status, head.headers)
                head = reader.next_head()

    def receive(self) -> bytes:
        """The next piece of the body as it was sent, b"" at its end."""
        connection = self._connection
        if connection is None:
            return b""
        reader = connection.reader
        try:
            while True:
                data = reader.next_data()
                if data is None:
                    reader.feed(self._receive(connection))
                    continue
                if reader.complete:
                    self._finish(connection)
                return data
        except BaseException as error:
            mapped = self._fail(connection, error)
            if mapped is error:
                raise
            raise mapped from error

    def _receive(self, connection: Connection) -> bytes:
        """Bytes from the socket, b"" once the peer has closed."""
        channel = connection.channel
        patience = self._patience
        data = channel.receive(self._read_size)
        while data is None:
            self._turn = TURN
            self._wait(connection, not channel.wants_write, channel.wants_write, "read")
            data = channel.receive(self._read_size)
        if not data and connection.aborted:  # our own doing, which must not pass for the peer's end
            raise ClientClosedError("the client was closed while this call was running")
        self._timeline.received_bytes += len(data)
        if len(data) == self._read_size:
            self._read_size = NEXT_READ
        # A body that comes faster than it is read never waits, and still has its limits.
        if patience.deadline is not None and now() >= patience.deadline:
            raise patience.exhausted("read", now(), self._sent, cancelled=False)
        if patience.cancel is not None and patience.cancel.cancelled:
            raise patience.exhausted("read", now(), self._sent, cancelled=True)
        self._turn -= len(data)
        if self._turn < 0:
            self._turn = TURN
            give_way()
        return data

    def _wait(
        self, connection: Connection, readable: bool, writable: bool, phase: Phase
    ) -> None:
        patience = self._patience
        seconds = patience.read if phase == "read" else patience.write
        deadline = patience.until(seconds, now())
        outcome = connection.gate.wait(readable, writable, deadline, patience.cancel)
        if outcome is not READY:
            if connection.aborted:
                raise ClientClosedError("the client was closed while this call was running")
            raise patience.exhausted(phase, now(), self._sent, cancelled=outcome is CANCELLED)

    # The end. ------------------------------------------------------------------------------------

    def _finish(self, connection: Connection) -> None:
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

    def _fail(self, connection: Connection, error: BaseException) -> BaseException:
        """Close the connection; what the error means to the caller."""
        self._connection = None
        aborted = connection.aborted
        mapped = error
        if error is self._foreign:
            pass
        elif isinstance(error, OSError) and not isinstance(error, AntiphonError):
            mapped = self._connection_error(connection, error)
        elif isinstance(error, TransportError) and not isinstance(error, LocalProtocolError):
            error.sent = self._sent
        if isinstance(mapped, AntiphonError) and mapped.request is None:
            mapped.request = self._request
        self._pool.discard(connection, str(mapped) or type(mapped).__name__)
        if aborted and isinstance(mapped, TransportError):
            return ClientClosedError(
                "the client was closed while this call was running", request=self._request
            )
        return mapped

    def _connection_error(self, connection: Connection, error: OSError) -> TransportError:
        peer = connection.origin
        words = error.strerror or str(error)
        if self._timeline.request_sent is None:
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

    def close(self) -> None:
        """Leave early. What has arrived is read if it is the rest; else the connection is closed.

        Never waits, so an endless body cannot hold anyone up.
        """
        connection = self._connection
        if connection is None:
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

    def _drain(self, connection: Connection) -> bool:
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


def _own_framing(headers: Headers, host: str, extra: bytes) -> tuple[Headers, str, bytes]:
    """Let a caller's own Host, Content-Length or Transfer-Encoding take the place of ours."""
    own_host = headers.get("host")
    if own_host is not None:
        host = own_host
        headers = headers.without("host")
    own_length = headers.get("content-length")
    if own_length is not None:
        expected = b"Content-Length: " + own_length.encode("latin-1", "replace") + b"\r\n"
        if extra != expected:
            has = extra.decode("ascii").strip() or "no body"
            raise LocalProtocolError(
                f"the header Content-Length: {own_length} contradicts the body, which has {has}; "
                "leave the header out, it is set by itself"
            )
        headers = headers.without("content-length")
    if "transfer-encoding" in headers:
        if headers.get("transfer-encoding", "").lower() != "chunked" or not extra:
            raise LocalProtocolError(
                "the header Transfer-Encoding contradicts the body; leave it out, a body of "
                "unknown length is chunked by itself"
            )
        headers = headers.without("transfer-encoding")
        extra = b"Transfer-Encoding: chunked\r\n"
    return headers, host, extra
