# Source of _sync/steps/hedge.py; after editing run: tox -e codegen
"""Sends copies of requests whose answer takes long, as a `Hedge` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.anyio_relay import relay
from antiphon.network.clock import now
from antiphon.policies.hedge import BUDGET_NOTE
from antiphon.policies.hedge_round import HedgeRound

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.cancel import CancelToken
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.hedge import Hedge
    from antiphon.policies.hedge_round import Finish


class AsyncHedgeStep:
    """One attempt, made by one request or by several of which the first answer counts."""

    __slots__ = ("_hedge", "_inner")

    def __init__(self, hedge: Hedge, inner: AsyncHandler) -> None:
        self._hedge = hedge
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the first answer, or raise the last error if there is none."""
        hedge = self._hedge
        call.hedging = (0, 0)
        keyed = call.is_keyed(request)
        if not hedge.covers(request, keyed=keyed):
            return await self._inner(request, call)
        started = now()
        retry = call.options.retry
        # A budget that the retries share has been told of this call by them.
        if call.attempt == 1 and (retry is None or retry.budget is not hedge.budget):
            hedge.deposit(started)
        delay = hedge.delay_for(request, streamed=call.stream)
        refusal = hedge.refusal(request)
        if delay is None or refusal is not None:
            return await self._alone(request, call, delay, refusal, keyed)
        copies = AsyncCopies(self._inner, hedge, request, call, keyed)
        race: HedgeRound[AsyncResponseStream] = HedgeRound(
            hedge.max_copies, copies.may_copy, copies.is_answer
        )
        finish = await relay(copies.send, race, delay, copies.drop, call.transport_options.cancel)
        call.adopt(copies.forks[finish.place])
        call.hedging = (race.started - 1, finish.place)
        took = copies.latency(finish)
        if took is not None:
            hedge.learn(request, took, streamed=call.stream)
        if copies.refused:
            _note_once(call, BUDGET_NOTE)
        if finish.error is None:
            stream = finish.value
            assert stream is not None
            return stream
        try:
            raise finish.error
        finally:
            del finish  # its error's traceback holds this frame

    async def _alone(
        self,
        request: Request,
        call: CallContext,
        delay: float | None,
        refusal: str | None,
        keyed: bool,
    ) -> AsyncResponseStream:
        """Without copies; says why if there would have been one."""
        started = now()
        try:
            stream = await self._inner(request, call)
        except Exception:
            _say_why_not(call, refusal, delay, now() - started)
            raise
        took = now() - started
        if self._hedge.is_answer(stream.status, keyed=keyed):
            self._hedge.learn(request, took, streamed=call.stream)
        _say_why_not(call, refusal, delay, took)
        return stream


def _say_why_not(call: CallContext, refusal: str | None, delay: float | None, took: float) -> None:
    """Note why there was no copy, if one would have been due."""
    if refusal is not None and delay is not None and took >= delay:
        _note_once(call, refusal)


def _note_once(call: CallContext, note: str) -> None:
    """Add a note, unless an attempt before has."""
    if note not in call.notes:
        call.add_note(note)


class AsyncCopies:
    """The copies of one request: each has a context and a token of its own."""

    __slots__ = (
        "_call",
        "_first_failed",
        "_first_took",
        "_hedge",
        "_inner",
        "_keyed",
        "_request",
        "_started",
        "forks",
        "refused",
    )

    def __init__(
        self, inner: AsyncHandler, hedge: Hedge, request: Request, call: CallContext, keyed: bool
    ) -> None:
        self._inner = inner
        self._hedge = hedge
        self._request = request
        self._call = call
        self._keyed = keyed
        self._started = now()
        self.forks: dict[int, CallContext] = {}
        # How long the first request took to be answered; None if it was not.
        self._first_took: float | None = None
        self._first_failed = False
        # Whether a copy was due that the budget did not allow.
        self.refused = False

    async def send(self, place: int, token: CancelToken) -> AsyncResponseStream:
        """Send number `place`; 0 is the first."""
        fork = self.forks[place] = self._call.fork(place, token)
        try:
            stream = await self._inner(self._request, fork)
        except BaseException:
            if place == 0 and not token.cancelled:
                self._first_failed = True
            raise
        if place == 0:
            if self.is_answer(stream):
                self._first_took = now() - self._started
            else:
                self._first_failed = True
        return stream

    def latency(self, finish: Finish[AsyncResponseStream]) -> float | None:
        """Return how long the first request took, at least; None if it failed, or all did."""
        if self._first_took is not None:
            return self._first_took
        if finish.error is not None or self._first_failed:
            return None
        return now() - self._started

    def may_copy(self) -> bool:
        """Tell whether one more may be sent."""
        self.refused = not self._hedge.may_copy(now())
        return not self.refused

    def is_answer(self, stream: AsyncResponseStream) -> bool:
        """Tell whether an answer ends the round."""
        return self._hedge.is_answer(stream.status, keyed=self._keyed)

    @staticmethod
    async def drop(stream: AsyncResponseStream) -> None:
        """Close an answer that came too late, or was a failure."""
        await stream.aclose()
