# Source of _sync/steps/tracing.py; after editing run: tox -e codegen
"""Has a tracer told of the call, and of each attempt with what the wire does for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now
from antiphon.policies.outcomes import outcome_of_answer, outcome_of_error
from antiphon.policies.tracing import observed

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.tracing import Tracing


class AsyncCallTracingStep:
    """Around the whole call."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Tracing, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, once the tracer knows of it."""
        if not call.options.trace:
            return await self._inner(request, call)
        policy = self._policy
        traced = policy.begin_call(call, request)
        try:
            stream = await self._inner(request, call)
        except BaseException as error:
            number = len(call.attempts)
            outcome = outcome_of_error(error, request, call, number, call.started, now())
            policy.end_call(traced, outcome)
            raise
        number = len(call.attempts)
        policy.end_call(traced, outcome_of_answer(stream, call, number, call.started, now()))
        return stream


class AsyncAttemptTracingStep:
    """Around each attempt."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Tracing, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, once the tracer knows of it."""
        policy = self._policy
        attempt = policy.begin_attempt(call, request)
        if attempt is None:
            return await self._inner(request, call)
        number = attempt.number
        started = now()
        options = call.transport_options
        call.transport_options = observed(options, attempt)
        try:
            stream = await self._inner(attempt.request, call)
        except BaseException as error:
            outcome = outcome_of_error(error, attempt.request, call, number, started, now())
            policy.end_attempt(attempt, outcome)
            raise
        finally:
            call.transport_options = options
        policy.end_attempt(attempt, outcome_of_answer(stream, call, number, started, now()))
        return stream
