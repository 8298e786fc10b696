# Source of _sync/test_opentelemetry.py; after editing run: tox -e codegen
"""Spans of calls over real sockets, as an exporter of OpenTelemetry gets them."""

from __future__ import annotations

import threading

import pytest
from opentelemetry import trace
from opentelemetry.baggage import set_baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import attach, detach
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from antiphon._async.client import AsyncClient
from antiphon.integrations.opentelemetry import OpenTelemetryTracer
from antiphon.policies.request_ids import RequestId
from antiphon.policies.retry import Retry
from antiphon.policies.tracing import Tracing
from tests.anyio_group import AsyncGroup
from tests.app import App, Received, Sequence, answer, redirect
from tests.loopback import LoopbackServer
from tests.spans import Spans, events, facts

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing"), "/old": redirect("/")}


@pytest.fixture
def spans() -> Spans:
    return Spans()


async def test_a_span_a_call_and_one_a_request(spans: Spans) -> None:
    """The call's is internal, its child the client's, with what the conventions ask for."""
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[spans.policy()]) as client:
            await client.get(server.url, params={"token": "secret"})
        port = server.port

    request, call = spans.ended()
    url = f"{server.url}/?token=***"
    assert ("GET", SpanKind.CLIENT) == (request.name, request.kind)
    assert ("antiphon GET", SpanKind.INTERNAL) == (call.name, call.kind)
    assert call.parent is None
    assert request.parent is not None
    assert call.context.span_id == request.parent.span_id
    assert {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": url,
        "http.response.status_code": 200,
        "network.protocol.version": "1.1",
        "network.peer.address": "127.0.0.1",
        "network.peer.port": port,
    } == facts(request)
    assert {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": url,
        "http.response.status_code": 200,
        "network.protocol.version": "1.1",
        "antiphon.attempts": 1,
    } == facts(call)
    assert StatusCode.UNSET is request.status.status_code is call.status.status_code
    assert "antiphon" == request.instrumentation_scope.name


async def test_events_of_the_wire(spans: Spans) -> None:
    """What the connection does for a request is told on its span."""
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[spans.policy()]) as client:
            await client.get(server.url)
            await client.get(server.url)

    first, _, second, _ = spans.ended()
    exchange = [
        "connection_acquired",
        "request_sent",
        "response_started",
        "response_received",
        "connection_released",
    ]
    assert ["connection_started", "connection_established", *exchange] == events(first)
    assert exchange == events(second)
    acquired = second.events[0].attributes
    assert acquired is not None
    assert acquired["reused"] is True
    # A connection that was opened by another request is known by its name only.
    assert "network.peer.address" not in facts(second)


async def test_events_of_a_name(spans: Spans) -> None:
    """A look-up, a 1xx and a connection that is closed are told as well."""
    early = b"HTTP/1.1 103 Early\r\n\r\n" + answer(200, headers={"Connection": "close"})
    with LoopbackServer(App({"/": early})) as server:
        policies = [spans.policy()]
        async with AsyncClient(policies=policies) as client:
            await client.get(f"http://localhost:{server.port}/")

    request, _ = spans.ended()
    told = events(request)
    assert "name_resolved" == told[0]
    assert told.index("informational") < told.index("response_started")
    assert "connection_closed" == told[-1]


