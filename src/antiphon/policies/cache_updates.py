"""What of an answer is stored, and how a later one updates it (RFC 9111 sections 3.1 and 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from antiphon.policies.entity_tags import is_weakly_equal, strong_validator
from antiphon.policies.http_date import format_http_date

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.stored_response import StoredResponse

# RFC 9111 section 3.1: fields of one connection and of proxies are not stored.
_NOT_STORED: Final = (
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
)
# RFC 9111 section 3.2: what is said of the stored bytes stays as it was. A digest in a 304 is of
# its own content, which is empty (RFC 9530 section 2).
_NOT_UPDATED: Final = (
    "content-digest",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-range",
)


def storable_headers(headers: Headers) -> Headers:
    """Return `headers` without the fields that are of the connection, and those that it lists."""
    listed = [name.strip(" \t") for name in headers.get("connection", "").split(",")]
    return headers.without(*_NOT_STORED, *listed)


def dated(headers: Headers, received: float) -> Headers:
    """Return `headers` with a Date, that of their arrival if they had none (RFC 9110 6.6.1)."""
    return headers if "date" in headers else headers.with_("Date", format_http_date(received))


def updated_headers(stored: Headers, newer: Headers) -> Headers:
    """Return the fields of a stored answer after a 304, a 206 or the answer to a HEAD came."""
    return stored.merged(storable_headers(newer).without(*_NOT_UPDATED))


def is_updated_by(stored: StoredResponse, newer: Headers) -> bool:
    """Whether a 304 with the fields `newer` is about `stored` (section 4.3.4).

    By its strong tag, else by its weak one, else by its Last-Modified; without any of them it is
    about whatever was asked for.
    """
    strong = strong_validator(newer)
    if strong is not None:
        # What was stored under the same opaque tag, called weak then: the server takes it back.
        return is_weakly_equal(strong, stored.headers.get("etag", ""))
    tag = newer.get("etag")
    if tag is not None:
        return is_weakly_equal(tag, stored.headers.get("etag", ""))
    modified = newer.get("last-modified")
    return modified is None or modified == stored.headers.get("last-modified")


def is_confirmed_by_head(stored: StoredResponse, newer: Headers) -> bool:
    """Whether the answer 200 to a HEAD is about the same representation (section 4.3.5)."""
    if stored.status != 200:
        return False
    for name in ("etag", "last-modified"):
        value = newer.get(name)
        if value is not None and value != stored.headers.get(name):
            return False
    length = newer.get("content-length")
    return length is None or length == str(len(stored.body))
