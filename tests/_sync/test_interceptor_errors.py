# GENERATED from _async/test_interceptor_errors.py by tools/unasync.py. Do not edit.
"""Interceptors and errors: those of calls that they see, and those of their own."""

from __future__ import annotations

import pytest

from antiphon._sync.client import Client
from antiphon.errors import (
    AntiphonError,
    InterceptorError,
    NotFoundError,
)
from antiphon.models.headers import Headers
from antiphon.models.json_codec import JSON
from antiphon.models.request import Request
from antiphon.models.response import Response
from antiphon.policies.interceptors import InterceptorContext
from tests.app import App, answer, redirect
from tests.loopback import LoopbackServer

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing"), "/old": redirect("/")}


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


def test_an_error_may_become_a_response() -> None:
    """`intercept_error` answers instead; a 4xx, a lost connection, and what an inner one raised."""

    class Calm:
        def intercept_error(self, context: InterceptorContext, error: AntiphonError) -> Response:
            return Response(200, Headers(), error.code.encode(), context.request)

    class Failing:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            raise KeyError("missing")

    with LoopbackServer(App({**PLAIN, "/lost": b""})) as server:
        with Client(policies=[Calm()], retry=None) as client:
            assert "not_found" == (client.get(f"{server.url}/no")).text
            assert "remote_protocol_error" == (client.get(f"{server.url}/lost")).text
            with client.stream("GET", f"{server.url}/no") as stream:
                assert b"not_found" == stream.read()
        with Client(policies=[Calm(), Failing()]) as client:
            assert "interceptor" == (client.get(server.url)).text


def test_an_error_may_become_another() -> None:
    """What `intercept_error` returns is raised, caused by the error that it stands for."""

    class Ours(Exception):
        pass

    class Translating:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def intercept_error(self, context: InterceptorContext, error: Exception) -> Exception:
            return self.error

    caused = Ours()
    caused.__cause__ = KeyError()
    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Translating(Ours("no"))]) as client:
            with pytest.raises(Ours) as raised:
                client.get(f"{server.url}/no")
        with Client(policies=[Translating(caused)]) as client:
            with pytest.raises(Ours) as kept:
                client.get(f"{server.url}/no")

    assert isinstance(raised.value.__cause__, NotFoundError)
    assert isinstance(kept.value.__cause__, KeyError)


def test_an_error_may_stay_as_it_is() -> None:
    """None leaves it, and so does raising it again; its traceback and cause are untouched."""

    class Raising:
        def intercept_error(self, context: InterceptorContext, error: Exception) -> None:
            raise error

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Seeing(), Raising()]) as client:
            with pytest.raises(NotFoundError) as raised:
                client.get(f"{server.url}/no")

    assert raised.value.__cause__ is None


class Broken:
    """Fails in the method that it is told to fail in."""

    def __init__(self, where: str) -> None:
        self.where = where

    def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        return self.passed("request", context)

    def intercept_response(self, context: InterceptorContext, response: object) -> object:
        return self.passed("response", response)

    def intercept_error(self, context: InterceptorContext, error: Exception) -> Exception:
        return self.passed("error", error)

    def passed(self, where: str, value):
        if where == self.where:
            raise KeyError("a secret")
        return value


@pytest.mark.parametrize(("where", "path"), [("request", "/"), ("response", "/"), ("error", "/no")])
@pytest.mark.parametrize("streaming", [False, True])
def test_a_failure_inside(where: str, path: str, streaming: bool) -> None:
    """It becomes an InterceptorError that names method and call, with its cause; nothing leaks."""
    app = App(PLAIN)
    with LoopbackServer(app) as server:
        with Client(policies=[Broken(where)]) as client:
            with pytest.raises(InterceptorError) as raised:
                if streaming:
                    with client.stream("GET", server.url + path):
                        pass
                else:
                    client.get(server.url + path)

    error = raised.value
    assert isinstance(error.__cause__, KeyError)
    assert f"Broken.intercept_{where} failed with KeyError" in str(error)
    assert "secret" not in str(error)
    assert error.request is not None
    assert (where == "request") == (path not in [request.path for request in app.requests])
    assert (where != "request") == bool(error.attempts)
    assert (200 if where == "response" else None) == error.status


@pytest.mark.parametrize(
    ("method", "returned", "words"),
    [
        ("intercept_request", None, "it returned NoneType; return the context"),
        ("intercept_request", Request, "it returned type"),
        ("intercept_response", None, "it returned NoneType; return the response"),
        ("intercept_error", 7, "it returned int; return the response"),
    ],
)
def test_what_may_not_be_returned(method: str, returned: object, words: str) -> None:
    """Nothing, where a value is wanted, is a slip that would lose a change in silence."""

    class Slip:
        def __init__(self) -> None:
            self.__dict__[method] = lambda *_: returned

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Slip()]) as client:
            with pytest.raises(InterceptorError) as raised:
                client.get(f"{server.url}/{'no' if method == 'intercept_error' else ''}")

    assert words in str(raised.value.__cause__)
