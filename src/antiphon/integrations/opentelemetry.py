"""Spans and metrics for OpenTelemetry (extra `otel`), by its conventions for HTTP clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import __version__
from antiphon.errors import AntiphonError, DecodeError, MissingExtraError, RemoteProtocolError
from antiphon.integrations.http_attributes import (
    INSTRUMENTATION,
    SCHEMA_URL,
    check_flag,
    check_guest,
    methods_to_name,
    outcome_attributes,
    request_attributes,
    request_body_size,
    response_body_size,
)
from antiphon.integrations.opentelemetry_events import WireEvents
from antiphon.integrations.opentelemetry_metrics import OpenTelemetryMetrics
from antiphon.policies.tracing import HttpTracer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.propagators.textmap import TextMapPropagator
    from opentelemetry.trace import Span, TracerProvider

    from antiphon.models.attempt import Attempt
    from antiphon.models.events import TransportObserver
    from antiphon.models.request import Request
    from antiphon.policies.outcomes import Outcome
    from antiphon.policies.tracing import TracedAttempt, TracedCall

# Their text quotes what the server sent.
_QUOTING = (RemoteProtocolError, DecodeError)

__all__ = ["OpenTelemetryMetrics", "OpenTelemetryTracer"]


class _Open:
    """A span that is current until it is ended, and the context in which it is."""

    __slots__ = ("context", "span", "token")

    def __init__(self, span: Span, parent: Context | None) -> None:
        from opentelemetry.context import attach
        from opentelemetry.trace import set_span_in_context

        self.span = span
        self.context = set_span_in_context(span, parent)
        self.token: Token[Context] = attach(self.context)

    def end(self, attributes: Mapping[str, str | int], outcome: Outcome) -> None:
        from opentelemetry.context import detach

        detach(self.token)
        span = self.span
        if span.is_recording():
            for name, value in attributes.items():
                span.set_attribute(name, value)
            self._set_status(outcome)
        span.end()

    def _set_status(self, outcome: Outcome) -> None:
        from opentelemetry.trace import Status, StatusCode

        if outcome.error_type is None:
            return
        description = None
        if outcome.error is not None and (outcome.status is None or outcome.status < 400):
            description = _description(outcome.error, outcome.error_type)
        self.span.set_status(Status(StatusCode.ERROR, description))


class OpenTelemetryTracer(HttpTracer):
    """Makes a span of each call (INTERNAL) and one of each request in it (CLIENT), for `Tracing`.

    Both are current while they last, so spans of your own become their children or parents. Each
    request carries the context of its own span (`traceparent`), unless it has those headers.

    - `tracer_provider`, `propagator`: the global ones unless given
    - `known_methods`: others are told as `_OTHER`; those of RFC 9110, PATCH and QUERY unless given
    - `events`: whether what happens on the wire becomes events of the request's span
    - `sizes`: whether the sizes of bodies and of whole messages become attributes

    Raises MissingExtraError without opentelemetry-api, InvalidOptionError for unfit settings.
    """

    __slots__ = ("_events", "_known", "_propagator", "_sizes", "_tracer")

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        *,
        propagator: TextMapPropagator | None = None,
        known_methods: Iterable[str] | None = None,
        events: bool = True,
        sizes: bool = False,
    ) -> None:
        try:
            from opentelemetry.trace import get_tracer
        except ImportError:
            raise MissingExtraError(
                "OpenTelemetryTracer needs the package opentelemetry-api; "
                'pip install "antiphon[otel]"'
            ) from None
        check_guest("tracer_provider", tracer_provider, "get_tracer")
        check_guest("propagator", propagator, "inject")
        check_flag("events", events)
        check_flag("sizes", sizes)
        self._tracer = get_tracer(INSTRUMENTATION, __version__, tracer_provider, SCHEMA_URL)
        self._propagator = propagator
        self._known = methods_to_name(known_methods)
        self._events = events
        self._sizes = sizes

    def call_started(self, call: TracedCall) -> None:
        from opentelemetry.trace import SpanKind

        request = call.request
        span = self._tracer.start_span(
            f"antiphon {self._name(request)}",
            kind=SpanKind.INTERNAL,
            attributes=request_attributes(request, self._known),
        )
        call.state = _Open(span, None)

    def call_ended(self, call: TracedCall, outcome: Outcome) -> None:
        opened = call.state
        if isinstance(opened, _Open):
            attributes = outcome_attributes(outcome)
            attributes["antiphon.attempts"] = outcome.number
            opened.end(_with_id(attributes, outcome), outcome)

    def attempt_started(self, attempt: TracedAttempt) -> TransportObserver | None:
        from opentelemetry.trace import SpanKind

        request = attempt.request
        attributes = request_attributes(request, self._known)
        if attempt.number > 1:
            attributes["http.request.resend_count"] = attempt.number - 1
        if attempt.copy:
            attributes["antiphon.copy"] = attempt.copy
        parent = self._parent(attempt)
        span = self._tracer.start_span(
            self._name(request), parent, kind=SpanKind.CLIENT, attributes=attributes
        )
        attempt.state = _Open(span, parent)
        return WireEvents(span, events=self._events, sizes=self._sizes)

    def attempt_headers(self, attempt: TracedAttempt) -> Mapping[str, str]:
        from opentelemetry.propagate import get_global_textmap

        opened = attempt.state
        headers: dict[str, str] = {}
        if isinstance(opened, _Open):
            inject = (self._propagator or get_global_textmap()).inject
            # Its setter is for any mapping of text; pyright does not see that a dict is one.
            inject(headers, context=opened.context)  # pyright: ignore[reportArgumentType]
        return headers

    def attempt_ended(self, attempt: TracedAttempt, outcome: Outcome) -> None:
        opened = attempt.state
        if not isinstance(opened, _Open):
            return
        attributes = outcome_attributes(outcome)
        if self._sizes:
            sent = request_body_size(attempt.request)
            received = response_body_size(attempt.request, outcome)
            if sent is not None:
                attributes["http.request.body.size"] = sent
            if received is not None:
                attributes["http.response.body.size"] = received
        opened.end(_with_id(attributes, outcome), outcome)

    def retry_scheduled(self, call: TracedCall, attempt: Attempt) -> None:
        opened = call.state
        if isinstance(opened, _Open):
            reason = attempt.status if attempt.error is None else type(attempt.error).__name__
            opened.span.add_event(
                "retry_scheduled",
                {
                    "antiphon.attempt": attempt.number,
                    "antiphon.reason": str(reason),
                    "antiphon.delay": attempt.delay or 0.0,
                },
            )

    def _name(self, request: Request) -> str:
        return request.method if request.method in self._known else "HTTP"

    @staticmethod
    def _parent(attempt: TracedAttempt) -> Context | None:
        """Return the context that is current, or the call's in a thread that does not know it."""
        from opentelemetry.trace import get_current_span

        if get_current_span().get_span_context().is_valid:
            return None
        opened = attempt.call.state
        return opened.context if isinstance(opened, _Open) else None


def _description(error: BaseException, error_type: str) -> str:
    """Return what may be shown of an error: nothing in it is from a response, or another's."""
    if not isinstance(error, AntiphonError):
        return error_type
    before, quote, _ = str(error).partition("'") if isinstance(error, _QUOTING) else (error, "", "")
    return f"{before}'...'" if quote else str(error)


def _with_id(attributes: dict[str, str | int], outcome: Outcome) -> dict[str, str | int]:
    if outcome.request_id is not None:
        attributes["antiphon.request_id"] = outcome.request_id
    return attributes
