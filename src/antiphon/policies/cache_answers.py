"""Answers made of what is stored (RFC 9111 section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from antiphon.models.headers import EMPTY_HEADERS, Headers
from antiphon.models.stored_response import StoredResponse
from antiphon.policies.cache_ranges import part_of, stored_span, wanted_span
from antiphon.policies.entity_tags import (
    is_unmodified,
    matches_if_none_match,
    matches_if_range,
)

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.cache_freshness import Freshness

# RFC 9110 section 15.4.5: what a 304 has of the fields that the 200 would have had.
_OF_NOT_MODIFIED: Final = (
    "age",
    "cache-control",
    "content-location",
    "date",
    "etag",
    "expires",
    "last-modified",
    "vary",
)


def made_answer(
    stored: StoredResponse,
    request: Request,
    state: Freshness,
    now_wall: float,
    *,
    confirmed: bool = False,
) -> StoredResponse | None:
    """Return what answers `request` from `stored`; None if it does not have what is asked for.

    The whole, a part of it (206), its head alone, or a 304 if the caller's own condition says so.
    Fields that `no-cache` lists are left out unless the server has just `confirmed` the answer.
    """
    headers = stored.headers.with_("Age", str(int(state.age)))
    if not confirmed:
        headers = headers.without(*state.directives.fields("no-cache"))
    stored = attrs.evolve(stored, headers=headers)
    asked = request.headers
    if stored.status in (200, 206) and _is_not_modified(stored, asked, now_wall):
        pairs = [pair for pair in headers.pairs if pair[0].lower() in _OF_NOT_MODIFIED]
        return attrs.evolve(
            stored,
            status=304,
            reason="Not Modified",
            headers=Headers.trusted(tuple(pairs)),
            body=b"",
            trailers=EMPTY_HEADERS,
        )
    range_field = asked.get("range")
    if range_field is None or request.method != "GET":
        if stored.status == 206:
            return None
        return attrs.evolve(stored, body=b"") if request.method == "HEAD" else stored
    if stored.status not in (200, 206):
        # A Range is about a success; another answer is the same with it and without.
        return stored
    condition = asked.get("if-range")
    if condition is not None and not matches_if_range(condition, headers):
        return stored if stored.status == 200 else None
    span = stored_span(stored)
    wanted = None if span is None else wanted_span(range_field, span.total)
    return None if wanted is None else part_of(stored, wanted)


def _is_not_modified(stored: StoredResponse, asked: Headers, now_wall: float) -> bool:
    """Evaluate the caller's own condition; If-None-Match goes first (RFC 9110 section 13.2.2)."""
    tags = asked.get("if-none-match")
    if tags is not None:
        return matches_if_none_match(tags, stored.headers.get("etag"))
    since = asked.get("if-modified-since")
    return since is not None and is_unmodified(since, stored.headers, now_wall)


def refusal(request: Request, now_wall: float) -> StoredResponse:
    """Return the 504 for a call that may only be answered from the store (section 5.2.1.7)."""
    return StoredResponse(
        method=request.method,
        url="",
        status=504,
        reason="Gateway Timeout",
        headers=Headers({"Content-Type": "text/plain; charset=utf-8"}),
        body=b"nothing is stored for this request, and only-if-cached forbids to ask the server",
        request_time=now_wall,
        response_time=now_wall,
    )
