# GENERATED from _async/client_streams.py by tools/unasync.py. Do not edit.
"""The calls of a client whose body is read as it comes: `stream` and `sse`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.stream_context import StreamContext
from antiphon._sync.stream_reading import DEFAULT_MAX_EVENT_BYTES
from antiphon.models.unset import UNSET
from antiphon.policies.unknown_keywords import CALL_KEYWORDS, refuse_unknown

if TYPE_CHECKING:
    from typing import Unpack

    from antiphon._sync.client_core import ClientCore
    from antiphon._sync.event_source import EventSource
    from antiphon.models.json_codec import JSONCodec
    from antiphon.models.unset import Unset
    from antiphon.models.url import URL
    from antiphon.policies.call_keywords import CallKeywords
    from antiphon.policies.call_options import CallOptions
    from antiphon.policies.reconnect import Reconnect
    from antiphon.policies.request_building import RequestBuilder


class StreamCalls:
    """What both a client and its views can do; they set the attributes."""

    _base_options: CallOptions
    _builder: RequestBuilder
    _core: ClientCore
    _json_codec: JSONCodec | None

    def stream(
        self, method: str, url: str | URL, **options: Unpack[CallKeywords]
    ) -> StreamContext:
        """Make a call whose body is read as it comes: `with client.stream(...) as stream:`.

        Returns an `ResponseStream` there. Takes the keywords of `request` and raises what it
        raises; the body of a StatusError is loaded, up to `max_response_bytes` or 1 MiB.
        """
        refuse_unknown("stream()", options, CALL_KEYWORDS)
        self._core.refuse_closed()
        request = self._builder.build(method, url, options)
        return StreamContext(
            self._core,
            request,
            self._base_options.overridden(options),
            trusted=self._builder.trusts(request.url),
            json_codec=self._json_codec,
        )

    def sse(
        self,
        url: str | URL,
        *,
        method: str = "GET",
        last_event_id: str | None = None,
        reconnect: Reconnect | Unset | None = UNSET,
        idle_timeout: float | None = 60.0,
        max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES,
        **options: Unpack[CallKeywords],
    ) -> EventSource:
        """Read events that a server pushes: `with client.sse(url) as events:`.

        Returns an `EventSource`, which connects there, and again when the stream ends or
        breaks; it asks for what follows `last_event_id` first. `reconnect`: a `Reconnect`, or None
        for one connection, the default for methods that are not idempotent. `idle_timeout`: seconds
        without a byte after which a connection counts as broken, in place of the timeout's `read`;
        its `total` is for all connections. A `retry` of the client does not count here.
        """
        from antiphon._sync.event_source import EventSource
        from antiphon.policies.reconnect import EVENT_HEADERS

        refuse_unknown("sse()", options, CALL_KEYWORDS)
        self._core.refuse_closed()
        headers = self._builder.headers.merged(EVENT_HEADERS)
        request = self._builder.changed(None, headers, None).build(method, url, options)
        return EventSource(
            self._core,
            request,
            self._base_options.overridden({"retry": None, **options}),
            trusted=self._builder.trusts(request.url),
            json_codec=self._json_codec,
            last_event_id=last_event_id,
            reconnect=reconnect,
            idle_timeout=idle_timeout,
            max_event_bytes=max_event_bytes,
        )
