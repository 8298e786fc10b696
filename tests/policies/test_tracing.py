"""`Tracing` and `Metrics` by themselves: what they take, and what a base class does."""

from __future__ import annotations

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.attempt import Attempt
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.metrics import Metrics, MetricsRecorder
from antiphon.policies.outcomes import Outcome
from antiphon.policies.pipeline_order import arrange
from antiphon.policies.tracing import HttpTracer, TracedAttempt, TracedCall, Tracing

REQUEST = Request("GET", URL("http://example.com/?token=secret"))


@pytest.mark.parametrize("guest", [None, object(), HttpTracer, MetricsRecorder])
def test_only_instances_of_the_base_classes(guest: object) -> None:
    """A class is no instance, and an object of another kind would be told nothing."""
    with pytest.raises(InvalidOptionError, match="give an instance of HttpTracer"):
        Tracing(guest)  # type: ignore[arg-type]
    with pytest.raises(InvalidOptionError, match="give an instance of MetricsRecorder"):
        Metrics(guest)  # type: ignore[arg-type]


def test_the_base_classes_do_nothing() -> None:
    """Each event may be left out."""
    call = CallContext(CallOptions(), DEFAULT, 0.0, REQUEST.url.origin)
    traced = TracedCall(call, REQUEST)
    attempt = TracedAttempt(traced, REQUEST, 1)
    outcome = Outcome(REQUEST, 1, 0.1, 200)
    tracer = HttpTracer()

    tracer.call_started(traced)
    tracer.call_ended(traced, outcome)
    tracer.attempt_ended(attempt, outcome)
    tracer.retry_scheduled(traced, Attempt(1, "GET", REQUEST.url, 503, delay=0.0))

    assert tracer is tracer.attempt_started(attempt)
    assert {} == tracer.attempt_headers(attempt)
    MetricsRecorder().request_started(REQUEST)
    MetricsRecorder().request_ended(REQUEST, outcome)


def test_reprs_show_no_secrets() -> None:
    """Values of the query are hidden."""
    call = CallContext(CallOptions(), DEFAULT, 0.0, REQUEST.url.origin)
    traced = TracedCall(call, REQUEST)

    assert f"<TracedCall {call.id}: GET http://example.com/?token=***>" == repr(traced)
    assert "<TracedAttempt 2: GET http://example.com/?token=***>" == repr(
        TracedAttempt(traced, REQUEST, 2)
    )


def test_where_they_stand() -> None:
    """The tracer outside of everything and around each request, the recorder around those only."""
    steps = arrange([Metrics(MetricsRecorder()), Tracing(HttpTracer())])

    assert [("operation", "tracing"), ("attempt", "tracing"), ("attempt", "metrics")] == [
        (step.stage, step.kind) for step in steps if step.policy is not None
    ]
