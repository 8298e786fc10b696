"""Validators: entity tags and Last-Modified (RFC 9110 sections 8.8 and 13.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from antiphon.policies.http_date import parse_http_date

if TYPE_CHECKING:
    from antiphon.models.headers import Headers

_TAG = re.compile(r'(?:W/)?"[^"]*"')
_STRONG = re.compile(r'"[^"]*"')


def strong_validator(headers: Headers) -> str | None:
    """Return the entity tag if it is a strong one; it then names these very bytes.

    Last-Modified is left out: whether it is strong depends on clocks (RFC 9110 section 8.8.2.2).
    """
    tag = headers.get("etag")
    return tag if tag is not None and _STRONG.fullmatch(tag) else None


def is_weakly_equal(one: str, other: str) -> bool:
    """Compare two tags by the weak comparison (RFC 9110 section 8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")


def matches_if_none_match(field: str, tag: str | None) -> bool:
    """Whether If-None-Match names the tag of a representation, or any representation by "*"."""
    if field.strip(" \t") == "*":
        return True
    if tag is None:
        return False
    # Tags without quotes are no tags, but some servers make them and their clients return them.
    named = _TAG.findall(field) or [field.strip(" \t")]
    return any(is_weakly_equal(one, tag) for one in named)


def is_unmodified(since: str, headers: Headers, now_wall: float) -> bool:
    """Whether a representation was last modified no later than If-Modified-Since says.

    Date stands in for Last-Modified, as RFC 9111 section 4.3.2 has it.
    """
    limit = parse_http_date(since, now_wall)
    modified = parse_http_date(headers.get("last-modified") or headers.get("date"), now_wall)
    return limit is not None and modified is not None and modified <= limit


def matches_if_range(field: str, headers: Headers) -> bool:
    """Whether If-Range names these very bytes, by a strong comparison (RFC 9110 section 13.1.5)."""
    if '"' in field:
        return field == strong_validator(headers)
    return field == headers.get("last-modified")
