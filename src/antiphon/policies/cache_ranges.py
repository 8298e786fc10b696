"""Parts of stored answers: Range and 206 (RFC 9110 section 14, RFC 9111 sections 3.3, 3.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import attrs

from antiphon.policies.cache_updates import updated_headers
from antiphon.policies.entity_tags import strong_validator

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.stored_response import StoredResponse

_ONE_RANGE = re.compile(r"bytes=[ \t]*(?P<first>[0-9]*)-(?P<last>[0-9]*)[ \t]*", re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (?P<first>[0-9]+)-(?P<last>[0-9]+)/(?P<total>[0-9]+)")
# More digits than any size has; int() refuses texts of thousands of them.
_MOST_DIGITS = 18


class Span(NamedTuple):
    """Bytes of a representation: from `first` to before `end`, of `total`."""

    first: int
    end: int
    total: int


def wanted_span(range_field: str, total: int) -> Span | None:
    """Return the one range of bytes that is asked for; None for several, none, and other units."""
    match = _ONE_RANGE.fullmatch(range_field)
    if match is None or len(match[0]) > 2 * _MOST_DIGITS:
        return None
    first, last = match["first"], match["last"]
    if not first:
        if not last or int(last) == 0:
            return None
        return Span(max(0, total - int(last)), total, total) if total else None
    if int(first) >= total or (last and int(last) < int(first)):
        return None
    return Span(int(first), min(int(last) + 1, total) if last else total, total)


def stored_span(stored: StoredResponse) -> Span | None:
    """Return which bytes of its representation `stored` has; None if it cannot say."""
    if stored.status != 206:
        return Span(0, len(stored.body), len(stored.body))
    span = content_span(stored.headers)
    return span if span is not None and span.end - span.first == len(stored.body) else None


def content_span(headers: Headers) -> Span | None:
    """Return what Content-Range says of a 206; None if it is no single part of a known length."""
    match = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if match is None or len(match[0]) > 3 * _MOST_DIGITS:
        return None
    span = Span(int(match["first"]), int(match["last"]) + 1, int(match["total"]))
    return span if span.first < span.end <= span.total else None


def is_encoded(headers: Headers) -> bool:
    """Whether the body is in a content coding, so that a part of it cannot be read by itself."""
    return headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}


def part_of(stored: StoredResponse, span: Span) -> StoredResponse | None:
    """Return a 206 with the bytes of `span`; None if `stored` does not have all of them."""
    kept = stored_span(stored)
    if kept is None or is_encoded(stored.headers):
        return None
    if span.first < kept.first or span.end > kept.end:
        return None
    body = stored.body[span.first - kept.first : span.end - kept.first]
    headers = stored.headers.with_(
        "Content-Range", f"bytes {span.first}-{span.end - 1}/{span.total}"
    ).with_("Content-Length", str(len(body)))
    return attrs.evolve(stored, status=206, reason="Partial Content", headers=headers, body=body)


def missing_span(stored: StoredResponse) -> Span | None:
    """Return what `stored` lacks to be whole, if it is the start and a validator can tie the rest.

    The rest is asked for with `If-Range`, so that it is of the same representation.
    """
    if stored.status != 206 or strong_validator(stored.headers) is None:
        return None
    span = stored_span(stored)
    if span is None or span.first != 0 or is_encoded(stored.headers):
        return None
    return Span(span.end, span.total, span.total)


def combined(stored: StoredResponse, part: StoredResponse) -> StoredResponse | None:
    """Return `stored` with the bytes of the 206 `part` added, whole if it now is (section 3.4).

    None if they are not of the same representation by a strong validator, or leave a gap.
    """
    validator = strong_validator(stored.headers)
    if validator is None or validator != strong_validator(part.headers):
        return None
    old, new = stored_span(stored), stored_span(part)
    if old is None or new is None or old.total != new.total:
        return None
    if new.first > old.end or old.first > new.end or is_encoded(stored.headers):
        return None
    first, end = min(old.first, new.first), max(old.end, new.end)
    # Where both have a byte it is the same one, so the order in which they are laid is free.
    before = stored.body[: max(0, new.first - old.first)]
    after = stored.body[max(0, new.end - old.first) :]
    body = before + part.body + after
    headers = updated_headers(stored.headers, part.headers)
    headers = headers.with_("Content-Length", str(len(body)))
    whole = first == 0 and end == old.total
    if whole:
        headers = headers.without("Content-Range")
    else:
        headers = headers.with_("Content-Range", f"bytes {first}-{end - 1}/{old.total}")
    return attrs.evolve(
        part,
        status=200 if whole else 206,
        reason="OK" if whole else "Partial Content",
        headers=headers,
        body=body,
    )
