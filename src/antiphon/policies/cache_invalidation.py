"""What an unsafe method makes the cache forget (RFC 9111 section 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from antiphon.errors import InvalidURLError
from antiphon.policies.cache_storing import cache_key

if TYPE_CHECKING:
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request

# RFC 9110 section 9.2.1, and the registered methods that are safe too; who is unknown is not.
SAFE_METHODS: Final = frozenset(
    {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH"}
)


def invalidated_keys(request: Request, status: int, headers: Headers) -> list[str]:
    """Return the keys of what `request` changed, if it had success.

    They are its URL, and those of Location and Content-Location if they are of the same origin.
    """
    if request.method in SAFE_METHODS or not 200 <= status <= 399:
        return []
    keys = [cache_key(request)]
    for name in ("location", "content-location"):
        reference = headers.get(name)
        if reference is None:
            continue
        try:
            url = request.url.join(reference)
        except InvalidURLError:
            continue
        if url.origin == request.url.origin:
            keys.append(f"{url.origin}{url.target}")
    return list(dict.fromkeys(keys))
