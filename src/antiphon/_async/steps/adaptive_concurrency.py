# Source of _sync/steps/adaptive_concurrency.py; after editing run: tox -e codegen
"""Lets as many attempts run at once as an `AdaptiveConcurrency` has found the peer to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.ending_source import hold_until_over
from antiphon._async.queueing import take_place
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
    from antiphon.policies.call_context import CallContext


class AsyncAdaptiveConcurrencyStep:
    """Holds a place until the attempt is over, and tells how long its answer took."""

    __slots__ = ("_inner", "_limit")

    def __init__(self, limit: AdaptiveConcurrency, inner: AsyncHandler) -> None:
        self._limit = limit
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer. Raises BulkheadFullError without sending anything."""
        limit = self._limit
        key = limit.key_of(request)
        permit = await take_place(limit, key, request, call)
        started = now()
        try:
            stream = await self._inner(request, call)
        except BaseException as error:
            limit.ended(key, started, now(), error=error)
            permit.release()
            raise
        limit.ended(key, started, now(), status=stream.status)
        hold_until_over(permit, stream)
        return stream
