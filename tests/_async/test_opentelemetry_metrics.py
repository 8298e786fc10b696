# Source of _sync/test_opentelemetry_metrics.py; after editing run: tox -e codegen
"""Metrics of calls over real sockets, as a reader of OpenTelemetry gets them."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from antiphon._async.client import AsyncClient
from antiphon.errors import RemoteProtocolError
from antiphon.integrations.opentelemetry import OpenTelemetryMetrics
from antiphon.policies.metrics import Metrics
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer

PLAIN = {"/": answer(200, "hello"), "/old": redirect("/")}


class Measured:
    """A provider whose metrics are read here."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider([self.reader], shutdown_on_exit=False)

    def points(self, name: str) -> list:
        data = self.reader.get_metrics_data()
        return [
            point
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


async def test_the_duration_of_requests() -> None:
    """A histogram in seconds, in the advised buckets, by what the conventions name."""
    measured = Measured()
    app = App({**PLAIN, "/flaky": Sequence(answer(503), answer(200))})
    policies = [Metrics(OpenTelemetryMetrics(measured.provider))]
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=policies, retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/flaky")
            await client.get(server.url)
        port = server.port

    points = measured.points("http.client.request.duration")
    common = {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.scheme": "http",
        "network.protocol.version": "1.1",
    }
    by_status = {point.attributes["http.response.status_code"]: point for point in points}
    assert {200: 2, 503: 1} == {status: point.count for status, point in by_status.items()}
    assert {**common, "http.response.status_code": 200} == dict(by_status[200].attributes)
    assert {**common, "http.response.status_code": 503, "error.type": "503"} == dict(
        by_status[503].attributes
    )
    buckets = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
    assert buckets == tuple(by_status[200].explicit_bounds)
    assert 0 < by_status[200].sum < 10
    assert [] == measured.points("http.client.request.body.size")


async def test_active_requests() -> None:
    """One while a request is on its way, none after it, however it ended."""
    measured = Measured()
    seen: list[int] = []

    def look(request) -> bytes:
        seen.append(measured.points("http.client.active_requests")[0].value)
        return answer(200)

    with LoopbackServer(App({"/": look, "/lost": b""})) as server:
        policies = [Metrics(OpenTelemetryMetrics(measured.provider))]
        async with AsyncClient(policies=policies, retry=None) as client:
            await client.get(server.url)
            with pytest.raises(RemoteProtocolError):
                await client.get(f"{server.url}/lost")

    assert [1] == seen
    assert [0] == [point.value for point in measured.points("http.client.active_requests")]
    errors = measured.points("http.client.request.duration")
    assert {None, "remote_protocol_error"} == {p.attributes.get("error.type") for p in errors}


async def test_sizes_of_bodies() -> None:
    """As they are sent, where that is known: not of a body of unknown length."""
    measured = Measured()
    policies = [Metrics(OpenTelemetryMetrics(measured.provider, sizes=True))]
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    with LoopbackServer(App({**PLAIN, "/chunked": chunked, "/lost": b""})) as server:
        async with AsyncClient(policies=policies, retry=None) as client:
            await client.post(server.url, content=b"hi")
            await client.head(f"{server.url}/old", follow_redirects=False)
            await client.post(f"{server.url}/chunked", content=iter([b"a", b"b"]))
            with pytest.raises(RemoteProtocolError):
                await client.post(f"{server.url}/lost", content=b"abc")

    sent = measured.points("http.client.request.body.size")
    received = measured.points("http.client.response.body.size")
    assert (3, 5) == (sum(point.count for point in sent), sum(point.sum for point in sent))
    assert (2, 5) == (sum(point.count for point in received), sum(point.sum for point in received))
