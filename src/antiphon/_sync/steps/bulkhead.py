# GENERATED from _async/steps/bulkhead.py by tools/unasync.py. Do not edit.
"""Lets as many attempts run at once as a `Bulkhead` allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.ending_source import hold_until_over
from antiphon._sync.queueing import take_place

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.bulkhead import Bulkhead
    from antiphon.policies.call_context import CallContext


class BulkheadStep:
    """Holds a place until the attempt is over: a streamed one when its stream is."""

    __slots__ = ("_bulkhead", "_inner")

    def __init__(self, bulkhead: Bulkhead, inner: Handler) -> None:
        self._bulkhead = bulkhead
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer. Raises BulkheadFullError without sending anything."""
        bulkhead = self._bulkhead
        permit = take_place(bulkhead, bulkhead.key_of(request), request, call)
        try:
            stream = self._inner(request, call)
        except BaseException:
            permit.release()
            raise
        hold_until_over(permit, stream)
        return stream
