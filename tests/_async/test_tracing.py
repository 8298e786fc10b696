# Source of _sync/test_tracing.py; after editing run: tox -e codegen
"""Tracers and recorders of one's own, told of calls over real sockets."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    CircuitOpenError,
    NotFoundError,
    RemoteProtocolError,
    RequestCancelled,
)
from antiphon.models.attempt import Attempt
from antiphon.models.cancel import CancelToken
from antiphon.models.events import TransportObserver
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.policies.metrics import Metrics, MetricsRecorder
from antiphon.policies.outcomes import Outcome
from antiphon.policies.request_ids import RequestId
from antiphon.policies.retry import Retry
from antiphon.policies.tracing import HttpTracer, TracedAttempt, TracedCall, Tracing
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing"), "/old": redirect("/")}


class Wire(TransportObserver):
    """Writes down for one attempt what the wire does."""

    def __init__(self, log: list[str], number: int) -> None:
        self.log = log
        self.number = number

    def connection_acquired(self, host: str, port: int, reused: bool, http_version: str) -> None:
        self.log.append(f"{self.number} acquired{' again' if reused else ''}")

    def response_started(self, status: int, headers: Headers) -> None:
        self.log.append(f"{self.number} head {status}")

    def connection_closed(self, host: str, port: int, reason: str) -> None:
        self.log.append(f"{self.number} closed")


class Writing(HttpTracer):
    """Writes everything down, and keeps what it is given."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.ends: list[Outcome] = []
        self.attempts: list[TracedAttempt] = []
        self.calls: list[TracedCall] = []

    def call_started(self, call: TracedCall) -> None:
        self.log.append(f"call {call.request.url.path}")
        self.calls.append(call)
        call.state = "the call's"

    def call_ended(self, call: TracedCall, outcome: Outcome) -> None:
        assert "the call's" == call.state
        self.log.append(f"call ended {outcome.error_type or outcome.status}")
        self.ends.append(outcome)

    def attempt_started(self, attempt: TracedAttempt) -> TransportObserver:
        self.log.append(f"attempt {attempt.number} {attempt.request.url.path}")
        self.attempts.append(attempt)
        attempt.state = attempt.number
        return Wire(self.log, attempt.number)

    def attempt_headers(self, attempt: TracedAttempt) -> Mapping[str, str]:
        return {"X-Span": f"{attempt.call.id}.{attempt.number}"}

    def attempt_ended(self, attempt: TracedAttempt, outcome: Outcome) -> None:
        assert attempt.number == attempt.state == outcome.number
        self.log.append(f"attempt {attempt.number} ended {outcome.error_type or outcome.status}")
        self.ends.append(outcome)

    def retry_scheduled(self, call: TracedCall, attempt: Attempt) -> None:
        self.log.append(f"retry after {attempt.number}, {attempt.status}")


async def test_what_a_tracer_is_told() -> None:
    """The call, each request in it with what the wire does, and each decision to try again."""
    busy = answer(503, headers={"Connection": "close"})
    app = App({**PLAIN, "/old": redirect("/flaky"), "/flaky": Sequence(busy, answer(200))})
    tracer = Writing()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Tracing(tracer)], retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/old")

    assert [
        "call /old",
        "attempt 1 /old",
        "1 acquired",
        "1 head 302",
        "attempt 1 ended 302",
        "attempt 2 /flaky",
        "2 acquired again",
        "2 head 503",
        "2 closed",
        "attempt 2 ended 503",
        "retry after 2, 503",
        "attempt 3 /flaky",
        "3 acquired",
        "3 head 200",
        "attempt 3 ended 200",
        "call ended 200",
        "3 closed",
    ] == tracer.log
    (call,) = tracer.calls
    assert [f"{call.id}.{n}" for n in (1, 2, 3)] == [
        request.headers["x-span"] for request in app.requests
    ]


async def test_what_an_outcome_says() -> None:
    """Status, headers, version, id and bytes of what came; the request with all its headers."""
    tracer = Writing()
    policies = [Tracing(tracer), RequestId(make=lambda: "ours")]
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=policies) as client:
            response = await client.get(server.url)

    attempt, call = tracer.ends
    for outcome in (attempt, call):
        assert (200, "HTTP/1.1", "ours") == (
            outcome.status,
            outcome.http_version,
            outcome.request_id,
        )
        assert (1, False, None) == (outcome.number, outcome.is_failure, outcome.error)
        assert len(PLAIN["/"]) == outcome.bytes_received
        assert outcome.bytes_sent is not None
        assert response.headers == outcome.headers
        assert "x-span" in outcome.request.headers
    assert 0 < attempt.elapsed <= call.elapsed <= response.elapsed


async def test_errors() -> None:
    """A status is the word for itself; what has none is told by the code of its error."""
    tracer = Writing()
    token = CancelToken()
    token.cancel()
    with LoopbackServer(App({**PLAIN, "/lost": b""})) as server:
        async with AsyncClient(policies=[Tracing(tracer)], retry=None) as client:
            with pytest.raises(NotFoundError) as missing:
                await client.get(f"{server.url}/no")
            with pytest.raises(RemoteProtocolError):
                await client.get(f"{server.url}/lost")
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)

    words = [outcome.error_type for outcome in tracer.ends]
    assert ["404"] * 2 + ["remote_protocol_error"] * 2 + ["request_cancelled"] * 2 == words
    assert [None, missing.value] == [outcome.error for outcome in tracer.ends[:2]]
    assert [True] * 4 + [False] * 2 == [outcome.is_failure for outcome in tracer.ends]
    assert tracer.ends[1].bytes_received == len(PLAIN["/no"])


