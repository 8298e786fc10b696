"""`MemoryStore`: stored answers in memory, bounded by bytes."""

from __future__ import annotations

import os
import weakref
from collections import OrderedDict
from threading import RLock
from typing import TYPE_CHECKING, Final

from antiphon.errors import InvalidOptionError

if TYPE_CHECKING:
    from antiphon.models.stored_response import StoredResponse

DEFAULT_MAX_BYTES: Final = 64 * 1024 * 1024


class MemoryStore:
    """Forgets what was unused for longest once it holds more than `max_bytes`.

    Threads, and clients of both voices, may share one; a forked child starts empty. Bytes are
    counted as `StoredResponse.size` does: bodies, header lines and a little for each entry.
    """

    __slots__ = ("__weakref__", "_entries", "_lock", "_max_bytes", "_size")

    blocking = False

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        if not isinstance(max_bytes, int) or isinstance(max_bytes, bool) or max_bytes < 1:
            raise InvalidOptionError(f"max_bytes={max_bytes!r}: give a number of bytes from 1")
        # Re-entrant: a finaliser in our thread may make a call too.
        self._lock = RLock()
        self._max_bytes = max_bytes
        self._size = 0
        self._entries: OrderedDict[str, dict[str, StoredResponse]] = OrderedDict()
        _stores.add(self)

    @property
    def max_bytes(self) -> int:
        """The most that is kept, in bytes."""
        return self._max_bytes

    @property
    def size(self) -> int:
        """How much is kept now, in bytes."""
        return self._size

    def get(self, key: str) -> list[StoredResponse]:
        """Return all variants under `key`; they count as used."""
        with self._lock:
            variants = self._entries.get(key)
            if variants is None:
                return []
            self._entries.move_to_end(key)
            return list(variants.values())

    def put(self, key: str, stored: StoredResponse) -> None:
        """Keep `stored` and forget others to make room; one larger than all room is not kept."""
        with self._lock:
            variants = self._entries.setdefault(key, {})
            self._entries.move_to_end(key)
            former = variants.pop(stored.variant, None)
            if former is not None:
                self._size -= former.size
            variants[stored.variant] = stored
            self._size += stored.size
            while self._size > self._max_bytes:
                self._forget_one()

    def delete(self, key: str) -> None:
        """Forget all variants under `key`."""
        with self._lock:
            variants = self._entries.pop(key, {})
            self._size -= sum(stored.size for stored in variants.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._size = 0

    def __len__(self) -> int:
        """How many answers are kept."""
        with self._lock:
            return sum(map(len, self._entries.values()))

    def __repr__(self) -> str:
        return f"MemoryStore(max_bytes={self._max_bytes})"

    def _forget_one(self) -> None:
        """Forget the oldest variant of the key that was unused for longest."""
        key, variants = next(iter(self._entries.items()))
        self._size -= variants.pop(next(iter(variants))).size
        if not variants:
            del self._entries[key]

    def _after_fork(self) -> None:  # pragma: no cover - a forked child
        # Another thread of the parent may have held the lock, and left the books half written.
        self._lock = RLock()
        self._entries = OrderedDict()
        self._size = 0


_stores: weakref.WeakSet[MemoryStore] = weakref.WeakSet()


def _remake_locks() -> None:  # pragma: no cover - a forked child
    for store in list(_stores):
        store._after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_remake_locks)
