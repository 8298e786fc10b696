"""How a new answer, or news of an old one, changes what is stored (RFC 9111 section 3 and 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from antiphon.policies.cache_control import response_directives
from antiphon.policies.cache_freshness import freshness
from antiphon.policies.cache_ranges import combined
from antiphon.policies.cache_updates import dated, updated_headers
from antiphon.policies.cache_variants import MAX_VARIANTS, selecting_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache


def placed(
    new: StoredResponse, variants: Sequence[StoredResponse], settings: Cache, now_wall: float
) -> StoredResponse | None:
    """Return what to store now that `new` came: itself, or a part joined with the parts before.

    None if a part would take the place of the whole, which is still fresh.
    """
    if new.status != 206:
        return new
    for old in variants:
        if old.variant == new.variant:
            joined = combined(old, new)
            if joined is not None:
                return joined
            if old.status == 200 and freshness(old, settings, now_wall).is_fresh:
                return None
    return new


def has_room(new: StoredResponse, variants: Sequence[StoredResponse]) -> bool:
    """Whether the key may have one more variant; else all of them go first."""
    return len(variants) < MAX_VARIANTS or any(old.variant == new.variant for old in variants)


def freshened(
    stored: StoredResponse,
    request: Request,
    newer: Headers,
    settings: Cache,
    *,
    request_time: float,
    response_time: float,
) -> StoredResponse:
    """Return `stored` with the fields of a 304, or of the answer to a HEAD (section 3.2).

    It counts as received now. An Age that the newer answer does not have is gone with it.
    """
    headers = updated_headers(stored.headers.without("Age", "Date"), newer)
    headers = dated(headers, response_time)
    directives, _ = response_directives(headers, settings.targets)
    return attrs.evolve(
        stored,
        headers=headers,
        request_headers=selecting_pairs(request, headers, directives, f"{response_time}"),
        request_time=request_time,
        response_time=response_time,
    )
