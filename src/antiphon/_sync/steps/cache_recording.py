# GENERATED from _async/steps/cache_recording.py by tools/unasync.py. Do not edit.
"""Records bodies that a cache may store; inside of the step that loads and decodes them."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon._sync.recording import Recording
from antiphon.policies.cache_storing import fits_in, may_store, may_store_post

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.cache import Cache
    from antiphon.policies.call_context import CallContext


class CacheRecordingStep:
    """What it records is stored by `CacheStep`, which sees the answer last."""

    __slots__ = ("_cache", "_inner")

    def __init__(self, cache: Cache, inner: Handler) -> None:
        self._cache = cache
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, its body being recorded if it may be stored."""
        sent = time()
        stream = self._inner(request, call)
        cache = self._cache
        judge = may_store_post if request.method == "POST" else may_store
        if (
            not stream.is_loaded
            and request.method in ("GET", "POST")
            and call.options.cache != "no-store"
            and judge(request, stream.status, stream.headers, cache)
            and fits_in(stream.headers, cache)
        ):
            recording = Recording(stream._source, cache.max_entry_bytes, sent, time())
            stream._source = stream.recording = recording
        return stream