async def test_sizes(spans: Spans) -> None:
    """Bodies and whole messages in bytes, on request."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    app = App({**PLAIN, "/none": answer(204), "/chunked": chunked})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[spans.policy(sizes=True, events=False)]) as client:
            response = await client.post(server.url, content=b"hi")
            await client.get(f"{server.url}/none")
            await client.post(f"{server.url}/chunked", content=iter([b"a", b"b"]))

    sizes = {
        name: value for name, value in facts(spans.ended()[0]).items() if name.endswith(".size")
    }
    assert response.timeline is not None
    assert {
        "http.request.body.size": 2,
        "http.response.body.size": 5,
        "http.request.size": response.timeline.sent_bytes,
        "http.response.size": len(PLAIN["/"]),
    } == sizes
    assert (0, 0) == (
        facts(spans.ended()[2])["http.request.body.size"],
        facts(spans.ended()[2])["http.response.body.size"],
    )
    # Bodies of unknown length have none, messages have theirs.
    names = [name for name in facts(spans.ended()[4]) if name.endswith(".size")]
    assert ["http.request.size", "http.response.size"] == names
    assert [] == events(spans.ended()[0])


async def test_attempts(spans: Spans) -> None:
    """Each request that is sent again counts on, and the call says why it was."""
    app = App({"/old": redirect("/flaky"), "/flaky": Sequence(answer(503), answer(200))})
    policies = [spans.policy(), RequestId(make=lambda: "ours")]
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=policies, retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/old")

    *requests, call = spans.ended()
    assert [302, 503, 200] == [facts(span)["http.response.status_code"] for span in requests]
    assert [None, 1, 2] == [facts(span).get("http.request.resend_count") for span in requests]
    assert [None, "503", None] == [facts(span).get("error.type") for span in requests]
    assert {"ours"} == {facts(span)["antiphon.request_id"] for span in [*requests, call]}
    assert {call.context.trace_id} == {span.context.trace_id for span in requests}
    assert 3 == facts(call)["antiphon.attempts"]
    (retry,) = call.events
    assert "retry_scheduled" == retry.name
    assert {"antiphon.attempt": 2, "antiphon.reason": "503", "antiphon.delay": 0.0} == dict(
        retry.attributes or {}
    )


async def test_each_request_carries_its_own_span(spans: Spans) -> None:
    """`traceparent` names the span of the request, not of the call; a caller's own header stays."""
    app = App({"/": answer(), "/flaky": Sequence(answer(503), answer(200))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[spans.policy()], retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/flaky")
            await client.get(server.url, headers={"traceparent": "own"})

    first, second, call, *_ = spans.ended()
    sent = [request.headers["traceparent"] for request in app.requests]
    assert [
        f"00-{call.context.trace_id:032x}-{span.context.span_id:016x}" for span in (first, second)
    ] == [text[:-3] for text in sent[:2]]
    assert all(int(text[-2:], 16) & 1 for text in sent[:2])  # sampled
    assert "own" == sent[2]


async def test_a_propagator_of_ones_own(spans: Spans) -> None:
    """Whatever it injects is sent; baggage of the caller goes along."""
    app = App(PLAIN)
    propagator = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[spans.policy(propagator=propagator)]) as client:
            token = attach(set_baggage("user", "ada"))
            try:
                await client.get(server.url)
            finally:
                detach(token)

    assert "user=ada" == app.requests[0].headers["baggage"]
    assert "traceparent" in app.requests[0].headers


async def test_the_context_of_the_caller(spans: Spans) -> None:
    """The call is a child of the span that is current, and the parent of what policies begin."""
    tracer = spans.provider.get_tracer("test")

    class Working:
        stage = "retry"

        def __call__(self, request, call):
            with tracer.start_as_current_span("work"):
                yield request

    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Working(), spans.policy()]) as client:
            with tracer.start_as_current_span("outer") as outer:
                await client.get(server.url)
                assert trace.get_current_span() is outer
            assert not trace.get_current_span().get_span_context().is_valid

    request, work, call, ended = spans.ended()
    parents = [span.parent and span.parent.span_id for span in (request, work, call, ended)]
    ids = [span.context.span_id for span in (work, call, ended)]
    assert [*ids, None] == parents


async def test_calls_at_once(spans: Spans) -> None:
    """Each has a trace of its own, whatever others do meanwhile, and its request in it."""
    gate = threading.Barrier(3)

    def together(request: Received) -> bytes:
        gate.wait(10)
        return answer(200)

    app = App({"/": together})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[spans.policy()]) as client, AsyncGroup() as group:
            for _ in range(3):
                group.start(client.get, server.url)

    calls = {span.context.trace_id: span for span in spans.ended() if span.name != "GET"}
    requests = [span for span in spans.ended() if span.name == "GET"]
    assert (3, 3) == (len(calls), len(requests))
    for span in requests:
        assert span.parent is not None
        assert calls[span.context.trace_id].context.span_id == span.parent.span_id


async def test_what_comes_after_the_end_is_ignored(spans: Spans) -> None:
    """A body that is read later, and a connection that closes later, find the span ended."""
    with LoopbackServer(App(PLAIN)) as server:
        client = AsyncClient(policies=[spans.policy(sizes=True)])
        async with client, client.stream("GET", server.url) as stream:
            await stream.read()

    request, _ = spans.ended()
    assert "response_started" == events(request)[-1]
    assert "http.response.size" not in facts(request)


async def test_methods_that_are_not_known(spans: Spans) -> None:
    """There may be any number of them, so they have one name; the list can be another."""
    app = App(PLAIN)
    policies = [spans.policy(), spans.policy(known_methods=["PURGE"])]
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=policies) as client:
            await client.request("PURGE", server.url)

    inner, outer, inner_call, outer_call = spans.ended()
    assert ["PURGE", "HTTP", "antiphon PURGE", "antiphon HTTP"] == [
        span.name for span in (inner, outer, inner_call, outer_call)
    ]
    assert ("_OTHER", "PURGE") == (
        facts(outer)["http.request.method"],
        facts(outer)["http.request.method_original"],
    )
    assert "http.request.method_original" not in facts(inner)


async def test_calls_that_are_not_traced(spans: Spans) -> None:
    """`trace=False` makes no span and sends no header."""
    app = App(PLAIN)
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[spans.policy()]) as client:
            await client.get(server.url, trace=False)

    assert [] == spans.ended()
    assert "traceparent" not in app.requests[0].headers


async def test_calls_that_are_not_sampled() -> None:
    """Nothing is recorded, and the header says so."""
    app = App(PLAIN)
    tracer = OpenTelemetryTracer(TracerProvider(ALWAYS_OFF, shutdown_on_exit=False))
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Tracing(tracer)]) as client:
            await client.get(server.url)

    assert 0 == int(app.requests[0].headers["traceparent"][-2:], 16) & 1
