"""The extra `otel`: what happens without its package, and what the pure part says."""

from __future__ import annotations

import sys
import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from antiphon.errors import InvalidOptionError, MissingExtraError
from antiphon.integrations.http_attributes import methods_to_name, request_body_size
from antiphon.integrations.opentelemetry import OpenTelemetryMetrics, OpenTelemetryTracer
from antiphon.integrations.opentelemetry_events import WireEvents
from antiphon.models.attempt import Attempt
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT
from antiphon.models.url import URL
from antiphon.policies.call_context import CallContext
from antiphon.policies.call_options import CallOptions
from antiphon.policies.outcomes import Outcome
from antiphon.policies.tracing import TracedAttempt, TracedCall

VARIABLE = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"
REQUEST = Request("GET", URL("http://example.com/"))


@pytest.mark.parametrize("make", [OpenTelemetryTracer, OpenTelemetryMetrics])
def test_without_the_package(make: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command that installs it."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)

    with pytest.raises(MissingExtraError, match=rf"{make.__name__}.*antiphon\[otel\]"):
        make()


def test_the_methods_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those given, else those of the environment, else those of the conventions."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert {"GET", "PATCH", "QUERY"} < methods_to_name(None)
    assert {"PURGE"} == methods_to_name(["PURGE"])
    monkeypatch.setenv(VARIABLE, "GET, PURGE,")
    assert {"GET", "PURGE"} == methods_to_name(None)
    assert {"ACL"} == methods_to_name(["ACL"])
    with pytest.raises(InvalidOptionError, match="known_methods='GET'"):
        methods_to_name("GET")


def test_a_body_of_no_length_has_no_size() -> None:
    """Nobody knows how long it will be."""
    from antiphon.models.iterable_body import IterableBody

    assert request_body_size(REQUEST.with_(body=IterableBody(iter([b"a"])))) is None


def spans() -> tuple[OpenTelemetryTracer, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return OpenTelemetryTracer(provider), exporter


def traced_call() -> TracedCall:
    return TracedCall(CallContext(CallOptions(), DEFAULT, 0.0, REQUEST.url.origin), REQUEST)


def test_a_thread_without_a_context() -> None:
    """Copies that a Hedge sends from threads of its own are children of the call all the same."""
    tracer, exporter = spans()
    call = traced_call()
    tracer.call_started(call)

    def copy() -> None:
        attempt = TracedAttempt(call, REQUEST, 1, 1)
        tracer.attempt_started(attempt)
        tracer.attempt_ended(attempt, Outcome(REQUEST, 1, 0.1, 200))

    thread = threading.Thread(target=copy)
    thread.start()
    thread.join()
    tracer.call_ended(call, Outcome(REQUEST, 1, 0.1, 200))

    request, whole = exporter.get_finished_spans()
    assert request.parent is not None
    assert whole.context.span_id == request.parent.span_id
    assert 1 == (request.attributes or {})["antiphon.copy"]


def test_events_out_of_turn() -> None:
    """What belongs to a call or attempt whose start went wrong is left out."""
    tracer, exporter = spans()
    call = traced_call()
    attempt = TracedAttempt(call, REQUEST, 1)

    tracer.call_ended(call, Outcome(REQUEST, 1, 0.1, 200))
    tracer.retry_scheduled(call, Attempt(1, "GET", REQUEST.url, 503, delay=0.0))
    assert {} == tracer.attempt_headers(attempt)
    tracer.attempt_ended(attempt, Outcome(REQUEST, 1, 0.1, 200))
    assert () == exporter.get_finished_spans()

    tracer.attempt_started(attempt)
    tracer.attempt_ended(attempt, Outcome(REQUEST, 1, 0.1, 200))
    (alone,) = exporter.get_finished_spans()
    assert alone.parent is None


def test_events_of_tls_and_of_the_end() -> None:
    """What is not known is left out; an ended span is told nothing."""
    tracer, exporter = spans()
    attempt = TracedAttempt(traced_call(), REQUEST, 1)
    wire = tracer.attempt_started(attempt)
    assert isinstance(wire, WireEvents)

    wire.tls_established("example.com", 443, "TLSv1.3", None, "http/1.1")
    tracer.attempt_ended(attempt, Outcome(REQUEST, 1, 0.1, 200))
    wire.connection_established("example.com", 443, "192.0.2.1")
    wire.connection_acquired("example.com", 443, False, "HTTP/1.1")
    wire.connection_closed("example.com", 443, "idle")

    (request,) = exporter.get_finished_spans()
    (event,) = request.events
    assert "tls_established" == event.name
    assert {"tls.protocol.version": "TLSv1.3", "tls.next_protocol": "http/1.1"} == dict(
        event.attributes or {}
    )
    assert "network.peer.address" not in (request.attributes or {})
