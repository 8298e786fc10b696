# GENERATED from _async/stream.py by tools/unasync.py. Do not edit.
"""`ResponseStream`: an answer whose body is still on its way."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Self, TypeVar

from antiphon._sync.bytes_source import BytesSource
from antiphon._sync.stream_head import StreamHead
from antiphon._sync.stream_reading import StreamReading
from antiphon.errors import (
    AntiphonError,
    DecodeError,
    InvalidOptionError,
    ResponseTooLargeError,
    StreamClosed,
    StreamConsumed,
    UsageError,
)
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.request_id import request_id_of
from antiphon.models.response import Response, ResponseFields
from antiphon.models.timings import Timings
from antiphon.models.unset import UNSET, Unset
from antiphon.wire.decoding import decoder_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon._sync.engine.raw_stream import RawStream
    from antiphon._sync.recording import Recording
    from antiphon._sync.transport import BodySource
    from antiphon.models.attempt import Attempt
    from antiphon.models.cache_info import CacheInfo
    from antiphon.models.informational import InformationalResponse
    from antiphon.models.json_codec import JSON, JSONCodec
    from antiphon.models.request import Request
    from antiphon.models.timings import Timeline
    from antiphon.models.tls_info import TLSInfo

E = TypeVar("E", bound=BaseException)

# The life of a body. Only the first two hold a connection.
FRESH, READING, LOADED, CONSUMED, CLOSED = range(5)


class ResponseStream(StreamHead, StreamReading):
    """The head of an answer, and its body while it arrives. Read it once, close it always.

    `with client.stream("GET", url) as stream:` closes it; so does reading to the end. Leaving
    early gives the connection back if little is left to read and drops it otherwise: that never
    waits for an endless body. Errors while the body is read are the same as before it.
    """

    __slots__ = (
        "__weakref__",
        "_content",
        "_request_id",
        "_source",
        "_state",
        "attempts",
        "cache",
        "fallback",
        "headers",
        "history",
        "http_version",
        "informational",
        "is_cut",
        "json_codec",
        "max_response_bytes",
        "reason",
        "recording",
        "request",
        "status",
        "timeline",
        "tls",
    )

    def __init__(
        self,
        *,
        request: Request,
        status: int,
        source: BodySource,
        reason: str = "",
        headers: Headers = EMPTY_HEADERS,
        http_version: str = "HTTP/1.1",
        timeline: Timeline | None = None,
        tls: TLSInfo | None = None,
    ) -> None:
        self._state = FRESH
        self._source = source
        self._content: bytes | None = None
        self.request = request
        self.status = status
        self.reason = reason
        self.headers = headers
        self.http_version = http_version
        self.timeline = timeline
        self.tls = tls
        # The 1xx responses that came before this one.
        self.informational: tuple[InformationalResponse, ...] = ()
        self.history: tuple[Response, ...] = ()
        self.attempts: tuple[Attempt, ...] = ()
        self.json_codec: JSONCodec | None = None
        # What the call allows, for a `read()` that names no limit of its own.
        self.max_response_bytes: int | None = None
        self.cache: CacheInfo | None = None
        self.fallback: AntiphonError | None = None
        self.recording: Recording | None = None
        self._request_id: str | None = None
        # Whether `content` is only the start of the body.
        self.is_cut = False

    @classmethod
    def of_bytes(
        cls,
        request: Request,
        status: int,
        headers: Headers = EMPTY_HEADERS,
        content: bytes = b"",
        *,
        reason: str = "",
        trailers: Headers = EMPTY_HEADERS,
    ) -> Self:
        """Return an answer made from bytes in memory, still encoded as `headers` say."""
        source = BytesSource(content, trailers)
        return cls(request=request, status=status, reason=reason, headers=headers, source=source)

    # --- what the head says -------------------------------------------------------------------

    @property
    def request_id(self) -> str | None:
        """The id that the server gave, or else the one that a `RequestId` sent."""
        return self._request_id or request_id_of(self.headers)

    @request_id.setter
    def request_id(self, value: str | None) -> None:
        self._request_id = value

    @property
    def trailers(self) -> Headers:
        """The trailer fields (RFC 9110 section 6.5); empty before the end of the body."""
        return self._source.trailers if self._state in (LOADED, CONSUMED) else EMPTY_HEADERS

    @property
    def timings(self) -> Timings:
        """Where the time went so far; all None over a transport that does not tell."""
        return Timings() if self.timeline is None else self.timeline.timings()

    # --- the body at once ---------------------------------------------------------------------

    def read(self, max_bytes: int | Unset | None = UNSET) -> bytes:
        """Load the whole body, decoded, and return it; the connection is free again afterwards.

        Raises ResponseTooLargeError when it is longer than `max_bytes`, which is the call's
        `max_response_bytes` if left out and no limit if None, StreamConsumed when it was
        iterated already, and the errors of the transport. Repeated reads return the same bytes.
        """
        content = self._content
        if content is not None:
            return content
        if max_bytes is UNSET:
            max_bytes = self.max_response_bytes
        if max_bytes is not None and (type(max_bytes) is not int or max_bytes < 0):
            raise InvalidOptionError(
                f"max_bytes={max_bytes!r} is refused; give a number of bytes from 0, or None"
            )
        content = self._load(max_bytes)
        if content is None:
            raise self.complete(
                ResponseTooLargeError(
                    f"the body of {self.method} {self.url.redacted} is longer than "
                    f"max_response_bytes={max_bytes}; stream() it or raise the cap"
                )
            )
        return content

    def read_capped(self, max_bytes: int) -> bytes:
        """Load at most `max_bytes` of the body, drop the rest and return them; see `is_cut`."""
        if self._content is None:
            self.is_cut = self._load(max_bytes, cut=True) is None
        return self.content

    def _load(self, max_bytes: int | None, *, cut: bool = False) -> bytes | None:
        """Load the body; None if it is longer than `max_bytes`, which `cut` keeps the start of."""
        self.start_reading()
        try:
            receive = self._source.receive
            piece = receive()
            decoder = decoder_for(self.headers) if piece else None
            if decoder is None and max_bytes is None:
                content = piece
                piece = receive() if piece else b""
                if piece:
                    pieces = [content]
                    while piece:
                        pieces.append(piece)
                        piece = receive()
                    content = b"".join(pieces)
            else:
                pieces = []
                size = 0
                while piece:
                    for part in (piece,) if decoder is None else decoder.decode(piece):
                        pieces.append(part)
                        size += len(part)
                        if max_bytes is not None and size > max_bytes:
                            if cut:
                                self._content = b"".join(pieces)[:max_bytes]
                            self.close()
                            return None
                    piece = receive()
                if decoder is not None:
                    decoder.finish()
                content = b"".join(pieces)
            if self.recording is not None:
                self.recording.finish()
        except BaseException as error:
            self.abandon(error)
            raise
        self._state = LOADED
        self._content = content
        return content

    @property
    def is_loaded(self) -> bool:
        """Whether `content`, `text` and `json()` are there."""
        return self._content is not None

    @property
    def content(self) -> bytes:
        """The loaded body. Raises StreamConsumed before `read()`, or when it was iterated."""
        if self._content is None:
            raise self.complete(
                StreamConsumed(
                    f"the body of {self.method} {self.url.redacted} is not loaded; "
                    "call read() first, and instead of iterating"
                )
            )
        return self._content

    @property
    def text(self) -> str:
        """The loaded body as text, decoded as `Response.text` is."""
        return self.response().text

    def json(self) -> JSON:
        """Parse the loaded body as JSON. Raises DecodeError."""
        return self.response().json()

    def response(self, elapsed: float = 0.0, *, without_body: bool = False) -> Response:
        """Return the loaded answer as a `Response`; `elapsed` in seconds. Raises StreamConsumed.

        With `without_body` a body that was not loaded counts as empty.
        """
        content = self._content
        if content is None:
            content = b"" if without_body else self.content
        return ResponseFields(
            self.status,
            self.headers,
            content,
            self.request,
            self.reason,
            self.http_version,
            self._source.trailers,
            self.history,
            self.attempts,
            elapsed,
            self.timeline,
            self.json_codec,
            self.tls,
            self.informational,
            self._request_id,
            self.cache,
            self.fallback,
        ).freeze()

    def upgrade(self) -> RawStream:
        """Take the connection over after a 101, to speak the protocol that was switched to.

        It is the caller's to close from then on. Raises UsageError for any other status and for a
        transport that has no connection to give, StreamClosed and StreamConsumed.
        """
        hand_over: Callable[[], RawStream] | None = getattr(self._source, "upgrade", None)
        if self.status != 101 or hand_over is None:
            raise self.complete(
                UsageError(
                    f"{self!r} cannot be upgraded: "
                    "only an answer 101 Switching Protocols from our own engine can"
                )
            )
        self.start_reading()
        self._state = CONSUMED
        return hand_over()

    # --- how it ends --------------------------------------------------------------------------

    def close(self) -> None:
        """Give the connection back or drop it. Safe to repeat; a loaded body stays readable."""
        state = self._state
        if state == LOADED:
            return
        self._state = CLOSED
        if state < LOADED:
            self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def start_reading(self) -> None:
        """Claim the body for one reader. Raises StreamConsumed and StreamClosed."""
        if self._state == FRESH:
            self._state = READING
            return
        of = f"the body of {self.method} {self.url.redacted}"
        if self._state == CLOSED:
            raise self.complete(StreamClosed(f"{of} cannot be read: the stream is closed"))
        raise self.complete(
            StreamConsumed(f"{of} was read already; keep what the first reader got")
        )

    def receive(self) -> bytes:
        """Return the next raw piece, b"" at the end; for the iterators, once reading started."""
        if self._state != READING:
            if self._state == CLOSED:
                raise self.complete(
                    StreamClosed(
                        f"the body of {self.method} {self.url.redacted} cannot be read on: "
                        "the stream is closed"
                    )
                )
            return b""
        try:
            piece = self._source.receive()
        except BaseException as error:
            self.abandon(error)
            raise
        if not piece:
            self._state = CONSUMED
        return piece

    def wrap_source(self, wrap: Callable[[BodySource], BodySource]) -> None:
        """Put `wrap(source)` in the place of where the body comes from, before it is read."""
        self._source = wrap(self._source)

    def abandon(self, error: BaseException) -> None:
        """Close because of `error`, and say in it which exchange it ended."""
        if isinstance(error, DecodeError) and error.request is None:
            # What reads bytes does not know whose they are.
            error.message = f"{self.method} {self.url.redacted}: {error.message}"
        self.complete(error)
        self.close()

    def complete(self, error: E) -> E:
        """Fill in what this answer knows and `error` does not; return `error`."""
        if isinstance(error, AntiphonError):
            if error.request is None:
                error.request = self.request
            if error.status is None:
                error.status = self.status
                error.headers = self.headers
                error.request_id = self.request_id
            if not error.attempts:
                error.attempts = self.attempts
        return error

    def __del__(self) -> None:
        try:
            forgotten = self._state < LOADED
        except AttributeError:  # the constructor refused its arguments
            return
        if forgotten:
            warnings.warn(
                f"{self!r} was never closed; use `with` or read it to the end",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )

    def __repr__(self) -> str:
        state = ("open", "being read", "loaded", "consumed", "closed")[self._state]
        return f"<{type(self).__name__} {self.status} {self.method} {self.url.redacted}, {state}>"
