"""How old a stored answer is, and until when it is fresh (RFC 9111 section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from antiphon.policies.cache_control import delta_seconds, response_directives
from antiphon.policies.http_date import parse_http_date

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_control import CacheControl

# RFC 9110 section 15.1: fresh by a guess, where nothing says for how long.
HEURISTIC_STATUSES: Final = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})


class Freshness(NamedTuple):
    """What a cache needs to know of a stored answer at one moment; times in seconds."""

    age: float
    lifetime: float
    directives: CacheControl

    @property
    def is_fresh(self) -> bool:
        """Whether it may be used without a word to the server, as far as its age goes."""
        return self.lifetime > self.age

    @property
    def staleness(self) -> float:
        """For how long it has been stale; negative while it is fresh."""
        return self.age - self.lifetime

    @property
    def forbids_stale(self) -> bool:
        """Whether the server wants it not used stale, come what may (section 4.2.4)."""
        return "must-revalidate" in self.directives or self.needs_validation

    @property
    def needs_validation(self) -> bool:
        """Whether each use has to be confirmed by the server (section 5.2.2.4)."""
        directives = self.directives
        return "no-cache" in directives and not directives.fields("no-cache")


def freshness(stored: StoredResponse, settings: Cache, now_wall: float) -> Freshness:
    """Return age and lifetime of `stored` at `now_wall`, in wall clock seconds."""
    directives, targeted = response_directives(stored.headers, settings.targets)
    date = date_of(stored)
    lifetime = freshness_lifetime(stored, settings, directives, date=date, targeted=targeted)
    return Freshness(current_age(stored, date, now_wall), lifetime, directives)


def date_of(stored: StoredResponse) -> float:
    """Return when the server made the answer; when it came, if it has no good Date."""
    date = parse_http_date(_first(stored.headers, "date"), stored.response_time)
    return stored.response_time if date is None else date


def current_age(stored: StoredResponse, date: float, now_wall: float) -> float:
    """Return the age of section 4.2.3; a clock that was set back makes nothing younger."""
    # A Date has whole seconds, so what is left of the second it came in says nothing.
    apparent_age = max(0.0, stored.response_time // 1 - date)
    response_delay = max(0.0, stored.response_time - stored.request_time)
    corrected = max(apparent_age, age_value(stored.headers) + response_delay)
    return corrected + max(0.0, now_wall - stored.response_time)


def age_value(headers: Headers) -> float:
    """Return what Age says: the first of several, 0 for what is no number (section 5.1)."""
    first = _first(headers, "age") or ""
    return float(delta_seconds(first.partition(",")[0].strip(" \t")) or 0)


def freshness_lifetime(
    stored: StoredResponse,
    settings: Cache,
    directives: CacheControl,
    *,
    date: float,
    targeted: bool,
) -> float:
    """Return for how long `stored` is fresh from its making on (section 4.2.1).

    `max-age`, else Expires, else a guess from Last-Modified; `s-maxage` is for shared caches. A
    server that said something unreadable is taken to have said "stale".
    """
    max_age = directives.seconds("max-age")
    if max_age is not None:
        return float(max_age)
    if "max-age" in directives:
        return 0.0
    headers = stored.headers
    if not targeted and "expires" in headers:
        expires = parse_http_date(_first(headers, "expires"), stored.response_time)
        return 0.0 if expires is None else max(0.0, expires - date)
    if stored.status not in HEURISTIC_STATUSES and "public" not in directives:
        return 0.0
    modified = parse_http_date(_first(headers, "last-modified"), stored.response_time)
    if modified is None or modified > date:
        return 0.0
    return min((date - modified) * settings.heuristic_fraction, settings.max_heuristic)


def has_explicit_freshness(directives: CacheControl, headers: Headers, *, targeted: bool) -> bool:
    """Whether the server itself says for how long the answer is fresh."""
    return "max-age" in directives or (not targeted and "expires" in headers)


def _first(headers: Headers, name: str) -> str | None:
    lines = headers.get_list(name)
    return lines[0] if lines else None
