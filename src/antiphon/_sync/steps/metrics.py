# GENERATED from _async/steps/metrics.py by tools/unasync.py. Do not edit.
"""Has a recorder told of each attempt's beginning and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now
from antiphon.policies.outcomes import outcome_of_answer, outcome_of_error

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.metrics import Metrics


class MetricsStep:
    """What is inside is one request on the wire."""

    __slots__ = ("_inner", "_policy")

    def __init__(self, policy: Metrics, inner: Handler) -> None:
        self._policy = policy
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, once the recorder knows of it."""
        policy = self._policy
        number = len(call.attempts) + 1
        started = now()
        policy.begin(request)
        try:
            stream = self._inner(request, call)
        except BaseException as error:
            policy.end(request, outcome_of_error(error, request, call, number, started, now()))
            raise
        policy.end(request, outcome_of_answer(stream, call, number, started, now()))
        return stream
