# Source of _sync/steps/cache.py; after editing run: tox -e codegen
"""Answers from the cache what it may, and feeds it (RFC 9111)."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon._async.steps.cache_keeping import AsyncCacheKeeper
from antiphon._async.steps.cache_shelf import AsyncCacheShelf
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    BulkheadFullError,
    CircuitOpenError,
    ClientRateLimitError,
    RequestCancelled,
    TransportError,
)
from antiphon.models.cache_info import CacheInfo
from antiphon.network.anyio_network import give_way
from antiphon.policies.cache_answers import made_answer, refusal
from antiphon.policies.cache_freshness import freshness
from antiphon.policies.cache_lookup import (
    is_for_cache,
    is_only_if_cached,
    look_up,
    may_stand_in,
    with_mode_fields,
)
from antiphon.policies.cache_storing import cache_key
from antiphon.policies.cache_variants import signs_unseen

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon.models.cache_info import CacheStatus
    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_lookup import Lookup
    from antiphon.policies.call_context import CallContext

BYPASS = CacheInfo("bypass")
MISS = CacheInfo("miss")
# RFC 5861 section 4: statuses that count as a failure of the server.
_FAILURES = frozenset({500, 502, 503, 504})


class AsyncCacheStep:
    """Once a hop, outside of retries: what is answered here is no attempt."""

    __slots__ = ("_cache", "_inner", "_keeper", "_shelf")

    def __init__(self, cache: Cache, inner: AsyncHandler) -> None:
        self._cache = cache
        self._inner = inner
        self._shelf = AsyncCacheShelf(cache.store)
        self._keeper = AsyncCacheKeeper(cache, self._shelf)

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer; its `cache` says where it is from."""
        mode = call.options.cache
        if not is_for_cache(request, mode):
            if is_only_if_cached(request, mode):
                return await self._hand_out(refusal(request, time()), MISS, request, call)
            stream = await self._inner(with_mode_fields(request, mode), call)
            stream.cache = BYPASS
            await self._keeper.note_other(request, stream, call)
            return stream
        key = cache_key(request)
        variants = await self._shelf.get(key, request, call)
        now_wall = time()
        found = look_up(
            request,
            mode,
            variants or (),
            self._cache,
            now_wall,
            may_complete=not call.stream,
            public_only=signs_unseen(request, call),
        )
        state, answer = found.freshness, found.answer
        if state is not None and answer is not None:
            status: CacheStatus = "hit" if state.is_fresh else "stale"
            if found.action == "answer_and_revalidate":
                self._revalidate_behind(request, found, call)
            info = CacheInfo(status, state.age, stored=True, new_cookies=())
            return await self._hand_out(answer, info, request, call)
        if found.action == "refuse":
            return await self._hand_out(refusal(request, now_wall), MISS, request, call)
        if variants is None:
            stream = await self._inner(found.request, call)
            stream.cache = BYPASS
            return stream
        return await self._ask_server(request, found, variants, call)

    async def _ask_server(
        self, request: Request, found: Lookup, variants: list[StoredResponse], call: CallContext
    ) -> AsyncResponseStream:
        """Send what `found` says and return what comes of it, for the caller and for the store."""
        started = time()
        try:
            stream = await self._inner(found.request, call)
        except (TransportError, CircuitOpenError, BulkheadFullError, ClientRateLimitError):
            answer = self._stand_in(request, found)
            if answer is None:
                raise
            return await self._hand_out(*answer, request, call)
        try:
            if stream.status in _FAILURES:
                answer = self._stand_in(request, found)
                if answer is not None:
                    await stream.aclose()
                    return await self._hand_out(*answer, request, call)
            confirmed = await self._keeper.learn(
                request, found, variants, stream, call, started=started
            )
            if confirmed is None:
                return stream
            # What is stored answers now, or the server is asked again, without conditions.
            await stream.aclose()
            if confirmed.answer is not None:
                return await self._hand_out(confirmed.answer, confirmed.info, request, call)
        except BaseException as error:
            await stream.abandon(error)
            raise
        found = found._replace(action="fetch", request=confirmed.request)
        return await self._ask_server(request, found, variants, call)

    def _stand_in(self, request: Request, found: Lookup) -> tuple[StoredResponse, CacheInfo] | None:
        """Return the stored answer that may be given in place of a server that fails."""
        if found.stored is None:
            return None
        now_wall = time()
        state = freshness(found.stored, self._cache, now_wall)
        if not may_stand_in(request, state, self._cache):
            return None
        answer = made_answer(found.stored, request, state, now_wall)
        if answer is None:
            return None
        return answer, CacheInfo("stale", state.age, stored=True, new_cookies=())

    async def _hand_out(
        self, answer: StoredResponse, info: CacheInfo, request: Request, call: CallContext
    ) -> AsyncResponseStream:
        """Return `answer` as one from the server would be: loaded, unless the caller streams.

        Raises RequestCancelled if the call was cancelled before.
        """
        cancel = call.transport_options.cancel
        if cancel is not None and cancel.cancelled:
            because = f": {cancel.reason}" if cancel.reason else ""
            raise RequestCancelled(
                f"cancelled before {request.method} {request.url.redacted} was answered "
                f"from the cache{because}",
                request=request,
            )
        # A loop of hits is no reason for other tasks to stand still.
        await give_way()
        stream = AsyncResponseStream.of_bytes(
            request,
            answer.status,
            answer.headers,
            answer.body,
            reason=answer.reason,
            trailers=answer.trailers,
        )
        stream.http_version = answer.http_version
        stream.cache = info
        if not call.stream:
            cap = call.options.max_response_bytes
            if cap is not None and stream.status >= 400 and call.options.raise_for_status:
                await stream.read_capped(cap)
            else:
                await stream.read(cap)
        return stream

    def _revalidate_behind(self, request: Request, found: Lookup, call: CallContext) -> None:
        """Have a newer answer fetched while the stale one is used, once at a time for each key."""
        from antiphon._async.steps.cache_revalidation import AsyncRevalidation

        AsyncRevalidation.begin(self._cache, self._ask_server, request, found, call)
