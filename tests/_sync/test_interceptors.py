# GENERATED from _async/test_interceptors.py by tools/unasync.py. Do not edit.
"""Interceptors around calls over real sockets."""

from __future__ import annotations

import functools

import attrs
import pytest

from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import (
    ConnectError,
    InterceptorError,
    InvalidOptionError,
    NotFoundError,
    ReadError,
    RemoteProtocolError,
    StatusError,
)
from antiphon.models.body import BytesBody
from antiphon.models.headers import Headers
from antiphon.models.json_codec import JSON
from antiphon.models.response import Response
from antiphon.policies.interceptors import InterceptorContext
from antiphon.policies.resilience import Resilience
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, receive, redirect
from tests.loopback import LoopbackServer

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing"), "/old": redirect("/")}


class Signed:
    """Adds to a header of the request, and to the body of the response, in passing."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self.log = log

    def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        self.log.append(f"> {self.name}")
        before = context.request.headers.get("x-signed", "")
        return context.with_request(context.request.with_header("X-Signed", before + self.name))

    def intercept_response(self, context: InterceptorContext, response: Response) -> Response:
        self.log.append(f"< {self.name}")
        return attrs.evolve(response, content=response.content + self.name.encode())


def test_list_order_out_and_reverse_order_back() -> None:
    """What goes out passes the interceptors as they are listed, what comes back the other way."""
    log: list[str] = []
    app = App(PLAIN)
    policies = [Signed("a", log), Resilience("more", Signed("b", log)), Signed("c", log)]
    with LoopbackServer(app) as server:
        with Client(policies=policies) as client:
            response = client.get(server.url)

    assert ["> a", "> b", "> c", "< c", "< b", "< a"] == log
    assert "abc" == app.requests[0].headers["x-signed"]
    assert "hellocba" == response.text
    assert response.elapsed > 0


def test_once_a_call() -> None:
    """However many hops and attempts a call has, an interceptor sees it once, and its end."""
    log: list[str] = []
    app = App({"/old": redirect("/flaky"), "/flaky": Sequence(answer(503), answer(200))})
    with LoopbackServer(app) as server:
        with Client(policies=[Signed("a", log)], retry=Retry(base_delay=0)) as client:
            response = client.get(f"{server.url}/old")

    assert ["> a", "< a"] == log
    assert ["a", "a", "a"] == [request.headers["x-signed"] for request in app.requests]
    assert 3 == len(response.attempts)
    assert 1 == len(response.history)


class Seeing:
    """Keeps what it is given and changes nothing."""

    def __init__(self) -> None:
        self.contexts: list[InterceptorContext] = []
        self.responses: list[object] = []
        self.errors: list[Exception] = []

    def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        self.contexts.append(context)
        return context

    def intercept_response(self, context: InterceptorContext, response: JSON) -> JSON:
        self.contexts.append(context)
        self.responses.append(response)
        return response

    def intercept_error(self, context: InterceptorContext, error: Exception) -> None:
        self.contexts.append(context)
        self.errors.append(error)


def test_what_an_interceptor_is_given() -> None:
    """A context of the call, the loaded response, and errors: those of statuses among them."""
    seeing = Seeing()
    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[seeing]) as client:
            response = client.get(server.url, max_response_bytes=1000)
            with pytest.raises(NotFoundError) as raised:
                client.get(f"{server.url}/no")
            client.get(f"{server.url}/no", raise_for_status=False)

    first, then, *_ = seeing.contexts
    assert first is then
    assert server.url == str(first.request.url).rstrip("/")
    assert 1000 == first.options.max_response_bytes
    assert not first.stream
    assert [200, 404] == [seen.status for seen in seeing.responses]  # type: ignore[attr-defined]
    assert response.content == seeing.responses[0].content  # type: ignore[attr-defined]
    assert [raised.value] == seeing.errors
    assert 3 == len({context.call_id for context in seeing.contexts})


def test_data_is_shared_within_a_call() -> None:
    """What an interceptor keeps in `data` is there when the response comes, and for that call."""

    class Counting:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            assert Counting not in context.data
            context.data[Counting] = context.call_id
            return context

        def intercept_response(self, context: InterceptorContext, response: Response) -> Response:
            assert context.call_id == context.data[Counting]
            return response

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Counting()]) as client:
            for _ in range(2):
                assert 200 == (client.get(server.url)).status


def test_streams() -> None:
    """Who streams has the stream intercepted, open; it may be read, and replaced."""
    seeing = Seeing()

    class Replacing:
        def intercept_response(
            self, context: InterceptorContext, response: ResponseStream
        ) -> object:
            if response.status == 200:
                return response
            return Response(200, Headers(), b"instead", context.request)

    app = App(PLAIN)
    with LoopbackServer(app) as server:
        with Client(policies=[Replacing(), seeing], raise_for_status=False) as client:
            with client.stream("GET", server.url) as stream:
                assert stream is seeing.responses[0]
                assert seeing.contexts[0].stream
                assert b"hello" == stream.read()
            with client.stream("GET", f"{server.url}/no") as stream:
                assert b"instead" == stream.read()
            assert b"hello" == (client.get(server.url)).content

    # The answer that was replaced was closed, and its connection was kept.
    assert {1} == {request.connection for request in app.requests}


def test_an_answer_of_ones_own_class() -> None:
    """A call that is loaded may be answered with a stream that an interceptor made."""

    class Making:
        def intercept_response(self, context: InterceptorContext, response: Response) -> object:
            return ResponseStream.of_bytes(context.request, 201, content=b"made")

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Seeing(), Making()]) as client:
            response = client.get(server.url)

    assert (201, b"made") == (response.status, response.content)


def test_a_context_without_a_request() -> None:
    """What is handed on has to be a Request."""

    class Slip:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            return context.with_request("http://example.com")  # type: ignore[arg-type]

    with Client(policies=[Slip()]) as client:
        with pytest.raises(InterceptorError) as raised:
            client.get("http://example.com")

    assert "whose request is of type str" in str(raised.value.__cause__)


def test_a_body_may_be_replaced() -> None:
    """The body of the context's request is what is sent."""

    class Shouting:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            assert context.request.body is not None
            content = context.request.body.content
            return context.with_request(context.request.with_(body=BytesBody(content.upper())))

    app = App(PLAIN)
    with LoopbackServer(app) as server:
        with Client(policies=[Shouting()]) as client:
            client.post(server.url, content=b"hello")

    assert b"HELLO" == app.requests[0].body


