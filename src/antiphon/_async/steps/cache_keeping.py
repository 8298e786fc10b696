# Source of _sync/steps/cache_keeping.py; after editing run: tox -e codegen
"""What a cache learns from the answers of servers: it stores, freshens, joins and forgets."""

from __future__ import annotations

import weakref
from time import time
from typing import TYPE_CHECKING, NamedTuple

import attrs

from antiphon.models.cache_info import CacheInfo
from antiphon.policies.cache_answers import made_answer
from antiphon.policies.cache_control import response_directives
from antiphon.policies.cache_freshness import freshness
from antiphon.policies.cache_invalidation import invalidated_keys
from antiphon.policies.cache_lookup import with_mode_fields
from antiphon.policies.cache_ranges import combined, is_encoded
from antiphon.policies.cache_replacing import freshened, has_room, placed
from antiphon.policies.cache_storing import (
    cache_key,
    may_store,
    may_store_post,
    stored_response,
)
from antiphon.policies.cache_updates import is_confirmed_by_head, is_updated_by
from antiphon.policies.cache_variants import signs_unseen
from antiphon.policies.entity_tags import strong_validator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antiphon._async.recording import AsyncRecording
    from antiphon._async.steps.cache_shelf import AsyncCacheShelf
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.models.stored_response import StoredResponse
    from antiphon.policies.cache import Cache
    from antiphon.policies.cache_lookup import Lookup
    from antiphon.policies.call_context import CallContext


class Confirmed(NamedTuple):
    """What takes the place of an answer that was for the cache: the caller's, made from the store.

    Without one the server's was of no use, and `request` is to be sent instead.
    """

    request: Request
    answer: StoredResponse | None = None
    info: CacheInfo = CacheInfo("miss")


