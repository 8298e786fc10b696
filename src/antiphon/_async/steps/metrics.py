# Source of _sync/steps/metrics.py; after editing run: tox -e codegen
"""Has a recorder told of each attempt's beginning and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now
from antiphon.policies.outcomes import outcome_of_answer, outcome_of_error

if TYPE_CHECKING:
    from antiphon._async.pipeline import AsyncHandler
    from antiphon._async.stream import AsyncResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.metrics import Metrics


class AsyncMetricsStep:
    """What is inside is one request on the wire."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Metrics, inner: AsyncHandler) -> None:
        self._policy = policy
        self._inner = inner

    async def handle(self, request: Request, call: CallContext) -> AsyncResponseStream:
        """Return the answer, once the recorder knows of it."""
        policy = self._policy
        number = len(call.attempts) + 1
        started = now()
        policy.begin(request)
        try:
            stream = await self._inner(request, call)
        except BaseException as error:
            policy.end(request, outcome_of_error(error, request, call, number, started, now()))
            raise
        policy.end(request, outcome_of_answer(stream, call, number, started, now()))
        return stream
