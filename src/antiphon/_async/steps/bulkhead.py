# Source of _sync/steps/bulkhead.py; after editing run: tox -e codegen
"""Lets as many attempts run at once as a `Bulkhead` allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._async.ending_source import hold_until_over
from antiphon._async.queueing import take_place

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.bulkhead import Bulkhead
    from antiphon.policies.call_context import CallContext


class AsyncBulkheadStep:
    """Holds a place until the attempt is over: a streamed one when its stream is."""

    __slots__ = ("_bulkhead", "_inner")

    def __init__(self, bulkhead: Bulkhead, inner: AsyncHandler) -> None:
        self._bulkhead = bulkhead
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer. Raises BulkheadFullError without sending anything."""
        bulkhead = self._bulkhead
        permit = await take_place(bulkhead, bulkhead.key_of(request), request, call)
        try:
            stream = await self._inner(request, call)
        except BaseException:
            permit.release()
            raise
        hold_until_over(permit, stream)
        return stream
