"""Which answers are stored, and in what form (RFC 9111 section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from antiphon.models.stored_response import StoredResponse
from antiphon.policies.cache_control import parse_cache_control, response_directives
from antiphon.policies.cache_freshness import HEURISTIC_STATUSES, has_explicit_freshness
from antiphon.policies.cache_ranges import content_span, is_encoded
from antiphon.policies.cache_updates import dated, storable_headers
from antiphon.policies.cache_variants import selecting_pairs, variant_id, vary_names

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.cache import Cache

# For `must-understand` (section 5.2.2.3): statuses whose caching we do as RFC 9110 describes it.
UNDERSTOOD_STATUSES: Final = HEURISTIC_STATUSES | {302, 303, 307, 308, 400, 403, 500, 502, 503, 504}
# They tell of this one request, of its preconditions and ranges, and not of the resource.
_OF_ONE_REQUEST: Final = frozenset({304, 412, 416})
_VALIDATORS: Final = ("etag", "last-modified")


def cache_key(request: Request) -> str:
    """Return the key of what is stored for `request`: its URL without userinfo and fragment."""
    url = request.url
    return f"{url.origin}{url.target}"


def may_store(request: Request, status: int, headers: Headers, settings: Cache) -> bool:
    """Whether the answer to a GET may be stored, as far as its head tells (section 3)."""
    if status < 200 or status in _OF_ONE_REQUEST:
        return False
    if "no-store" in parse_cache_control(request.headers.get_list("cache-control")):
        return False
    directives, targeted = response_directives(headers, settings.targets)
    if "must-understand" in directives:
        # It takes the place of the no-store beside it, for those who understand it.
        if status not in UNDERSTOOD_STATUSES:
            return False
    elif "no-store" in directives:
        return False
    if "*" in vary_names(headers):
        return False
    if status == 206 and (content_span(headers) is None or is_encoded(headers)):
        return False
    if has_explicit_freshness(directives, headers, targeted=targeted):
        return True
    if "public" in directives or "private" in directives or status in HEURISTIC_STATUSES:
        # Without a time and without a validator nothing could ever be made of it.
        return headers.has_any(_VALIDATORS)
    return False


def may_store_post(request: Request, status: int, headers: Headers, settings: Cache) -> bool:
    """Whether the answer to a POST is what a GET would return (RFC 9110 section 9.3.3)."""
    if request.method != "POST" or status != 200:
        return False
    location = headers.get("content-location")
    if location is None or _resolved(request, location) != cache_key(request):
        return False
    directives, targeted = response_directives(headers, settings.targets)
    return has_explicit_freshness(directives, headers, targeted=targeted) and may_store(
        request, status, headers, settings
    )


def fits_in(headers: Headers, settings: Cache) -> bool:
    """Whether a body of the declared length is small enough to be stored."""
    length = headers.get("content-length")
    return length is None or not length.isdecimal() or int(length) <= settings.max_entry_bytes


def stored_response(
    request: Request,
    status: int,
    headers: Headers,
    body: bytes,
    settings: Cache,
    *,
    request_time: float,
    response_time: float,
    reason: str = "",
    http_version: str = "HTTP/1.1",
    trailers: Headers | None = None,
) -> StoredResponse:
    """Return the form in which a whole answer is stored; times on the wall clock."""
    directives, _ = response_directives(headers, settings.targets)
    kept = dated(storable_headers(headers), response_time)
    return StoredResponse(
        method="GET",
        url=cache_key(request),
        status=status,
        reason=reason,
        http_version=http_version,
        headers=kept,
        body=body,
        trailers=kept.without(*kept) if trailers is None else trailers,
        request_headers=selecting_pairs(request, kept, directives, f"{response_time}"),
        request_time=request_time,
        response_time=response_time,
        variant=variant_id(request, kept, directives),
    )


def _resolved(request: Request, reference: str) -> str | None:
    from antiphon.errors import InvalidURLError

    try:
        url = request.url.join(reference)
    except InvalidURLError:
        return None
    return f"{url.origin}{url.target}"
