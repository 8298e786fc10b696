# GENERATED from _async/steps/attempts.py by tools/unasync.py. Do not edit.
"""Makes attempts until one is good enough, and keeps their record."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError
from antiphon.models.attempt import attempt_of
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.retry import Retry, RetryDecision


class AttemptsStep:
    """One attempt, or as many as the call's `Retry` decides."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Handler) -> None:
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer of the last attempt, or raise its error."""
        retry = call.options.retry
        if retry is not None and retry.budget is not None:
            if retry.budget.shared is None:
                retry.budget.deposit(now())
            else:
                from antiphon._sync.shared_budget import deposit

                deposit(retry.budget, now(), call)
        call.attempt = 0
        while True:
            call.attempt += 1
            started = now() if call.attempts else call.started
            try:
                stream = self._inner(request, call)
            except Exception as error:
                decision = None
                if retry is not None:
                    decision = self._decide(retry, request, call, started, error=error)
                self._record(request, call, started, decision, error, None)
                if isinstance(error, AntiphonError):
                    error.attempts = call.attempts
                if decision is None or not decision.retry:
                    raise
            else:
                if retry is None or stream.status < retry.settled_below:
                    self._record(request, call, started, None, None, stream)
                    return stream
                try:
                    decision = self._decide(retry, request, call, started, stream=stream)
                    self._record(request, call, started, decision, None, stream)
                except BaseException as error:  # of a predicate, or of a filter of a log
                    stream.abandon(error)
                    raise
                if not decision.retry:
                    return stream
                # Dropped, so closed; the next attempt may want its connection.
                stream.close()
            from antiphon._sync.pause import pause

            pause(decision.delay, request, call.transport_options, call.attempts)

    @staticmethod
    def _decide(
        retry: Retry,
        request: Request,
        call: CallContext,
        started: float,
        *,
        error: Exception | None = None,
        stream: ResponseStream | None = None,
    ) -> RetryDecision:
        """Ask the brain, and keep what it says for the error that may come of it."""
        # Only failures come here, and `random` takes longer to load than a call to run.
        from random import random

        moment = now()
        decision = retry.decide(
            request,
            call.attempt,
            now_wall=time(),
            random=random,
            error=error,
            status=None if stream is None else stream.status,
            headers=None if stream is None else stream.headers,
            remaining=call.remaining(moment),
            keyed=call.is_keyed(request),
            previous_delay=call.attempts[-1].delay if call.attempt > 1 else None,
            elapsed=moment - started,
        )
        # Asked last: what would not be retried anyway costs no retry of the budget.
        if decision.retry and retry.budget is not None:
            if retry.budget.shared is None:
                granted = retry.budget.withdraw(moment)
            else:
                from antiphon._sync.shared_budget import withdraw

                granted = withdraw(retry.budget, moment, call)
            if not granted:
                decision = retry.out_of_budget()
        if decision.note is not None:
            call.add_note(decision.note)
        return decision

    @staticmethod
    def _record(
        request: Request,
        call: CallContext,
        started: float,
        decision: RetryDecision | None,
        error: Exception | None,
        stream: ResponseStream | None,
    ) -> None:
        """Add the attempt that has just ended to the record of the call."""
        timeline = None if stream is None else stream.timeline
        copies, winner = call.hedging
        attempt = attempt_of(
            len(call.attempts) + 1,
            request.method,
            request.url,
            None if stream is None else stream.status,
            error,
            started - call.started,
            now() - started,
            decision.delay if decision is not None and decision.retry else None,
            timeline is not None and timeline.resent,
            copies,
            winner,
        )
        call.record(attempt)
