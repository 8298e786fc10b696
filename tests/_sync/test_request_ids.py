# GENERATED from _async/test_request_ids.py by tools/unasync.py. Do not edit.
"""Ids of requests, sent and read over real sockets."""

from __future__ import annotations

import pickle

import attrs
import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    InterceptorError,
    InvalidOptionError,
    NotFoundError,
    RemoteProtocolError,
    ResponseTooLargeError,
    ServiceUnavailableError,
)
from antiphon.policies.request_ids import RequestId
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, receive, redirect
from tests.loopback import LoopbackServer

SENT = "x-request-id"


def counted() -> RequestId:
    """Return a policy whose ids are id-1, id-2 and so on."""
    numbers = iter(range(1, 100))
    return RequestId(make=lambda: f"id-{next(numbers)}")


def ids(app: App) -> list[str]:
    return [request.headers[SENT] for request in app.requests]


def test_one_id_a_call() -> None:
    """Each call has an id of its own, and all its hops and attempts have that one."""
    app = App(
        {"/": answer(), "/old": redirect("/flaky"), "/flaky": Sequence(answer(503), answer())}
    )
    with LoopbackServer(app) as server:
        with Client(policies=[counted()], retry=Retry(base_delay=0)) as client:
            first = client.get(server.url)
            second = client.get(f"{server.url}/old")

    assert ["id-1", "id-2", "id-2", "id-2"] == ids(app)
    assert ["id-1", "id-2"] == [first.request_id, second.request_id]
    assert ["id-2"] == [response.request_id for response in second.history]


def test_ids_are_random_unless_told_otherwise() -> None:
    """32 hexadecimal digits, another 32 each time."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(policies=[RequestId()]) as client:
            for _ in range(2):
                client.get(server.url)

    sent = ids(app)
    assert [32, 32] == [len(text) for text in sent]
    assert all(int(text, 16) >= 0 for text in sent)
    assert sent[0] != sent[1]


@pytest.mark.parametrize("name", ["X-Request-Id", "Request-Id", "X-Amzn-RequestId"])
def test_the_id_of_the_server_wins(name: str) -> None:
    """What the server calls the exchange is what helps in a support case."""
    app = App({"/": answer(200, headers={name: "theirs"})})
    with LoopbackServer(app) as server:
        with Client(policies=[counted()]) as client:
            response = client.get(server.url)
            with client.stream("GET", server.url) as stream:
                streamed = stream.request_id

    assert "theirs" == response.request_id == streamed


def test_a_header_of_the_caller_wins() -> None:
    """An id that came from elsewhere, such as the request that is being served, goes on."""
    app = App({"/": answer()})
    with LoopbackServer(app) as server:
        with Client(policies=[counted()]) as client:
            response = client.get(server.url, headers={"x-request-id": "caller"})

    assert ["caller"] == ids(app)
    assert "caller" == response.request_id


def test_headers_of_ones_own() -> None:
    """The header that is sent, and those that are read, can be others."""
    routes = {
        "/": answer(200, headers={"Trace-No": "theirs", "X-Request-Id": "not this"}),
        "/silent": answer(200, headers={"X-Request-Id": "not this"}),
        "/old": redirect("/", headers={"X-Call": "the hop"}),
    }
    app = App(routes)
    policy = RequestId("X-Call", make=lambda: "ours", read=["trace-no"])
    with LoopbackServer(app) as server:
        with Client(policies=[policy]) as client:
            assert "theirs" == (client.get(server.url)).request_id
            assert "ours" == (client.get(f"{server.url}/silent")).request_id
            redirected = client.get(f"{server.url}/old")

    assert {"ours"} == {request.headers["x-call"] for request in app.requests}
    assert SENT not in app.requests[0].headers
    assert "the hop" == redirected.history[0].request_id


def test_errors_have_it() -> None:
    """An error of a status has the server's or ours, one without an answer has ours."""
    routes = {"/no": answer(404, headers={"Request-Id": "theirs"}), "/busy": answer(503)}
    with LoopbackServer(App({**routes, "/lost": b"", "/long": answer(200, "long")})) as server:
        with Client(policies=[counted()], retry=None) as client:
            with pytest.raises(NotFoundError) as named:
                client.get(f"{server.url}/no")
            with pytest.raises(ServiceUnavailableError) as silent:
                client.get(f"{server.url}/busy")
            with pytest.raises(RemoteProtocolError) as lost:
                client.get(f"{server.url}/lost")
            with pytest.raises(ResponseTooLargeError) as long:
                client.get(f"{server.url}/long", max_response_bytes=1)

    assert "theirs" == named.value.request_id
    assert "id-2" == silent.value.request_id
    assert silent.value.response is not None
    assert "id-2" == silent.value.response.request_id
    assert "id-3" == lost.value.request_id
    assert "id-4" == long.value.request_id


