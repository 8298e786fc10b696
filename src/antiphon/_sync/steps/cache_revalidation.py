# GENERATED from _async/steps/cache_revalidation.py by tools/unasync.py. Do not edit.
"""A call that nobody waits for: it refreshes what was answered stale (RFC 5861 section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from antiphon.network.thread_background import start_background
from antiphon.network.clock import now
from antiphon.policies.cache_lookup import conditional_request
from antiphon.policies.cache_storing import cache_key
from antiphon.policies.call_context import CallContext

if TYPE_CHECKING:
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_lookup import Action, Lookup


class AskServer(Protocol):
    """What sends a request and stores what comes of it."""

    def __call__(
        self, request: Request, found: Lookup, variants: list[StoredResponse], call: CallContext
    ) -> ResponseStream:
        """Return the answer."""
        ...


class Revalidation:
    """One such call, with timeouts of its own; the token and the deadline of the caller's end
    with the caller's call.
    """

    __slots__ = ("_ask_server", "_cache", "_call", "_found", "_key", "_request")

    def __init__(
        self,
        cache: Cache,
        ask_server: AskServer,
        request: Request,
        found: Lookup,
        call: CallContext,
    ) -> None:
        self._cache = cache
        self._ask_server = ask_server
        self._key = cache_key(request)
        # The whole answer, whichever part of it or condition the caller had.
        self._request = request.with_(
            method="GET",
            headers=request.headers.without(
                "Range", "If-Range", "If-None-Match", "If-Modified-Since"
            ),
        )
        self._found = found
        options = attrs.evolve(call.options, cancel=None, cache="default")
        started = now()
        wire = options.transport_options(stream=False, now=started)
        self._call = CallContext(
            options, wire, started, call.origin, trusted=call.trusted, auth=call.auth
        )

    @classmethod
    def begin(
        cls,
        cache: Cache,
        ask_server: AskServer,
        request: Request,
        found: Lookup,
        call: CallContext,
    ) -> None:
        """Start it behind the caller's back, unless one for the same key is running."""
        key = cache_key(request)
        if not cache.begin_revalidation(key, now()):
            return
        try:
            start_background(cls(cache, ask_server, request, found, call).run)
        except RuntimeError as error:
            cache.end_revalidation(key)
            _log(error)

    def run(self) -> None:
        """Ask the server; what fails is left to the next stale answer."""
        found = self._found
        assert found.stored is not None
        conditional = conditional_request(self._request, found.stored)
        action: Action = "fetch" if conditional is self._request else "validate"
        try:
            stream = self._ask_server(
                self._request,
                found._replace(action=action, request=conditional, answer=None),
                [found.stored],
                self._call,
            )
            stream.close()
        except Exception as error:  # noqa: BLE001 - nobody is there to catch it
            _log(error)
        finally:
            self._cache.end_revalidation(self._key)


def _log(error: Exception) -> None:
    import logging

    logging.getLogger("antiphon.cache").warning(
        "cache: revalidation in the background failed: %s: %s", type(error).__name__, error
    )
