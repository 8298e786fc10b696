# GENERATED from _async/queueing.py by tools/unasync.py. Do not edit.
"""Waiting for one of the places that a `Bulkhead` or an `AdaptiveConcurrency` hands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon._sync.limiter import ParkedWaiter
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED
from antiphon.policies.waiting_errors import cancelled_while_waiting, expired_while_waiting
from antiphon.policies.waiting_line import Permit

if TYPE_CHECKING:
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.lines_by_key import Places


def take_place(places: Places, key: str, request: Request, call: CallContext) -> Permit:
    """Return a place, which is the caller's to give back.

    Raises BulkheadFullError, DeadlineExceeded and RequestCancelled.
    """
    permit = places.enter(key)
    if permit is not None:
        return permit
    timeout = places.queue_timeout
    deadline = call.transport_options.deadline
    until = None if timeout is None else now() + timeout
    ours = deadline is None or (until is not None and until < deadline.at)
    waiter = ParkedWaiter()
    line = places.join(key, waiter)
    if line is None:
        raise places.refusal(request, None)
    try:
        outcome = waiter.park(
            until if deadline is None or ours else deadline.at, call.transport_options.cancel
        )
    except BaseException:
        line.abandon(waiter)
        raise
    if not line.leave(waiter):
        return Permit(line)
    if outcome is CANCELLED:
        raise cancelled_while_waiting(request, call, "in the queue of a bulkhead")
    if timeout is None or not ours:
        raise expired_while_waiting(request, call, "in the queue of a bulkhead")
    raise places.refusal(request, timeout)
