# Source of _sync/steps/logging.py; after editing run: tox -e codegen
"""Has the end of each call, and each decision to try again, written to the log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from antiphon.network.clock import now
from antiphon.policies.outcomes import outcome_of_answer, outcome_of_error

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.attempt import Attempt
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.logging import Logging


class AsyncLoggingStep:
    """Stands outside of what changes an outcome, so that the log tells what the caller got."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Logging, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, once it is in the log."""
        if not call.options.log:
            return await self._inner(request, call)
        policy = self._policy

        def watch(attempt: Attempt) -> None:
            policy.log_retry(call, attempt)

        call.watchers = (*call.watchers, watch)
        try:
            stream = await self._inner(request, call)
        except BaseException as error:
            number = len(call.attempts)
            outcome = outcome_of_error(error, request, call, number, call.started, now())
            # A cancellation passes, whatever filters and loggers raise.
            with suppress(*() if isinstance(error, Exception) else (Exception,)):
                policy.log_call(call, outcome)
            raise
        try:
            number = len(call.attempts)
            policy.log_call(call, outcome_of_answer(stream, call, number, call.started, now()))
        except BaseException as error:  # a filter or a logger of somebody's
            await stream.abandon(error)
            raise
        return stream
