# GENERATED from _async/test_watching.py by tools/unasync.py. Do not edit.
"""Log, trace, metrics and ids of calls that other policies answer, copy or refuse."""

from __future__ import annotations

import logging

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from antiphon._sync.client import Client
from antiphon.errors import CircuitOpenError, ServiceUnavailableError
from antiphon.integrations.opentelemetry import OpenTelemetryTracer
from antiphon.models.request import Request
from antiphon.policies.cache import Cache
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.hedge import Hedge
from antiphon.policies.logging import Logging
from antiphon.policies.metrics import Metrics, MetricsRecorder
from antiphon.policies.outcomes import Outcome
from antiphon.policies.request_ids import RequestId
from antiphon.policies.tracing import Tracing
from antiphon.testing import FakeClock
from tests.thread_group import Group, until
from tests.app import App, answer
from tests.loopback import LoopbackServer
from tests.turns import Turns


class Watched(MetricsRecorder, logging.Handler):
    """A client's policies that watch, and what they saw."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.records: list[logging.LogRecord] = []
        self.outcomes: list[Outcome] = []
        self.started = 0
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        logger = logging.getLogger(f"antiphon.tests.watching.{id(self)}")
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        self.policies = [
            Logging(logger),
            Tracing(OpenTelemetryTracer(provider)),
            Metrics(self),
            RequestId(make=lambda: "ours"),
        ]

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def request_started(self, request: Request) -> None:
        self.started += 1

    def request_ended(self, request: Request, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def spans(self) -> list[tuple[str, object, object]]:
        """Return name, error and number of the copy, in the order in which they ended."""
        return [
            (span.name, facts.get("error.type"), facts.get("antiphon.copy"))
            for span in self.exporter.get_finished_spans()
            for facts in [span.attributes or {}]
        ]


def test_copies_of_a_hedge() -> None:
    """Each is a request of its own, with a span and a context; the call has one record."""
    watched = Watched()
    with Turns(0) as turns, FakeClock() as time:
        with Client(policies=[Hedge(0.2), *watched.policies]) as client:
            with Group() as group:
                call = group.start(client.get, turns.url)
                until(lambda: 1 == len(turns.requests))
                time.advance(0.2)
            assert "answer 1" == call.result.text  # type: ignore[attr-defined]

    assert ("antiphon GET", None, None) == watched.spans()[-1]
    assert {("GET", "request_cancelled", None), ("GET", None, 1)} == set(watched.spans()[:-1])
    *copies, whole = watched.exporter.get_finished_spans()
    assert [whole.context.span_id] * 2 == [
        copy.parent.span_id if copy.parent is not None else None for copy in copies
    ]
    assert 2 == len({request.headers["traceparent"] for request in turns.requests})
    assert ["ours"] * 2 == [request.headers["x-request-id"] for request in turns.requests]
    assert 2 == watched.started
    assert {(None, True), (200, False)} == {
        (outcome.status, outcome.is_cancelled) for outcome in watched.outcomes
    }
    (record,) = watched.records
    assert (200, 1) == (record.http_status, record.http_attempt)  # type: ignore[attr-defined]


def test_a_call_that_is_refused_here() -> None:
    """No request is sent, so none is told of; the call has its error, in its record and span."""
    watched = Watched()
    policies = [CircuitBreaker(failure_rate=None, failure_threshold=1), *watched.policies]
    with LoopbackServer(App({"/": answer(503)})) as server:
        with Client(policies=policies, retry=None) as client:
            with pytest.raises(ServiceUnavailableError):
                client.get(server.url)
            with pytest.raises(CircuitOpenError) as refused:
                client.get(server.url)

    assert [("GET", "503", None), ("antiphon GET", "503", None)] == watched.spans()[:2]
    assert [("antiphon GET", "circuit_open", None)] == watched.spans()[2:]
    assert 1 == watched.started == len(watched.outcomes)
    assert "circuit_open" == watched.records[1].http_error  # type: ignore[attr-defined]
    assert "ours" == refused.value.request_id


def test_a_call_that_memory_answers() -> None:
    """It has a record and a span, and no request."""
    watched = Watched()
    app = App({"/": answer(200, "hello", {"Cache-Control": "max-age=60"})})
    with LoopbackServer(app) as server:
        with Client(policies=[Cache(), *watched.policies]) as client:
            client.get(server.url)
            response = client.get(server.url)

    assert "hello" == response.text
    assert 1 == len(app.requests) == watched.started
    assert ["GET", "antiphon GET", "antiphon GET"] == [name for name, _, _ in watched.spans()]
    assert [1, 0] == [record.http_attempt for record in watched.records]  # type: ignore[attr-defined]
    assert "ours" == response.request_id