async def test_refusals_of_our_own_are_no_requests() -> None:
    """What never went to the transport is the call's end, not a request's."""

    class Refusing:
        stage = "retry"

        def __call__(self, request, call):
            raise CircuitOpenError("open")
            yield request

    tracer = Writing()
    recorder = Counting()
    policies = [Tracing(tracer), Metrics(recorder), Refusing()]
    async with AsyncClient(policies=policies) as client:
        with pytest.raises(CircuitOpenError):
            await client.get("http://example.com/")

    assert ["call /", "call ended circuit_open"] == tracer.log
    assert [] == recorder.log


async def test_calls_that_are_not_traced() -> None:
    """`trace=False` leaves a call out, and its retries."""
    tracer = Writing()
    app = App({"/": Sequence(answer(503), answer(200))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Tracing(tracer)], retry=Retry(base_delay=0)) as client:
            await client.get(server.url, trace=False)

    assert [] == tracer.log
    assert "x-span" not in app.requests[0].headers


async def test_streams_end_with_their_head() -> None:
    """The attempt and the call are over when the head is there; the wire is told on."""
    tracer = Writing()
    with LoopbackServer(App(PLAIN)) as server:
        client = AsyncClient(policies=[Tracing(tracer)])
        async with client, client.stream("GET", server.url) as stream:
            assert "call ended 200" == tracer.log[-1]
            await stream.read()

    assert "1 closed" == tracer.log[-1]


async def test_headers_of_the_request_win() -> None:
    """A context that the caller hands on goes as it is."""
    app = App(PLAIN)
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Tracing(Writing())]) as client:
            await client.get(server.url, headers={"x-span": "own"})

    assert "own" == app.requests[0].headers["x-span"]


class Plain(HttpTracer):
    """Overrides one event of the wire; as it says nothing else, it is told of all requests."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def request_sent(self, byte_count: int) -> None:
        self.sent.append(byte_count)


async def test_a_tracer_may_be_the_observer_itself() -> None:
    """What `attempt_started` returns is told of the wire: the tracer unless it says otherwise."""
    plain, observer = Plain(), Plain()
    policies = [Tracing(plain), Tracing(HttpTracer())]
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=policies, observer=observer) as client:
            await client.get(f"{server.url}/old")

    assert 2 == len(plain.sent)
    assert observer.sent == plain.sent


class Deaf(HttpTracer):
    """Does not want to know what the wire does."""

    def attempt_started(self, attempt: TracedAttempt) -> None:
        return None


async def test_nobody_may_be_told_of_the_wire() -> None:
    """None is no observer."""
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Tracing(Deaf())]) as client:
            assert 200 == (await client.get(server.url)).status


class Broken(HttpTracer):
    """Raises whatever it is told."""

    def fail(self, *_: object) -> None:
        raise KeyError

    call_started = call_ended = attempt_started = attempt_headers = fail
    attempt_ended = retry_scheduled = request_sent = fail


class Counting(MetricsRecorder):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.ends: list[Outcome] = []

    def request_started(self, request: Request) -> None:
        self.log.append(f"+ {request.url.path}")

    def request_ended(self, request: Request, outcome: Outcome) -> None:
        self.log.append(f"- {request.url.path} {outcome.error_type or outcome.status}")
        self.ends.append(outcome)


class BrokenCounting(MetricsRecorder):
    """Raises whatever it is told."""

    def request_started(self, request: Request) -> None:
        raise KeyError

    def request_ended(self, request: Request, outcome: Outcome) -> None:
        raise KeyError


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """Return what is logged under "antiphon"."""
    said: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler = Keeping()
    logging.getLogger("antiphon").addHandler(handler)
    yield said
    logging.getLogger("antiphon").removeHandler(handler)


async def test_guests_that_raise(complaints: list[str]) -> None:
    """A tracer or recorder that fails is logged, and the call goes on."""
    policies = [Tracing(Broken()), Metrics(BrokenCounting())]
    app = App({"/": Sequence(answer(503), answer(200, "hello"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=policies, retry=Retry(base_delay=0)) as client:
            assert "hello" == (await client.get(server.url)).text

    names = [text.partition(" raised; the call goes on")[0] for text in complaints]
    attempt = [
        "Broken.attempt_started",
        "Broken.attempt_headers",
        "BrokenCounting.request_started",
        "BrokenCounting.request_ended",
        "Broken.attempt_ended",
    ]
    assert [
        "Broken.call_started",
        *attempt,
        "Broken.retry_scheduled",
        *attempt,
        "Broken.call_ended",
    ] == names


async def test_what_a_recorder_is_told() -> None:
    """Each request on its way to the transport, and how it ended; bodies are loaded by then."""
    busy = answer(503, headers={"Connection": "close"})
    app = App({**PLAIN, "/old": redirect("/flaky"), "/flaky": Sequence(busy, b"", answer(200))})
    recorder = Counting()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Metrics(recorder)], retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/old")
            await client.get(server.url, params={"a": "b"})

    assert [
        "+ /old",
        "- /old 302",
        "+ /flaky",
        "- /flaky 503",
        "+ /flaky",
        "- /flaky remote_protocol_error",
        "+ /flaky",
        "- /flaky 200",
        "+ /",
        "- / 200",
    ] == recorder.log
    assert [1, 2, 3, 4, 1] == [outcome.number for outcome in recorder.ends]
    assert len(PLAIN["/"]) == recorder.ends[-1].bytes_received
    assert all(outcome.elapsed > 0 for outcome in recorder.ends)
