"""Spans of OpenTelemetry, kept in memory for tests to look at."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from antiphon.integrations.opentelemetry import OpenTelemetryTracer
from antiphon.policies.tracing import Tracing


class Spans:
    """A provider whose spans are kept here, in the order in which they ended."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def policy(self, **settings) -> Tracing:
        return Tracing(OpenTelemetryTracer(self.provider, **settings))

    def ended(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())


def facts(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def events(span: ReadableSpan) -> list[str]:
    return [event.name for event in span.events]
