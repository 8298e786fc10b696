# GENERATED from _async/steps/circuit_breaker.py by tools/unasync.py. Do not edit.
"""Leaves peers alone that a `CircuitBreaker` has given up on for now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.circuit_breaker import CircuitBreaker


class CircuitBreakerStep:
    """Asks before each attempt and tells how it ended; a streamed one has ended with its head."""

    __slots__ = ("_breaker", "_inner")

    def __init__(self, breaker: CircuitBreaker, inner: Handler) -> None:
        self._breaker = breaker
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, or raise CircuitOpenError without sending anything."""
        breaker = self._breaker
        key = breaker.key_of(request)
        admission = breaker.admit(key, now())
        if not admission.allowed:
            raise breaker.refusal(request, admission)
        try:
            stream = self._inner(request, call)
        except BaseException as error:
            breaker.settle(key, admission, now(), error=error)
            raise
        try:
            breaker.settle(key, admission, now(), status=stream.status)
        except BaseException:  # out of the user's `is_failure`
            stream.close()
            raise
        return stream
