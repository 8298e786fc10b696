# Source of _sync/engine/request_sender.py; after editing run: tox -e codegen
"""The sending half of an exchange in HTTP/1.1, which listens while it talks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from antiphon._async.engine.upload import AsyncUpload
from antiphon.errors import AntiphonError, ClientClosedError, WriteError
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.informational import InformationalResponse
from antiphon.network.anyio_network import give_way, wait_any
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.wire.http1 import RequestBodyFraming, encode_head
from antiphon.wire.http1_forwarding import forwarded
from antiphon.wire.own_framing import OWN_FRAMING, expects_continue, own_framing

if TYPE_CHECKING:
    from antiphon._async.engine.connection import AsyncConnection
    from antiphon._async.engine.pool import AsyncPool
    from antiphon.models.body import Body
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


class AsyncRequestSender:
    """Sends the request of one exchange, and hears what the peer says meanwhile.

    Whatever it sends it stops for an answer that makes the rest pointless (RFC 9112 section 9.5).
    """

    __slots__ = (
        "_broken",
        "_connection",
        "_expects",
        "_head_done",
        "_informational",
        "_kept_alive",
        "_observer",
        "_patience",
        "_pool",
        "_read_size",
        "_refused",
        "_request",
        "_timeline",
        "_turn",
        "_upload",
        "trailers",
    )

    def __init__(
        self,
        pool: AsyncPool,
        connection: AsyncConnection,
        patience: Patience,
        timeline: Timeline,
        observer: TransportObserver | None,
    ) -> None:
        self._pool = pool
        self._connection: AsyncConnection | None = connection
        self._request: Request = patience.request
        self._patience = patience
        self._timeline = timeline
        self._observer = observer
        self._kept_alive = True
        self._read_size = FIRST_READ
        self._turn = TURN
        self._informational: tuple[InformationalResponse, ...] = ()
        # What is still to be sent; None when all is, which with most requests is at once.
        self._upload: AsyncUpload | None = None
        # Whether `Expect` went out and the request could be sent again without it.
        self._expects = False
        # Whether the peer answered without wanting the rest of the request.
        self._refused = False
        # The error of a write that an answer has explained so far.
        self._broken: OSError | None = None
        # What the half that reads needs.
        self._head_done = False
        self.trailers: Headers = EMPTY_HEADERS

    @property
    def _is_foreign(self) -> bool:
        """Whether it was the caller's own body that raised."""
        return self._upload is not None and self._upload.error is not None

    @property
    def _sent(self) -> Literal["no", "maybe"]:
        return "maybe" if self._timeline.sent_bytes else "no"

    async def _send_request(self, connection: AsyncConnection) -> ResponseHead | None:
        """Send the request; the final head if that came before the request was all sent."""
        request = self._request
        headers = request.headers
        body = request.body
        url = request.url
        host = url.host_header
        extra = b""
        framing = None
        expects = False
        if body is None:
            # RFC 9110, section 8.6: a method that expects content says that there is none.
            if request.method in {"POST", "PUT", "PATCH"}:
                extra = b"Content-Length: 0\r\n"
        else:
            framing = RequestBodyFraming(body.length)
            extra = framing.header
        if headers.has_any(OWN_FRAMING):
            headers, host, extra = own_framing(headers, host, extra)
            self._kept_alive = "close" not in (headers.get("connection") or "").lower()
            if framing is not None and extra != framing.header:
                framing = RequestBodyFraming(None)
            if expects_continue(headers):
                expects = body is not None and body.length != 0
                if not expects:  # RFC 9110 section 10.1.1: never without content
                    headers = headers.without("expect")
        target = url.target
        if connection.proxy_lines is not None:
            target, extra = forwarded(request, connection.proxy_lines, extra)
        head = encode_head(request.method, target, headers.wire, host, extra)
        if body is None or framing is None:
            data = head
        elif (
            body.content is not None
            and len(body.content) <= JOIN_LIMIT
            and not expects
            and not framing.is_chunked
        ):
            data = head + body.content
        elif expects:
            return await self._send_with_leave(connection, head, body, framing)
        else:
            self._upload = AsyncUpload(self._timeline, head, body, framing)
            return await self._talk(connection)
        try:
            taken = connection.channel.send(data)
        except OSError as error:
            return self._last_words(connection, error)
        self._timeline.sent_bytes = taken
        if taken != len(data):
            self._upload = AsyncUpload(self._timeline, memoryview(data)[taken:])
            return await self._talk(connection)
        self._mark_sent()
        return None

    def _mark_sent(self) -> None:
        self._upload = None
        self._timeline.request_sent = now()
        if self._observer is not None:
            self._observer.request_sent(self._timeline.sent_bytes)

    # Sending and listening at once. --------------------------------------------------------------

    async def _talk(self, connection: AsyncConnection) -> ResponseHead | None:
        """Send all of the upload; the final head if that comes first."""
        upload = self._upload
        assert upload is not None
        channel = connection.channel
        turn = self._timeline.sent_bytes + TURN
        try:
            while True:
                while not upload.push(channel):
                    await self._wait_to_send(connection)
                    head = self._listen(connection)
                    if head is not None:
                        return await self._answer_early(connection, head)
                if not await upload.load(channel):
                    break
                self._check_limits("write")
                if self._timeline.sent_bytes > turn:
                    turn = self._timeline.sent_bytes + TURN
                    await give_way()
                head = self._listen(connection)
                if head is not None:
                    return await self._answer_early(connection, head)
        except OSError as error:
            if self._is_foreign or isinstance(error, AntiphonError):
                raise
            head = self._last_words(connection, error)
            self._refused = head.status >= 300
            self._broken = error
            await self._stop_sending()
            return head
        self._mark_sent()
        return None

    async def _answer_early(self, connection: AsyncConnection, head: ResponseHead) -> ResponseHead:
        """Stop sending if nothing that would follow can change the answer.

        A refusal, a redirect, a complete answer and one that ends the connection are such; a
        success that is still coming may be made from the rest of what is sent, as an echo is.
        """
        closes = "close" in (head.headers.get("connection") or "").lower()
        if head.status >= 300 or closes or connection.reader.complete:
            self._refused = True
            await self._stop_sending()
        return head

    async def _stop_sending(self) -> None:
        """Send no more; the connection is then of no use for another request."""
        self._kept_alive = False
        upload = self._upload
        if upload is not None:
            await upload.aclose()
            self._upload = None

    def _listen(self, connection: AsyncConnection) -> ResponseHead | None:
        """Take what the peer has said so far, without waiting; the final head once it is there."""
        data = connection.channel.receive(FIRST_READ)
        if data is None:
            return None
        if not data and not connection.reader.bytes_started:
            if connection.aborted:
                raise ClientClosedError("the client was closed while this call was running")
            raise WriteError(
                f"{connection.origin} closed the connection while the request was sent",
                sent=self._sent,
            )
        self._take(connection, data)
        return self._next_final_head(connection)

    def _last_words(self, connection: AsyncConnection, error: OSError) -> ResponseHead:
        """The final head that the peer sent before it stopped reading; raises `error` without."""
        if not connection.aborted:
            try:
                while data := connection.channel.receive(FIRST_READ):
                    self._take(connection, data)
                    head = self._next_final_head(connection)
                    if head is not None:
                        self._kept_alive = False
                        return head
            except (OSError, AntiphonError):
                pass
        raise error

    # Expect: 100-continue. -----------------------------------------------------------------------

    async def _send_with_leave(
        self, connection: AsyncConnection, head: bytes, body: Body, framing: RequestBodyFraming
    ) -> ResponseHead | None:
        """Send the head, and the body unless the peer answers without it."""
        self._expects = True
        self._upload = AsyncUpload(self._timeline, head)
        upload = AsyncUpload(self._timeline, b"", body, framing)
        answer = await self._talk(connection)
        if answer is None:
            answer = await self._wait_for_leave(connection)
        if answer is not None:
            # Whether the peer still expects the body cannot be known, so this was the last request
            # of the connection (RFC 9110 section 10.1.1).
            await self._stop_sending()
            return answer
        self._expects = body.replayable
        self._upload = upload
        return await self._talk(connection)

    async def _wait_for_leave(self, connection: AsyncConnection) -> ResponseHead | None:
        """Wait for 100 Continue, within limits; the final head if that comes instead."""
        patience = self._patience
        channel = connection.channel
        sockets = (channel.sock,)
        deadline = patience.until(patience.expect, now())
        while True:
            head = self._listen(connection)
            if head is not None:
                return head
            if any(status == 100 for status, _ in self._informational):
                return None
            writing = channel.wants_write
            # Not by the gate, which ends the connection along with the wait.
            outcome = await wait_any(
                () if writing else sockets, sockets if writing else (), deadline, patience.cancel
            )
            self._check_limits("read")
            if outcome is not READY:
                return None

    # What both halves need. ----------------------------------------------------------------------

    def _take(self, connection: AsyncConnection, data: bytes) -> None:
        """Note what was received, and let it be read."""
        self._timeline.received_bytes += len(data)
        if self._timeline.first_byte is None:
            self._timeline.first_byte = now()
        connection.reader.feed(data)

    def _next_final_head(self, connection: AsyncConnection) -> ResponseHead | None:
        """The final head if it is there; those before it are told and kept."""
        next_head = connection.reader.next_head
        head = next_head()
        while head is not None and head.status < 200 and head.status != 101:
            if self._observer is not None:
                self._observer.informational(head.status, head.headers)
            self._informational += (InformationalResponse(head.status, head.headers),)
            head = next_head()
        return head

    async def _wait_to_send(self, connection: AsyncConnection) -> None:
        """Wait until the peer takes more, or says something."""
        await self._wait(connection, True, connection.channel.wants_write, "write")

    async def _wait(
        self, connection: AsyncConnection, readable: bool, writable: bool, phase: Phase
    ) -> None:
        patience = self._patience
        seconds = patience.read if phase == "read" else patience.write
        deadline = patience.until(seconds, now())
        outcome = await connection.gate.wait(readable, writable, deadline, patience.cancel)
        if outcome is not READY:
            if connection.aborted:
                raise ClientClosedError("the client was closed while this call was running")
            raise patience.exhausted(phase, now(), self._sent, cancelled=outcome is CANCELLED)

    def _check_limits(self, phase: Phase) -> None:
        """Hold to the limits of what goes too fast to be waited for, and so never ends a wait."""
        patience = self._patience
        if patience.deadline is not None and now() >= patience.deadline:
            raise patience.exhausted(phase, now(), self._sent, cancelled=False)
        if patience.cancel is not None and patience.cancel.cancelled:
            raise patience.exhausted(phase, now(), self._sent, cancelled=True)
