# GENERATED from _async/steps/rate_limit.py by tools/unasync.py. Do not edit.
"""Has attempts wait for their turn in a `RateLimit`."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon.network.thread_parker import sleep
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.policies.waiting_errors import cancelled_while_waiting, expired_while_waiting

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.rate_limit import RateLimit, Reservation


class RateLimitStep:
    """Waits until the attempt may go; one that gives up leaves its turn to others."""

    __slots__ = ("_inner", "_limit")

    def __init__(self, limit: RateLimit, inner: Handler) -> None:
        self._limit = limit
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, or raise ClientRateLimitError without sending anything."""
        limit = self._limit
        key = limit.key_of(request)
        self._take_turn(key, request, call)
        if not limit.learn:
            return self._inner(request, call)
        while not limit.depart(key, now()):
            # The peer has said meanwhile that its own limit is used up.
            self._take_turn(key, request, call)
        headers: Headers | None = None
        try:
            stream = self._inner(request, call)
            headers = stream.headers
        finally:
            self._learn(key, headers)
        return stream

    def _take_turn(self, key: str, request: Request, call: CallContext) -> None:
        moment = now()
        reservation = self._reserve(key, moment, request, call)
        if reservation.refusal is not None:
            raise self._limit.refusal(request, reservation)
        if reservation.delay > 0.0:
            try:
                _wait(reservation, request, call)
            except BaseException:
                self._limit.give_back(key, reservation)
                raise

    def _reserve(
        self,
        key: str,
        moment: float,
        request: Request,  # noqa: ARG002 - the step of a fleet has errors that name it
        call: CallContext,
    ) -> Reservation:
        return self._limit.reserve(key, moment, call.remaining(moment))

    def _learn(self, key: str, headers: Headers | None) -> None:
        self._limit.arrive(key, headers, now(), time())


def _wait(reservation: Reservation, request: Request, call: CallContext) -> None:
    options = call.transport_options
    deadline = options.deadline
    outcome = sleep(
        reservation.delay, None if deadline is None else deadline.at, options.cancel
    )
    if outcome is READY:
        return
    where = f"{reservation.delay:.2f} s for its turn in a rate limit"
    if outcome is CANCELLED:
        raise cancelled_while_waiting(request, call, where)
    raise expired_while_waiting(request, call, where)