def test_methods_that_hide_what_they_are() -> None:
    """A partial or a method of a class in C is called all the same."""

    class Odd:
        def __init__(self) -> None:
            def keep(more: object, context: InterceptorContext) -> InterceptorContext:
                return context

            self.intercept_request = functools.partial(keep, None)
            self.intercept_response = max

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Odd()]) as client:
            with pytest.raises(InterceptorError, match=r"Odd\.intercept_response"):
                client.get(server.url)


def test_no_interceptor() -> None:
    """A class, a slip in a name, a policy that is both, and arguments that do not fit."""

    class Typo:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            return context

        def intercept_reponse(self, context: InterceptorContext, response: object) -> object:
            return response

    class Both(Seeing):
        def __call__(self, request, call):
            yield request

    class Short:
        def intercept_response(self, response: object) -> object:
            return response

    class Flow:
        def intercept_request(self, context: InterceptorContext):
            yield context

    class Constant:
        intercept_error = "no"

    refused = [
        (Seeing, "is a class; give an instance"),
        (Typo(), r"has intercept_reponse\(\), which nothing calls"),
        (Both(), "make two objects of it"),
        (Short(), r"takes 1 arguments; write `def intercept_response\(self, context, response\)`"),
        (Flow(), "is a generator"),
        (Constant(), "intercept_error cannot be called"),
    ]
    for policy, words in refused:
        with pytest.raises(InvalidOptionError, match=words):
            Client(policies=[policy])  # type: ignore[list-item]


def test_an_answer_that_cannot_be_loaded() -> None:
    """A body that breaks off is an error of the call, not of the interceptor."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"
    seeing = Seeing()

    def handle(connection) -> None:
        receive(connection)
        connection.sendall(cut)

    with LoopbackServer(handle) as server:
        with Client(policies=[seeing], retry=None) as client:
            with pytest.raises((ReadError, RemoteProtocolError)) as raised:
                client.get(server.url)

    assert [raised.value] == seeing.errors
    assert [] == seeing.responses


def test_the_order_with_other_policies() -> None:
    """They stand outside of the step that raises for statuses, inside of log and trace."""
    with Client(policies=[Seeing()]) as client:
        kinds = [step.kind for step in client.pipeline]

    assert ["interceptors", "status_errors"] == kinds[:2]


def test_calls_that_never_reach_a_server() -> None:
    """An error before anything was sent is seen as any other."""
    seeing = Seeing()
    with Client(policies=[seeing], retry=None) as client:
        with pytest.raises(ConnectError):
            client.get("http://127.0.0.1:9/")
        with LoopbackServer(App({"/": answer(503)})) as server, pytest.raises(StatusError):
            client.get(server.url)

    assert ["connect_error", "service_unavailable"] == [
        error.code
        for error in seeing.errors  # type: ignore[attr-defined]
    ]
