# Source of _sync/steps/rate_limit.py; after editing run: tox -e codegen
"""Has attempts wait for their turn in a `RateLimit`."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon.network.anyio_parker import sleep
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.policies.waiting_errors import cancelled_while_waiting, expired_while_waiting

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.headers import Headers
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.rate_limit import RateLimit, Reservation


class AsyncRateLimitStep:
    """Waits until the attempt may go; one that gives up leaves its turn to others."""

    __slots__ = ("_inner", "_limit")

    def __init__(self, limit: RateLimit, inner: AsyncHandler) -> None:
        self._limit = limit
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, or raise ClientRateLimitError without sending anything."""
        limit = self._limit
        key = limit.key_of(request)
        await self._take_turn(key, request, call)
        if not limit.learn:
            return await self._inner(request, call)
        while not limit.depart(key, now()):
            # The peer has said meanwhile that its own limit is used up.
            await self._take_turn(key, request, call)
        headers: Headers | None = None
        try:
            stream = await self._inner(request, call)
            headers = stream.headers
        finally:
            self._learn(key, headers)
        return stream

    async def _take_turn(self, key: str, request: Request, call: CallContext) -> None:
        moment = now()
        reservation = await self._reserve(key, moment, request, call)
        if reservation.refusal is not None:
            raise self._limit.refusal(request, reservation)
        if reservation.delay > 0.0:
            try:
                await _wait(reservation, request, call)
            except BaseException:
                self._limit.give_back(key, reservation)
                raise

    async def _reserve(
        self,
        key: str,
        moment: float,
        request: Request,  # noqa: ARG002 - the step of a fleet has errors that name it
        call: CallContext,
    ) -> Reservation:
        return self._limit.reserve(key, moment, call.remaining(moment))

    def _learn(self, key: str, headers: Headers | None) -> None:
        self._limit.arrive(key, headers, now(), time())


async def _wait(reservation: Reservation, request: Request, call: CallContext) -> None:
    options = call.transport_options
    deadline = options.deadline
    outcome = await sleep(
        reservation.delay, None if deadline is None else deadline.at, options.cancel
    )
    if outcome is READY:
        return
    where = f"{reservation.delay:.2f} s for its turn in a rate limit"
    if outcome is CANCELLED:
        raise cancelled_while_waiting(request, call, where)
    raise expired_while_waiting(request, call, where)
