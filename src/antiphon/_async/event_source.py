# Source of _sync/event_source.py; after editing run: tox -e codegen
"""`AsyncEventSource`: the events of a URL, over as many connections as it takes."""

from __future__ import annotations

from random import random
from typing import TYPE_CHECKING, Self

import attrs

from antiphon._async.pause import pause
from antiphon._async.stream_reading import checked_size
from antiphon._async.stream_values import AsyncEventIterator
from antiphon.errors import AntiphonError, StreamClosed, UsageError, status_error
from antiphon.network.clock import now
from antiphon.policies.reconnect import (
    Reconnect,
    checked_event_id,
    checked_idle_timeout,
    may_reconnect,
    resumed,
)
from antiphon.wire.sse import EventStreamParser

if TYPE_CHECKING:
    from antiphon._async.client_core import AsyncClientCore
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.json_codec import JSONCodec
    from antiphon.models.request import Request
    from antiphon.models.server_sent_event import ServerSentEvent
    from antiphon.models.transport_options import TransportOptions
    from antiphon.models.unset import Unset
    from antiphon.policies.call_options import CallOptions


class AsyncEventSource:
    """A stream of events that is opened again when it ends or breaks; `client.sse` makes it.

    `async with client.sse(url) as events:` connects, iterating reads on. It ends when the server
    answers 204 (HTML standard, section 9.2.3). Anything but 200 with an event stream raises a
    StatusError or ContentTypeError; TransportErrors are raised once its `Reconnect` gives up.
    Leaving the block drops the connection at once.
    """

    __slots__ = (
        "_closed",
        "_core",
        "_events",
        "_json_codec",
        "_options",
        "_parser",
        "_reconnect",
        "_request",
        "_stream",
        "_transport_options",
        "_trusted",
    )

    def __init__(
        self,
        core: AsyncClientCore,
        request: Request,
        options: CallOptions,
        *,
        trusted: bool,
        json_codec: JSONCodec | None,
        last_event_id: str | None,
        reconnect: Reconnect | Unset | None,
        idle_timeout: float | None,
        max_event_bytes: int,
    ) -> None:
        # What is said about reading counts for each wait, the one for the head included.
        timeout = attrs.evolve(options.timeout, read=checked_idle_timeout(idle_timeout))
        self._core = core
        self._request = request
        self._options = options.overridden({"timeout": timeout, "raise_for_status": True})
        self._parser = EventStreamParser(
            checked_size("max_event_bytes", max_event_bytes),
            last_event_id=checked_event_id(last_event_id),
            json_codec=json_codec,
        )
        self._trusted = trusted
        self._json_codec = json_codec
        self._reconnect = Reconnect.of(reconnect, request)
        # Those of the whole, known once it is entered: one deadline for all connections.
        self._transport_options: TransportOptions | None = None
        self._stream: AsyncResponseStream | None = None
        self._events: AsyncEventIterator | None = None
        self._closed = False

    @property
    def last_event_id(self) -> str:
        """The id to go on after, "" if there was none; `last_event_id=` takes it another time."""
        return self._parser.last_event_id

    async def __aenter__(self) -> Self:
        if self._transport_options is not None:
            raise UsageError("these events were entered already; call client.sse(...) again")
        self._transport_options = self._options.transport_options(stream=True, now=now())
        await self._open(self._transport_options, again=False)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._closed = True
        self._events = None
        if self._stream is not None:
            await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerSentEvent:
        options = self._transport_options
        if options is None:
            raise UsageError("enter it first: `async with client.sse(...) as events:`")
        if self._closed:
            raise StreamClosed(
                f"the events of {self._request.url.redacted} cannot be read on: "
                "their block was left",
                request=self._request,
            )
        while self._events is not None:
            try:
                return await self._events.__anext__()
            except StopAsyncIteration:
                self._events = None
                if self._reconnect is None:
                    raise
            except AntiphonError as error:
                self._events = None
                if self._reconnect is None or not may_reconnect(error):
                    raise
            await self._open(options, again=True)
        raise StopAsyncIteration

    async def _open(self, options: TransportOptions, *, again: bool) -> None:
        """Connect until there are events or a 204, waiting before every connection but the first.

        Raises what the last connection failed with, once no other may do better.
        """
        reconnect = self._reconnect
        failures = 0
        while True:
            if reconnect is not None and again:
                delay = reconnect.wait_before(failures, self._parser.retry, random)
                await pause(delay, self._request, options)
            try:
                await self._connect(options)
            except AntiphonError as error:
                failures += 1
                if reconnect is None or not may_reconnect(error):
                    raise
                if reconnect.gives_up(failures):
                    error.add_note(f"gave up after {failures} failed connections in a row")
                    raise
            else:
                return
            again = True

    async def _connect(self, options: TransportOptions) -> None:
        """Make one connection, which has events, none (204), or is refused."""
        self._core.refuse_closed()
        request = resumed(self._request, self._parser.last_event_id)
        call = self._options.begin(request, self._trusted, True, now())
        # The total timeout is one for all connections and the waits between them.
        call.transport_options = options
        stream = await self._core.handle(request, call)
        stream.json_codec = self._json_codec
        try:
            if stream.status == 200:
                parser = self._parser.following()
                self._events = AsyncEventIterator(stream, parser)
                self._parser = parser
                self._stream = stream
                return
            await stream.aclose()
            if stream.status != 204:
                raise status_error(stream.response(now() - call.started, without_body=True))
        except BaseException as error:
            await stream.abandon(error)
            raise

    def __repr__(self) -> str:
        where = f"{self._request.method} {self._request.url.redacted}"
        state = "closed" if self._closed else "ended" if self._events is None else "open"
        if self._transport_options is None:
            state = "not entered"
        return f"<{type(self).__name__} {where}, {state}>"
