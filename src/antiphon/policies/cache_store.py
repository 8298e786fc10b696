"""`CacheStore`: where a `Cache` keeps what it has; the same for both voices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from antiphon.models.stored_response import StoredResponse


class CacheStore(Protocol):
    """Keeps stored answers by key, several variants of each; may forget any of them at any time.

    The methods are synchronous and called from many threads. A store that does I/O says so in
    `blocking`: the async voice then calls it in a thread. What a method raises is logged and the
    call goes on without the cache, so there is nothing to catch; entries that cannot be read
    (`StoredResponse.from_bytes` raises ValueError) are to be left out, and may be deleted.
    A store may have a `close()`; its owner is who made it, a client does not call it.
    """

    @property
    def blocking(self) -> bool:
        """Whether the methods do I/O; False where they only look into memory."""
        ...

    def get(self, key: str) -> list[StoredResponse]:
        """Return all variants under `key`, in any order; an empty list if there are none."""
        ...

    def put(self, key: str, stored: StoredResponse) -> None:
        """Keep `stored` in place of the one under `key` that has the same `variant`, if any."""
        ...

    def delete(self, key: str) -> None:
        """Forget all variants under `key`; none is no error."""
        ...
