# Source of _sync/steps/cache_recording.py; after editing run: tox -e codegen
"""Records bodies that a cache may store; inside of the step that loads and decodes them."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon._async.recording import AsyncRecording
from antiphon.policies.cache_storing import fits_in, may_store, may_store_post

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.cache import Cache
    from antiphon.policies.call_context import CallContext


class AsyncCacheRecordingStep:
    """What it records is stored by `AsyncCacheStep`, which sees the answer last."""

    __slots__ = ("_cache", "_inner")

    def __init__(self, cache: Cache, inner: AsyncHandler) -> None:
        self._cache = cache
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, its body being recorded if it may be stored."""
        sent = time()
        stream = await self._inner(request, call)
        cache = self._cache
        judge = may_store_post if request.method == "POST" else may_store
        if (
            not stream.is_loaded
            and request.method in ("GET", "POST")
            and call.options.cache != "no-store"
            and judge(request, stream.status, stream.headers, cache)
            and fits_in(stream.headers, cache)
        ):
            recording = AsyncRecording(stream._source, cache.max_entry_bytes, sent, time())
            stream._source = stream.recording = recording
        return stream
