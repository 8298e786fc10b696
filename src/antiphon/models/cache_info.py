"""`CacheInfo`: what the cache had to do with an answer."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

CacheStatus: TypeAlias = Literal["hit", "stale", "revalidated", "miss", "bypass"]


@attrs.frozen(slots=True)
class CacheInfo:
    """How an answer came about, for `response.cache` and `stream.cache`.

    - "hit": from the cache, fresh, nothing was sent. "stale": from the cache, past its time, as
      server or caller allowed
    - "revalidated": from the cache, after the server confirmed it or sent what was missing
    - "miss": from the server, since the cache had nothing that fits
    - "bypass": from the server, since the cache was not asked: `cache="no-store"`, a method or a
      request that no cache answers, a store that failed

    `age` is the age in seconds of what was taken from the cache (RFC 9111 section 4.2.3), None for
    the last two. `stored` says whether the cache holds this answer now; one that is streamed is
    stored at its end.
    """

    status: CacheStatus
    age: float | None = None
    stored: bool = False
    new_cookies: tuple[str, ...] | None = attrs.field(default=None, repr=False, eq=False)
    """The Set-Cookie lines that came from the server now; None: all that the answer has."""

    @property
    def is_from_cache(self) -> bool:
        """Whether the body, or most of it, was in the cache."""
        return self.status in ("hit", "stale", "revalidated")
