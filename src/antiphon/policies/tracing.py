"""`Tracing`: has a tracer told of calls, attempts, retries and what happens on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from antiphon.errors import InvalidOptionError
from antiphon.models.events import TransportObserver, combine_observers, log_failure
from antiphon.policies.setting_checks import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from antiphon.models.attempt import Attempt
    from antiphon.models.request import Request
    from antiphon.models.transport_options import TransportOptions
    from antiphon.policies.call_context import CallContext
    from antiphon.policies.outcomes import Outcome


class TracedCall:
    """One call as a tracer sees it: its `id`, unique in the process, and its first `request`.

    `state` is the tracer's, to keep what it needs again.
    """

    __slots__ = ("id", "request", "state")

    def __init__(self, call: CallContext, request: Request) -> None:
        self.id = call.id
        self.request = request
        self.state: object = None

    def __repr__(self) -> str:
        return f"<TracedCall {self.id}: {self.request.method} {self.request.url.redacted}>"


class TracedAttempt:
    """One request of a `call`, of the `number`-th attempt from 1, over all its hops.

    `copy` is 0, or the number of the copy that a `Hedge` sends beside the first request. `request`
    is as it goes to the transport, `observer` is told what the wire does, and `state` is the
    tracer's.
    """

    __slots__ = ("call", "copy", "number", "observer", "request", "state")

    def __init__(self, call: TracedCall, request: Request, number: int, copy: int = 0) -> None:
        self.call = call
        self.copy = copy
        self.request = request
        self.number = number
        self.observer: TransportObserver | None = None
        self.state: object = None

    def __repr__(self) -> str:
        request = self.request
        return f"<TracedAttempt {self.number}: {request.method} {request.url.redacted}>"


class HttpTracer(TransportObserver):
    """Told what happens in a call, from its start to its end; override what you want to know.

    The events of the wire are those of a `TransportObserver`. They come to the object that
    `attempt_started` returns, which is the tracer itself unless you return another: an observer of
    each attempt knows which attempt it is told of.

    One tracer serves all calls at once, of both voices. Methods run in the thread or task of the
    call and must not block. One that raises is logged under "antiphon" and otherwise ignored.
    """

    __slots__ = ()

    def call_started(self, call: TracedCall) -> None:
        """A call begins."""

    def call_ended(self, call: TracedCall, outcome: Outcome) -> None:
        """It is over, as its caller sees it; a streamed body may be still on its way."""

    def attempt_started(self, attempt: TracedAttempt) -> TransportObserver | None:  # noqa: ARG002
        """A request is about to be sent; return who is told what the wire does, None for nobody."""
        return self

    def attempt_headers(self, attempt: TracedAttempt) -> Mapping[str, str]:  # noqa: ARG002
        """Return headers to send with it, such as `traceparent`; the request's own win."""
        return {}

    def attempt_ended(self, attempt: TracedAttempt, outcome: Outcome) -> None:
        """It has its answer, whatever the status, or failed."""

    def retry_scheduled(self, call: TracedCall, attempt: Attempt) -> None:
        """After `attempt` another one is going to be made, in `attempt.delay` seconds."""


@attrs.frozen(eq=False)
class Tracing:
    """Tells `tracer` of every call, unless it is made with `trace=False`."""

    policy_kind: ClassVar[str] = "tracing"

    tracer: HttpTracer

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.tracer, HttpTracer):
            raise InvalidOptionError(
                f"Tracing(tracer={shown(self.tracer)}): give an instance of HttpTracer "
                "(or a subclass)"
            )

    def begin_call(self, call: CallContext, request: Request) -> TracedCall:
        """Tell that a call begins, and have its retries told."""
        traced = TracedCall(call, request)
        call.data[self] = traced

        def watch(attempt: Attempt) -> None:
            if attempt.delay is not None:
                self._tell("retry_scheduled", traced, attempt)

        call.watchers = (*call.watchers, watch)
        self._tell("call_started", traced)
        return traced

    def end_call(self, traced: TracedCall, outcome: Outcome) -> None:
        """Tell that the call is over."""
        self._tell("call_ended", traced, outcome)

    def begin_attempt(self, call: CallContext, request: Request) -> TracedAttempt | None:
        """Tell that a request is about to be sent; None for a call that is not traced."""
        traced = call.data.get(self)
        if not isinstance(traced, TracedCall):
            return None
        attempt = TracedAttempt(traced, request, len(call.attempts) + 1, call.copy)
        attempt.observer = self._tell("attempt_started", attempt)
        try:
            for name, value in self.tracer.attempt_headers(attempt).items():
                if name not in request.headers:
                    attempt.request = attempt.request.with_header(name, value)
        except Exception as error:  # noqa: BLE001 - a guest must not break the call
            log_failure(self.tracer, "attempt_headers", error)
        return attempt

    def end_attempt(self, attempt: TracedAttempt, outcome: Outcome) -> None:
        """Tell how it ended."""
        self._tell("attempt_ended", attempt, outcome)

    def _tell(self, event: str, *facts: object) -> Any:
        try:
            return getattr(self.tracer, event)(*facts)
        except Exception as error:  # noqa: BLE001 - a guest must not break the call
            log_failure(self.tracer, event, error)
            return None


def observed(options: TransportOptions, attempt: TracedAttempt) -> TransportOptions:
    """Return `options` with the observer of `attempt` told, beside who is told already."""
    if attempt.observer is None:
        return options
    observer = combine_observers(options.observer, attempt.observer)
    return attrs.evolve(options, observer=observer)