class AsyncCacheKeeper:
    """The half of the cache that writes."""

    __slots__ = ("_cache", "_shelf")

    def __init__(self, cache: Cache, shelf: AsyncCacheShelf) -> None:
        self._cache = cache
        self._shelf = shelf

    async def note_other(
        self, request: Request, stream: AsyncResponseStream, call: CallContext
    ) -> None:
        """Forget what an unsafe request changed, and store a POST that tells what a GET would."""
        keys = invalidated_keys(request, stream.status, stream.headers)
        if keys:
            await self._shelf.delete(keys, request, call)
        if (
            call.options.cache != "no-store"
            and request.method == "POST"
            and may_store_post(request, stream.status, stream.headers, self._cache)
        ):
            await self._keep(request, (), stream, call, started=time())

    async def learn(
        self,
        request: Request,
        found: Lookup,
        variants: Sequence[StoredResponse],
        stream: AsyncResponseStream,
        call: CallContext,
        *,
        started: float,
    ) -> Confirmed | None:
        """Store what the answer to `found.request` tells; None if it is the caller's as it is."""
        stream.cache = CacheInfo("miss")
        stored, status = found.stored, stream.status
        if found.action == "validate" and stored is not None and status == 304:
            if not is_updated_by(stored, stream.headers):
                # The server confirms something that we did not ask about.
                return Confirmed(with_mode_fields(request, call.options.cache))
            newer = await self._freshen(stored, request, stream, call, started=started)
            return self._confirmed(newer, request, stream, found)
        if found.action == "complete" and stored is not None and status in (206, 416):
            if status == 206 and stream.is_loaded:
                part = self._received(request, stream, started=started)
                whole = None if part is None else combined(stored, part)
                if whole is not None and whole.status == 200:
                    stored_now = await self.put(whole, variants, request, call)
                    return self._confirmed((whole, stored_now), request, stream, found)
            return Confirmed(with_mode_fields(request, call.options.cache))
        if request.method == "HEAD":
            await self._note_head(request, found, stream, call, started=started)
        elif status == 304:
            tag = strong_validator(stream.headers)
            if stored is not None and tag is not None and is_updated_by(stored, stream.headers):
                await self._freshen(stored, request, stream, call, started=started)
        elif may_store(request, status, stream.headers, self._cache):
            await self._keep(request, variants, stream, call, started=started)
        return None

    async def _freshen(
        self,
        stored: StoredResponse,
        request: Request,
        stream: AsyncResponseStream,
        call: CallContext,
        *,
        started: float,
    ) -> tuple[StoredResponse, bool]:
        newer = freshened(
            stored,
            request,
            stream.headers,
            self._cache,
            request_time=started,
            response_time=time(),
        )
        key = cache_key(request)
        if not self._is_known_whose(newer, request, call):
            await self._shelf.delete([key], request, call)
            return newer, False
        return newer, await self._shelf.put(key, newer, request, call)

    def _is_known_whose(self, new: StoredResponse, request: Request, call: CallContext) -> bool:
        """Whether it can be told whom `new` may be given to: to anyone, or to who has sent this."""
        if not signs_unseen(request, call):
            return True
        return "public" in response_directives(new.headers, self._cache.targets)[0]

    def _confirmed(
        self,
        newer: tuple[StoredResponse, bool],
        request: Request,
        stream: AsyncResponseStream,
        found: Lookup,
    ) -> Confirmed:
        stored, is_stored = newer
        now_wall = time()
        state = freshness(stored, self._cache, now_wall)
        answer = made_answer(stored, request, state, now_wall, confirmed=True)
        cookies = tuple(stream.headers.get_list("set-cookie"))
        info = CacheInfo("revalidated", state.age, stored=is_stored, new_cookies=cookies)
        return Confirmed(found.request, answer, info)

    async def _note_head(
        self,
        request: Request,
        found: Lookup,
        stream: AsyncResponseStream,
        call: CallContext,
        *,
        started: float,
    ) -> None:
        """Freshen what is stored by the answer to a HEAD, or forget it (section 4.3.5)."""
        stored = found.stored
        if stored is None or stream.status != 200:
            return
        if is_confirmed_by_head(stored, stream.headers):
            await self._freshen(stored, request, stream, call, started=started)
        else:
            await self._shelf.delete([cache_key(request)], request, call)

    async def _keep(
        self,
        request: Request,
        variants: Sequence[StoredResponse],
        stream: AsyncResponseStream,
        call: CallContext,
        *,
        started: float,
    ) -> None:
        """Store the answer now if it is loaded, and else once it was read to its end."""
        recording = stream.recording
        if stream.is_loaded or recording is None:
            new = self._received(request, stream, started=started)
            is_stored = new is not None and await self.put(new, variants, request, call)
            stream.cache = attrs.evolve(stream.cache or CacheInfo("miss"), stored=is_stored)
        else:
            recording.keeping = _Keeping(self, request, variants, stream, call)

    def _received(
        self, request: Request, stream: AsyncResponseStream, *, started: float
    ) -> StoredResponse | None:
        """Return a loaded answer as it is to be stored; None if its bytes are not all known."""
        recording = stream.recording
        if recording is not None:
            return self.recorded(request, stream, recording) if recording.is_whole else None
        # A policy inside of us made the answer: its bytes are known if they are in no coding.
        if not stream.is_loaded or stream.is_cut or is_encoded(stream.headers):
            return None
        if len(stream.content) > self._cache.max_entry_bytes:
            return None
        return stored_response(
            request,
            stream.status,
            stream.headers,
            stream.content,
            self._cache,
            request_time=started,
            response_time=time(),
            reason=stream.reason,
            http_version=stream.http_version,
            trailers=stream.trailers,
        )

    def recorded(
        self, request: Request, stream: AsyncResponseStream, recording: AsyncRecording
    ) -> StoredResponse:
        """Return what was recorded of an answer, as it is to be stored."""
        return stored_response(
            request,
            stream.status,
            stream.headers,
            recording.body,
            self._cache,
            request_time=recording.request_time,
            response_time=recording.response_time,
            reason=stream.reason,
            http_version=stream.http_version,
            trailers=recording.trailers,
        )

    async def put(
        self,
        new: StoredResponse,
        variants: Sequence[StoredResponse],
        request: Request,
        call: CallContext,
    ) -> bool:
        """Store `new` among the `variants` that there are; whether that worked."""
        whole = placed(new, variants, self._cache, time())
        if whole is None or not self._is_known_whose(whole, request, call):
            return False
        key = cache_key(request)
        if not has_room(whole, variants):
            await self._shelf.delete([key], request, call)
        return await self._shelf.put(key, whole, request, call)


class _Keeping:
    """Stores a streamed answer at its end."""

    __slots__ = ("_call", "_keeper", "_request", "_stream", "_variants")

    def __init__(
        self,
        keeper: AsyncCacheKeeper,
        request: Request,
        variants: Sequence[StoredResponse],
        stream: AsyncResponseStream,
        call: CallContext,
    ) -> None:
        self._keeper = keeper
        self._request = request
        self._variants = variants
        # Weakly: the stream has the recording that has us, and tells of its end when it is dropped.
        self._stream = weakref.ref(stream)
        self._call = call

    async def keep(self, recording: AsyncRecording) -> None:
        """Store what was recorded, and tell the stream."""
        stream = self._stream()
        if stream is None:
            return
        new = self._keeper.recorded(self._request, stream, recording)
        stored = await self._keeper.put(new, self._variants, self._request, self._call)
        stream.cache = attrs.evolve(stream.cache or CacheInfo("miss"), stored=stored)
