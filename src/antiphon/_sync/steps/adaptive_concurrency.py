# GENERATED from _async/steps/adaptive_concurrency.py by tools/unasync.py. Do not edit.
"""Lets as many attempts run at once as an `AdaptiveConcurrency` has found the peer to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.ending_source import hold_until_over
from antiphon._sync.queueing import take_place
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
    from antiphon.policies.call_context import CallContext


class AdaptiveConcurrencyStep:
    """Holds a place until the attempt is over, and tells how long its answer took."""

    __slots__ = ("_inner", "_limit")

    def __init__(self, limit: AdaptiveConcurrency, inner: Handler) -> None:
        self._limit = limit
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer. Raises BulkheadFullError without sending anything."""
        limit = self._limit
        key = limit.key_of(request)
        permit = take_place(limit, key, request, call)
        started = now()
        try:
            stream = self._inner(request, call)
        except BaseException as error:
            limit.ended(key, started, now(), error=error)
            permit.release()
            raise
        limit.ended(key, started, now(), status=stream.status)
        hold_until_over(permit, stream)
        return stream
