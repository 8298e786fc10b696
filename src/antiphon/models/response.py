"""`Response`: an answer with its body loaded, the same class for both voices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from antiphon.models.frozen_late import filled_in, freeze
from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.json_codec import STANDARD_JSON
from antiphon.models.text_encoding import declared_charset, encoding_for
from antiphon.models.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from antiphon.errors import AntiphonError
    from antiphon.models.attempt import Attempt
    from antiphon.models.cache_info import CacheInfo
    from antiphon.models.informational import InformationalResponse
    from antiphon.models.json_codec import JSON, JSONCodec
    from antiphon.models.link_header import Link
    from antiphon.models.request import Request
    from antiphon.models.timings import Timeline
    from antiphon.models.tls_info import TLSInfo
    from antiphon.models.url import URL


@filled_in(eq=False, repr=False)
class ResponseFields:
    """What a response is made of, before it is frozen."""

    status: int
    headers: Headers
    content: bytes
    request: Request
    reason: str = ""
    http_version: str = "HTTP/1.1"
    trailers: Headers = EMPTY_HEADERS
    history: tuple[Response, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    elapsed: float = 0.0
    timeline: Timeline | None = None
    json_codec: JSONCodec | None = None
    tls: TLSInfo | None = None
    informational: tuple[InformationalResponse, ...] = ()
    _request_id: str | None = None
    cache: CacheInfo | None = None
    """What the client's `Cache` had to do with it; None without one."""
    fallback: AntiphonError | None = None
    """The error in whose place a `Fallback` gave this answer; None for an answer of the server."""
    _text: str | None = attrs.field(default=None, init=False)

    def freeze(self) -> Response:
        """Return the response, which is this very object."""
        return freeze(self, Response)


@attrs.frozen(slots=True, eq=False, repr=False)
class Response(ResponseFields):
    """What a server answered (RFC 9110 section 15), frozen, its body loaded and decoded.

    Two are equal when status, headers, body, request and history are; times do not count. Pickles
    without its JSON codec.
    """

    @property
    def status_code(self) -> int:
        """The same as `status`."""
        return self.status

    @property
    def url(self) -> URL:
        """The URL that answered, after redirects."""
        return self.request.url

    @property
    def method(self) -> str:
        """The method that was answered, after redirects."""
        return self.request.method

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx (RFC 9110 section 15.3)."""
        return 200 <= self.status <= 299

    @property
    def content_length(self) -> int | None:
        """The declared length of the body as sent, in bytes; None if it is not declared."""
        value = self.headers.get("content-length")
        return int(value) if value is not None and value.isdecimal() else None

    @property
    def request_id(self) -> str | None:
        """The id that the server gave, or else the one that a `RequestId` sent."""
        if self._request_id is not None:
            return self._request_id
        from antiphon.models.request_id import request_id_of

        return request_id_of(self.headers)

    @property
    def timings(self) -> Timings:
        """Where the time went, in seconds; all None over a transport that does not tell."""
        return Timings() if self.timeline is None else self.timeline.timings()

    @property
    def encoding(self) -> str:
        """The codec of `text`: charset of the header, then byte order mark, then UTF-8."""
        return encoding_for(self.headers.get("content-type"), self.content[:4])

    @property
    def text(self) -> str:
        """The body as text; bytes that are not in the encoding become U+FFFD."""
        text = self._text
        if text is None:
            text = self.content.decode(self.encoding, "replace")
            object.__setattr__(self, "_text", text)
        return text

    def json(self) -> JSON:
        """Parse the body as JSON: UTF-8, -16 or -32 unless the header says otherwise.

        Raises InvalidJSONError with the place of the mistake and a snippet of the body.
        """
        codec = self.json_codec or STANDARD_JSON
        content = self.content
        charset = declared_charset(self.headers.get("content-type"))
        try:
            if charset is not None and not self.encoding.startswith("utf-"):
                content = content.decode(self.encoding).encode()
            return codec.loads(content)
        except (ValueError, RecursionError) as error:
            from antiphon.errors import InvalidJSONError
            from antiphon.errors.snippet import body_snippet

            snippet = body_snippet(
                self.content, self.headers.get("content-type"), request=self.request
            )
            raise InvalidJSONError(
                f"the body of {self.method} {self.url.redacted} is not JSON "
                f"({error}): {snippet or 'it is empty'}",
                status=self.status,
                request_id=self.request_id,
                headers=self.headers,
                request=self.request,
                response=self,
                attempts=self.attempts,
            ) from error

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that this response sets, by name; attributes are in `client.cookies`."""
        found: dict[str, str] = {}
        for line in self.headers.get_list("set-cookie"):
            name, equals, value = line.partition(";")[0].partition("=")
            if equals and name.strip():
                found[name.strip()] = value.strip()
        return found

    @property
    def links(self) -> Mapping[str, Link]:
        """The `Link` header by relation type, targets resolved against `url` (RFC 8288)."""
        from antiphon.models.link_header import parse_links

        return parse_links(self.headers.get_list("link"), self.url)

    def raise_for_status(self) -> Self:
        """Return self, or raise the StatusError that the status is named after (4xx and 5xx)."""
        if self.status >= 400:
            from antiphon.errors import status_error

            raise status_error(self)
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return (
            self.status == other.status
            and self.content == other.content
            and self.headers == other.headers
            and self.trailers == other.trailers
            and self.http_version == other.http_version
            and self.request == other.request
            and self.history == other.history
        )

    def redacted(self) -> Response:
        """Return a copy without secret headers and parameters: its own, its request's and so on."""
        return attrs.evolve(
            self,
            headers=self.headers.redacted(),
            request=self.request.redacted(),
            history=tuple(response.redacted() for response in self.history),
            attempts=tuple(attempt.redacted() for attempt in self.attempts),
        )

    def __hash__(self) -> int:
        return hash((self.status, self.request, self.content))

    def __reduce__(self) -> tuple[type[Response], tuple[object, ...]]:
        """Pickle what the server said; the credentials that it was asked with stay here."""
        return (
            Response,
            (
                self.status,
                self.headers,
                self.content,
                self.request.redacted(),
                self.reason,
                self.http_version,
                self.trailers,
                self.history,
                tuple(attempt.redacted() for attempt in self.attempts),
                self.elapsed,
                self.timeline,
                None,
                self.tls,
                self.informational,
                self._request_id,
                self.cache,
                self.fallback,
            ),
        )

    def __repr__(self) -> str:
        kind = self.headers.get("content-type", "no content type").partition(";")[0]
        return (
            f"<Response {self.status} {self.method} {self.url.redacted}, "
            f"{len(self.content)} bytes, {kind}>"
        )
