# GENERATED from _async/steps/shared_circuit_breaker.py by tools/unasync.py. Do not edit.
"""Leaves peers alone that the `CircuitBreaker` of a whole fleet has given up on for now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from antiphon._sync.shared_decisions import ask, tell, tell_in_passing
from antiphon.network.clock import now

if TYPE_CHECKING:
    from antiphon._sync.pipeline import Handler
    from antiphon._sync.stream import ResponseStream
    from antiphon.models.request import Request
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.circuit import Admission
    from antiphon.policies.circuit_breaker import CircuitBreaker


class SharedCircuitBreakerStep:
    """Asks the fleet before each attempt and tells it how it ended, as the local step does here."""

    __slots__ = ("_breaker", "_inner")

    def __init__(self, breaker: CircuitBreaker, inner: Handler) -> None:
        self._breaker = breaker
        self._inner = inner

    def handle(self, request: Request, call: CallContext) -> ResponseStream:
        """Return the answer, or raise CircuitOpenError without sending anything."""
        breaker = self._breaker
        key = breaker.key_of(request)
        admission = ask(partial(breaker.admit_shared, key, now()), request, call)
        if not admission.allowed:
            raise breaker.refusal(request, admission)
        settled = False
        stream: ResponseStream | None = None
        try:
            try:
                stream = self._inner(request, call)
            except Exception as error:
                succeeded = breaker.verdict(None, error)
                settled = True
                tell(self._record(key, admission, succeeded), call)
                raise
            succeeded = breaker.verdict(stream.status, None)
            settled = True
            tell(self._record(key, admission, succeeded), call)
        except BaseException:
            if not settled:
                # Cancelled, or the user's `is_failure` raised: this says nothing about the peer.
                tell_in_passing(self._record(key, admission, None))
            if stream is not None:
                stream.close()
            raise
        return stream

    def _record(self, key: str, admission: Admission, succeeded: bool | None) -> partial[None]:
        return partial(self._breaker.record_shared, key, admission, succeeded, now())
