"""Answers for stores to keep, and what came back of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.models.headers import Headers
from antiphon.models.stored_response import StoredResponse

if TYPE_CHECKING:
    from antiphon.policies.cache_store import CacheStore


def stored(body: bytes = b"hello", variant: str = "") -> StoredResponse:
    return StoredResponse(
        method="GET",
        url="http://example.test/",
        status=200,
        headers=Headers({"Vary": "Accept"}),
        body=body,
        request_time=1.0,
        response_time=2.0,
        variant=variant,
    )


EMPTY_SIZE = stored(b"").size


def bodies(store: CacheStore, key: str) -> set[bytes]:
    return {found.body for found in store.get(key)}
