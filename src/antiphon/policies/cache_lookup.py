"""What to do with a request: answer it from the store, confirm what is there, or pass it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from antiphon.policies.cache_answers import made_answer
from antiphon.policies.cache_control import NO_DIRECTIVES, parse_cache_control
from antiphon.policies.cache_freshness import Freshness, date_of, freshness
from antiphon.policies.cache_ranges import missing_span
from antiphon.policies.cache_variants import fits
from antiphon.policies.entity_tags import strong_validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_control import CacheControl
    from antiphon.policies.call_options import CacheMode

Action = Literal["answer", "answer_and_revalidate", "validate", "complete", "fetch", "refuse"]

# The caller's own conditions: the first two a cache may answer (RFC 9111 section 4.3.2), the
# others are for the origin alone.
_FOR_THE_ORIGIN: Final = ("if-match", "if-unmodified-since")
OWN_CONDITIONS: Final = ("if-none-match", "if-modified-since", "if-range", *_FOR_THE_ORIGIN)

# What Fetch sends along in a mode, unless the request says something of its own.
_MODE_FIELDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "no-cache": (("Cache-Control", "max-age=0"),),
    "no-store": (("Pragma", "no-cache"), ("Cache-Control", "no-cache")),
    "reload": (("Pragma", "no-cache"), ("Cache-Control", "no-cache")),
}


class Lookup(NamedTuple):
    """What to do, and with what.

    - "answer": return `answer`, made of `stored`; "answer_and_revalidate": and see to it that the
      store gets a newer one
    - "validate", "complete": send `request`, which asks for confirmation or for the rest
    - "fetch": send `request`; `stored` is what may stand in for a server that fails
    - "refuse": 504, since nothing is stored and nothing may be sent
    """

    action: Action
    request: Request
    stored: StoredResponse | None = None
    freshness: Freshness | None = None
    answer: StoredResponse | None = None


def is_for_cache(request: Request, mode: CacheMode) -> bool:
    """Whether the store is asked and fed at all for this request."""
    if mode == "no-store" or request.method not in ("GET", "HEAD") or request.body is not None:
        return False
    if request.headers.has_any(_FOR_THE_ORIGIN):
        return False
    return "no-store" not in request_directives(request)


def is_only_if_cached(request: Request, mode: CacheMode) -> bool:
    """Whether the caller wants nothing to be sent."""
    return mode == "only-if-cached" or "only-if-cached" in request_directives(request)


def request_directives(request: Request) -> CacheControl:
    """Return the directives of a request; `Pragma: no-cache` counts where there are none."""
    headers = request.headers
    lines = headers.get_list("cache-control")
    if not lines and "no-cache" in headers.get("pragma", "").lower():
        lines = ["no-cache"]
    return parse_cache_control(lines) if lines else NO_DIRECTIVES


def with_mode_fields(request: Request, mode: CacheMode) -> Request:
    """Return the request that tells caches on the way the same as `mode` tells ours."""
    fields = _MODE_FIELDS.get(mode)
    if fields is None or request.headers.has_any(("cache-control", "pragma")):
        return request
    headers = request.headers
    for name, value in fields:
        headers = headers.with_added(name, value)
    return request.with_(headers=headers)


def look_up(
    request: Request,
    mode: CacheMode,
    variants: Iterable[StoredResponse],
    settings: Cache,
    now_wall: float,
    *,
    may_complete: bool = True,
    public_only: bool = False,
) -> Lookup:
    """Decide what to do with a request that `is_for_cache`; `variants` is what its key has.

    `public_only` if it is not known whose request it is.
    """
    directives = request_directives(request)
    sent = with_mode_fields(request, mode)
    if mode == "reload":
        return Lookup("fetch", sent)
    found = _selected(request, variants, settings, now_wall)
    if public_only:
        found = [pair for pair in found if "public" in pair[1].directives]
    for stored, state in found:
        answer = made_answer(stored, request, state, now_wall)
        if answer is None:
            continue
        verdict = _verdict(mode, directives, state)
        if verdict != "validate":
            return Lookup(verdict, request, stored, state, answer)
        if "only-if-cached" in directives:
            break
        if request.method == "HEAD" or request.headers.has_any(OWN_CONDITIONS):
            return Lookup("fetch", sent, stored, state)
        conditional = conditional_request(sent, stored)
        action: Action = "fetch" if conditional is sent else "validate"
        return Lookup(action, conditional, stored, state)
    if is_only_if_cached(request, mode):
        return Lookup("refuse", request)
    if may_complete:
        for stored, state in found:
            rest = rest_request(sent, stored)
            if rest is not None:
                return Lookup("complete", rest, stored, state)
    return Lookup("fetch", sent)


def _selected(
    request: Request, variants: Iterable[StoredResponse], settings: Cache, now_wall: float
) -> list[tuple[StoredResponse, Freshness]]:
    """Return what fits the request, the most recent first (RFC 9111 section 4)."""
    known = [(stored, freshness(stored, settings, now_wall)) for stored in variants]
    fitting = [pair for pair in known if fits(pair[0], request, pair[1].directives)]
    fitting.sort(key=lambda pair: (date_of(pair[0]), pair[0].response_time), reverse=True)
    return fitting


def _verdict(
    mode: CacheMode, request: CacheControl, state: Freshness
) -> Literal["answer", "answer_and_revalidate", "validate"]:
    """Whether what is stored may be used as it is (sections 4.2.4 and 5.2.1)."""
    if mode in ("force-cache", "only-if-cached"):
        return "answer"
    # An immutable answer that is fresh needs no confirmation at a reload (RFC 8246 section 2).
    immutable = "immutable" in state.directives and state.is_fresh
    if mode == "no-cache" and not immutable:
        return "validate"
    if "no-cache" in request or state.needs_validation:
        return "validate"
    max_age = request.seconds("max-age")
    min_fresh = request.seconds("min-fresh")
    if min_fresh is not None and -state.staleness < min_fresh:
        return "validate"
    young = max_age is None or state.age <= max_age
    if state.is_fresh and young:
        return "answer"
    if state.forbids_stale:
        return "validate"
    if "max-stale" in request:
        # Without a value any staleness will do.
        max_stale = request.seconds("max-stale")
        if not request.has_value("max-stale") or state.staleness <= (max_stale or 0):
            return "answer" if young else "validate"
    window = state.directives.seconds("stale-while-revalidate") or 0
    if young and min_fresh is None and state.staleness < window:
        return "answer_and_revalidate"
    return "validate"


def conditional_request(request: Request, stored: StoredResponse) -> Request:
    """Return `request` with the validators of `stored`, itself if it has none (section 4.3.1)."""
    headers = request.headers
    for name, validator in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")):
        value = stored.headers.get(validator)
        if value is not None:
            headers = headers.with_(name, value)
    return request if headers is request.headers else request.with_(headers=headers)


def rest_request(request: Request, stored: StoredResponse) -> Request | None:
    """Return a request for what `stored` lacks to be whole; None if that cannot be asked for."""
    headers = request.headers
    if request.method != "GET" or headers.has_any(("range", *OWN_CONDITIONS)):
        return None
    span = missing_span(stored)
    if span is None:
        return None
    validator = strong_validator(stored.headers) or ""
    headers = headers.with_("Range", f"bytes={span.first}-").with_("If-Range", validator)
    return request.with_(headers=headers)


def may_stand_in(request: Request, state: Freshness, settings: Cache) -> bool:
    """Whether what is stored may answer in place of a server that fails (RFC 5861 section 4).

    As the request says, else as the server said with the answer, else as the settings do.
    """
    if state.forbids_stale:
        return False
    asked = request_directives(request)
    allowed: float | None = asked.seconds("stale-if-error")
    if allowed is None:
        allowed = state.directives.seconds("stale-if-error")
    if allowed is None:
        allowed = settings.stale_if_error
    return allowed > 0 and state.staleness <= allowed