def test_attempts_and_broken_streams_have_it() -> None:
    """The error of an attempt that was made again, and of a body that breaks off while it is read."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"

    def handle(connection) -> None:
        while (request := receive(connection)) is not None:
            connection.sendall(head)
            if request.path == "/":
                return

    with LoopbackServer(handle) as server:
        with Client(policies=[counted()], retry=Retry(2, base_delay=0)) as client:
            with pytest.raises(RemoteProtocolError) as loaded:
                client.get(server.url)
            with pytest.raises(RemoteProtocolError) as streamed:
                with client.stream("GET", server.url) as stream:
                    stream.read()

    errors = [attempt.error for attempt in loaded.value.attempts]
    assert ["id-1", "id-1"] == [error.request_id for error in errors]  # type: ignore[union-attr]
    assert "id-2" == streamed.value.request_id


def test_copies_of_a_response_keep_it() -> None:
    """The id that was sent survives pickling, and a change of another part."""
    with LoopbackServer(App({"/": answer(200, "hello")})) as server:
        with Client(policies=[counted()]) as client:
            response = client.get(server.url)

    assert "id-1" == pickle.loads(pickle.dumps(response)).request_id
    assert "id-1" == attrs.evolve(response, content=b"").request_id
    assert "id-1" == response.redacted().request_id


def test_policies_know_it() -> None:
    """`call.request_id` has what is sent."""
    seen: list[str | None] = []

    class Looking:
        def __call__(self, request, call):
            seen.append(call.request_id)
            yield request

    with LoopbackServer(App({"/": answer()})) as server:
        with Client(policies=[Looking(), counted()]) as client:
            client.get(server.url)
        with Client(policies=[Looking()]) as client:
            client.get(server.url)

    assert ["id-1", None] == seen


def test_an_interceptor_that_fails_after_it() -> None:
    """Errors that are made outside of the step have the id, too."""

    class Broken:
        def intercept_response(self, context: object, response: object) -> object:
            raise KeyError

    with LoopbackServer(App({"/": answer()})) as server:
        with Client(policies=[Broken(), counted()]) as client:
            with pytest.raises(InterceptorError) as raised:
                client.get(server.url)

    assert "id-1" == raised.value.request_id


@pytest.mark.parametrize("made", ["", "two\nlines", "é", None, 7])
def test_ids_that_cannot_be_sent(made: object) -> None:
    """What `make` returns has to fit into a header; the call is refused otherwise."""
    with Client(policies=[RequestId(make=lambda: made)]) as client:  # type: ignore[arg-type,return-value]
        with pytest.raises(InvalidOptionError, match="make=..."):
            client.get("http://example.com")


def test_both_places_show_in_the_pipeline() -> None:
    """Once around the call and once around each attempt."""
    with Client(policies=[RequestId()]) as client:
        places = [step.stage for step in client.pipeline if step.kind == "request_id"]

    assert ["operation", "attempt"] == places
