# GENERATED from _async/steps/cache_shelf.py by tools/unasync.py. Do not edit.
"""The store of a cache as the steps use it: in a thread if it blocks, and free to fail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from antiphon.errors import DeadlineExceeded, RequestCancelled
from antiphon.models.stored_response import StoredResponse
from antiphon.network.outcome import CANCELLED, WaitEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from antiphon.models.request import Request
    from antiphon.policies.cache_store import CacheStore
    from antiphon.policies.call_context import CallContext

T = TypeVar("T")


class CacheShelf:
    """A store that is full, locked or gone is logged, and the call goes on without it.

    In an event loop, waiting for it ends at the call's deadline and when it is cancelled. Without
    one nothing can interrupt it: stores bring timeouts of their own.
    """

    __slots__ = ("_store",)

    def __init__(self, store: CacheStore) -> None:
        self._store = store

    def get(
        self, key: str, request: Request, call: CallContext
    ) -> list[StoredResponse] | None:
        """Return what is stored under `key`, None if the store failed.

        Raises DeadlineExceeded and RequestCancelled.
        """
        found = self._ask("get", partial(self._variants, key), request, call)
        return None if found is None else found[0]

    def _variants(self, key: str) -> list[StoredResponse]:
        variants = self._store.get(key)
        if type(variants) is not list or not all(
            isinstance(stored, StoredResponse) for stored in variants
        ):
            raise TypeError("it returned something else than a list of StoredResponse")
        # A damaged index finds the answers to other URLs.
        return [stored for stored in variants if stored.url == key]

    def put(
        self, key: str, stored: StoredResponse, request: Request, call: CallContext
    ) -> bool:
        """Store it and return whether that worked. Raises RequestCancelled."""
        return self._change("put", partial(self._store.put, key, stored), request, call)

    def delete(self, keys: Sequence[str], request: Request, call: CallContext) -> None:
        """Forget what is under these keys, as far as the store can. Raises RequestCancelled."""
        for key in keys:
            self._change("delete", partial(self._store.delete, key), request, call)

    def _change(
        self, what: str, function: Callable[[], None], request: Request, call: CallContext
    ) -> bool:
        try:
            return self._ask(what, function, request, call) is not None
        except DeadlineExceeded:
            # The answer is here already: it is not withheld because storing it takes long.
            return False

    def _ask(
        self, what: str, function: Callable[[], T], request: Request, call: CallContext
    ) -> tuple[T] | None:
        options = call.transport_options
        try:
            if not self._store.blocking:
                return (function(),)
            from antiphon.network.thread_blocking import run_blocking

            deadline = options.deadline
            until = None if deadline is None else deadline.at
            return (run_blocking(function, until, options.cancel),)
        except WaitEnded as ended:
            outcome = ended.outcome
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is only a cache
            log_failure(what, error)
            return None
        at = f"while waiting for the cache store ({what}) for {request.method} "
        if outcome is CANCELLED:
            reason = "" if options.cancel is None else options.cancel.reason
            because = f": {reason}" if reason else ""
            raise RequestCancelled(
                f"cancelled {at}{request.url.redacted}{because}", request=request
            )
        raise DeadlineExceeded(f"the deadline passed {at}{request.url.redacted}", request=request)


def log_failure(what: str, error: Exception) -> None:
    """Say in the log that something about the cache failed, unless the store has said so itself."""
    if getattr(error, "is_logged", False):
        return
    import logging

    logging.getLogger("antiphon.cache").warning(
        "cache: %s failed, the call goes on without it: %s: %s", what, type(error).__name__, error
    )
