"""`Cache`: a private HTTP cache in front of the network (RFC 9111)."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Final

from antiphon.errors import InvalidOptionError
from antiphon.models.header_checks import checked_name
from antiphon.policies.memory_store import MemoryStore

if TYPE_CHECKING:
    from antiphon.policies.cache_store import CacheStore

DEFAULT_MAX_ENTRY_BYTES: Final = 16 * 1024 * 1024
_WEEK: Final = 7 * 86_400.0
_LOST_AFTER: Final = 60.0
_STORE_METHODS: Final = ("get", "put", "delete")


class Cache:
    """Answers from a store what was answered before and is still good, as RFC 9111 has it.

    It is private: clients that act for one user may share it, of both voices and at once. `store`
    is a `CacheStore`, a `MemoryStore` of its own if None.

    - `targets`: fields that speak to us instead of Cache-Control, the first that is there counts
      (RFC 9213)
    - `heuristic_fraction`: the part of its age at Last-Modified for which an answer is taken for
      fresh where the server does not say, at most `max_heuristic` seconds; 0 for no guesses
    - `stale_if_error`: for how many seconds past its time an answer may stand in for a server that
      fails, where the server does not say (RFC 5861)
    - `max_entry_bytes`: the longest body that is stored, as sent

    Raises InvalidOptionError.
    """

    policy_kind: ClassVar[str] = "cache"

    __slots__ = (
        "__weakref__",
        "_heuristic_fraction",
        "_lock",
        "_max_entry_bytes",
        "_max_heuristic",
        "_revalidating",
        "_stale_if_error",
        "_store",
        "_targets",
    )

    def __init__(
        self,
        store: CacheStore | None = None,
        *,
        targets: Sequence[str] = (),
        heuristic_fraction: float = 0.1,
        max_heuristic: float = _WEEK,
        stale_if_error: float = 0.0,
        max_entry_bytes: int = DEFAULT_MAX_ENTRY_BYTES,
    ) -> None:
        if isinstance(store, type) or not all(
            callable(getattr(store, name, None))
            for name in (() if store is None else _STORE_METHODS)
        ):
            # Its type is shown alone: a URL may have a password.
            kind = (
                f"the class {store.__name__}" if isinstance(store, type) else type(store).__name__
            )
            raise InvalidOptionError(
                f"Cache(store=...): {kind} is refused; give a CacheStore, which has get, put and "
                "delete, or None"
            )
        if isinstance(targets, str) or not isinstance(targets, Sequence):
            raise InvalidOptionError(f"targets={targets!r}: give a list of field names")
        self._store: CacheStore = MemoryStore() if store is None else store
        self._targets = tuple([checked_name(name) for name in targets])
        self._heuristic_fraction = _number("heuristic_fraction", heuristic_fraction, most=1.0)
        self._max_heuristic = _number("max_heuristic", max_heuristic)
        self._stale_if_error = _number("stale_if_error", stale_if_error)
        if (
            not isinstance(max_entry_bytes, int)
            or isinstance(max_entry_bytes, bool)
            or max_entry_bytes < 0
        ):
            raise InvalidOptionError(
                f"max_entry_bytes={max_entry_bytes!r}: give a number of bytes from 0"
            )
        self._max_entry_bytes = max_entry_bytes
        self._lock = Lock()
        self._revalidating: dict[str, float] = {}
        _caches.add(self)

    @property
    def store(self) -> CacheStore:
        """Where the answers are."""
        return self._store

    @property
    def targets(self) -> tuple[str, ...]:
        """Fields that speak to us instead of Cache-Control."""
        return self._targets

    @property
    def heuristic_fraction(self) -> float:
        """The part of its age for which an answer without a time is taken for fresh."""
        return self._heuristic_fraction

    @property
    def max_heuristic(self) -> float:
        """The longest such guess, in seconds."""
        return self._max_heuristic

    @property
    def stale_if_error(self) -> float:
        """For how many seconds past its time an answer may stand in for a failing server."""
        return self._stale_if_error

    @property
    def max_entry_bytes(self) -> int:
        """The longest body that is stored, in bytes."""
        return self._max_entry_bytes

    def begin_revalidation(self, key: str, now: float) -> bool:
        """Whether the caller is the one who revalidates `key` behind a stale answer now.

        One that has not ended after a minute (`now` is in monotonic seconds) is taken for lost,
        with the event loop that it ran in.
        """
        with self._lock:
            begun = self._revalidating.get(key)
            if begun is not None and now < begun + _LOST_AFTER:
                return False
            self._revalidating[key] = now
            return True

    def end_revalidation(self, key: str) -> None:
        """Let the next stale answer be revalidated again."""
        with self._lock:
            self._revalidating.pop(key, None)

    def __repr__(self) -> str:
        shown = [repr(self._store)]
        for name, value, default in (
            ("targets", self._targets, ()),
            ("heuristic_fraction", self._heuristic_fraction, 0.1),
            ("max_heuristic", self._max_heuristic, _WEEK),
            ("stale_if_error", self._stale_if_error, 0.0),
            ("max_entry_bytes", self._max_entry_bytes, DEFAULT_MAX_ENTRY_BYTES),
        ):
            if value != default:
                shown.append(f"{name}={value!r}")
        return f"Cache({', '.join(shown)})"

    def _after_fork(self) -> None:  # pragma: no cover - a forked child
        # The thread that held the lock, and those that revalidate, are not in the child.
        self._lock = Lock()
        self._revalidating = {}


def _number(name: str, value: float, most: float | None = None) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not value >= 0 or (most is not None and value > most):
        up_to = "" if most is None else f" to {most:g}"
        raise InvalidOptionError(f"{name}={value!r}: give a number from 0{up_to}")
    return float(value)


_caches: weakref.WeakSet[Cache] = weakref.WeakSet()


def _remake_locks() -> None:  # pragma: no cover - a forked child
    for cache in list(_caches):
        cache._after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_remake_locks)
