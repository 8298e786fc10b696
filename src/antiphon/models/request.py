"""`Request`: one HTTP request as a frozen value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.models.headers import EMPTY_HEADERS, Headers

if TYPE_CHECKING:
    from antiphon.models.body import Body
    from antiphon.models.url import URL


@attrs.frozen(slots=True, eq=False, repr=False)
class Request:
    """What is asked of a server: method, URL, headers and body (RFC 9110 section 9.3).

    A plain record of values that were checked where they were made; `client.build_request(...)`
    makes one from text, with the client's defaults. Framing headers (`Host`, `Content-Length`,
    `Transfer-Encoding`) are added on the wire.
    """

    method: str
    url: URL
    headers: Headers = EMPTY_HEADERS
    body: Body | None = None

    def with_(
        self,
        *,
        method: str | None = None,
        url: URL | None = None,
        headers: Headers | None = None,
        body: Body | None = None,
    ) -> Request:
        """Return a copy with the named parts replaced; `without_body()` removes the body."""
        return Request(
            self.method if method is None else method,
            self.url if url is None else url,
            self.headers if headers is None else headers,
            self.body if body is None else body,
        )

    def without_body(self) -> Request:
        """Return a copy that has no body and none of the headers that describe one."""
        return Request(self.method, self.url, self.headers.without(*BODY_HEADERS))

    def with_header(self, name: str, value: str) -> Request:
        """Return a copy whose header `name` is `value` alone. Raises InvalidHeaderError."""
        return Request(self.method, self.url, self.headers.with_(name, value), self.body)

    def redacted(self) -> Request:
        """Return a copy whose secret headers and parameters are hidden, itself if it has none."""
        headers, url = self.headers.redacted(), self.url.without_secrets()
        if headers is self.headers and url is self.url:
            return self
        return self.with_(headers=headers, url=url)

    def __eq__(self, other: object) -> bool:
        """Compare all four parts; a body is equal to itself only, unless it says otherwise."""
        if not isinstance(other, Request):
            return NotImplemented
        return (
            self.method == other.method
            and self.url == other.url
            and self.headers == other.headers
            and self.body == other.body
        )

    def __hash__(self) -> int:
        """Hash what routes the request; bodies do not take part."""
        return hash((self.method, self.url, self.headers))

    def __repr__(self) -> str:
        """Show method and redacted URL; neither header values nor the body."""
        return f"<Request {self.method} {self.url.redacted}>"


# Representation metadata (RFC 9110 section 8) and framing, meaningless once the body is dropped.
BODY_HEADERS = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Transfer-Encoding",
    "Digest",
    "Content-Digest",
    "Repr-Digest",
)
