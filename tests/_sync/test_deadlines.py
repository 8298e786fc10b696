# GENERATED from _async/test_deadlines.py by tools/unasync.py. Do not edit.
"""`with deadline(5):` bounds every call that is made inside."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import DeadlineExceeded, ServiceUnavailableError
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.network.deadline_block import deadline
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer
from tests.servers import until_closed

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: one\n\n"


class Noting:
    """Answers 200, and keeps the deadlines that it was given."""

    def __init__(self) -> None:
        self.deadlines: list[float | None] = []

    def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> ResponseStream:
        self.deadlines.append(None if options.deadline is None else options.deadline.at)
        return ResponseStream.of_bytes(request, 200)


def test_calls_in_a_block_share_its_deadline() -> None:
    """One moment for all calls of the block; with nested ones and `total` the earliest counts."""
    transport = Noting()
    with FakeClock(100.0) as clock:
        with Client(transport=transport) as client:
            with deadline(5):
                client.get("http://example.com/")
                clock.advance(1)
                client.get("http://example.com/")
                client.get("http://example.com/", timeout=Timeout(total=2))
                client.get("http://example.com/", timeout=Timeout(total=50))
                with deadline(1):
                    client.get("http://example.com/")
                with deadline(50):
                    with client.stream("GET", "http://example.com/") as stream:
                        stream.read()
            client.get("http://example.com/")

    assert [105, 105, 103, 105, 102, 105, None] == transport.deadlines


def test_a_server_that_says_nothing() -> None:
    """The wait for an answer ends with the block's deadline."""
    with LoopbackServer(until_closed) as server:
        with Client() as client:
            with deadline(0.05), pytest.raises(DeadlineExceeded, match=r"deadline\(\.\.\.\)"):
                client.get(server.url)


def test_a_deadline_that_has_passed() -> None:
    """Nothing is sent any more, on a connection that is open already either."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client() as client:
            client.get(server.url)
            with deadline(0), pytest.raises(DeadlineExceeded) as caught:
                client.get(server.url)
            client.get(server.url)

    assert ("no", 2) == (caught.value.sent, len(app.requests))


def test_waits_between_attempts() -> None:
    """A wait that would outlast the block is not begun."""
    app = App({"/": answer(503, "", {"Retry-After": "10"})})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        with Client() as client:
            with deadline(5), pytest.raises(ServiceUnavailableError) as caught:
                client.get(server.url)

    assert [] == clock.slept
    assert ["not retried: the wait of 10.00 s would outlast the deadline"] == [
        note.partition(",")[0] for note in caught.value.__notes__
    ]


def test_redirects_and_attempts_draw_on_one_budget() -> None:
    """However many requests a call takes, its deadline is that of the block."""
    waits = {"/": 0.0, "/a": 2.0, "/b": 2.0, "/c": 2.0}
    app = App({"/": redirect("/a"), "/a": redirect("/b"), "/b": redirect("/c"), "/c": answer(503)})

    class Slow(FakeClock):
        def now(self) -> float:
            return super().now() + sum(waits[request.path] for request in app.requests)

    with LoopbackServer(app) as server, Slow():
        with Client(retry=Retry(9, base_delay=0)) as client:
            with deadline(5), pytest.raises(DeadlineExceeded):
                client.get(server.url)

    assert ["/", "/a", "/b", "/c"] == [request.path for request in app.requests]


def test_bodies_that_are_streamed() -> None:
    """A body is bound by the block that its call was made in, wherever it is read."""

    def endless(connection: object) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nstart")
        until_closed(connection)

    with LoopbackServer(endless) as server:
        with Client() as client:
            with deadline(0.05):
                context = client.stream("GET", server.url)
                stream = context.__enter__()
            with pytest.raises(DeadlineExceeded):
                stream.read()
            context.__exit__(None, None, None)


def test_event_streams() -> None:
    """Waiting for events, and connecting again, is bound by the block that they were opened in."""

    def one_event(connection: object) -> None:
        connection.recv(65_536)
        connection.sendall(EVENTS)
        until_closed(connection)

    with LoopbackServer(one_event) as server:
        with Client() as client:
            with deadline(0.05):
                source = client.sse(server.url)
                events = source.__enter__()
            assert "one" == (events.__next__()).data
            with pytest.raises(DeadlineExceeded):
                events.__next__()
            source.__exit__(None, None, None)


def test_connecting_again_for_events() -> None:
    """All connections of an event stream share the deadline of the block."""

    class Breaking:
        def __init__(self) -> None:
            self.deadlines: list[float] = []

        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            assert options.deadline is not None
            self.deadlines.append(options.deadline.at)
            headers = request.headers.with_("Content-Type", "text/event-stream")
            return ResponseStream.of_bytes(request, 200, headers, b"data: x\n\n")

    transport = Breaking()
    with FakeClock(100.0, jump=True):
        with Client(transport=transport) as client:
            with deadline(7):
                source = client.sse("http://example.com/")
                events = source.__enter__()
            assert ["x", "x"] == [(events.__next__()).data for _ in range(2)]
            with pytest.raises(DeadlineExceeded):
                while True:
                    events.__next__()
            source.__exit__(None, None, None)

    assert {107.0} == set(transport.deadlines)


def test_warming_up() -> None:
    """Opening connections ahead of use is bound by the block as well."""
    with LoopbackServer(until_closed) as server:
        with Client() as client:
            with deadline(0), pytest.raises(DeadlineExceeded):
                client.warm_up([server.url])
