# GENERATED from _async/test_flow_policies.py by tools/unasync.py. Do not edit.
"""Flows: policies and auths that are generators, written once for both voices."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from antiphon._sync.client import Client
from antiphon._sync.stream import ResponseStream
from antiphon.errors import ConnectError, UsageError
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.call_context import CallContext
from tests._sync.memory_transport import Answering

URL = "http://example.com/"


class AddsHeader:
    """A policy of neither voice."""

    stage = "redirect"

    def __call__(
        self, request: Request, call: CallContext
    ) -> Generator[Request, ResponseStream, None]:
        response = yield request.with_header("X-Flow", "1")
        call.data[AddsHeader] = response.status


def test_a_generator_serves_both_voices() -> None:
    """A flow yields requests and is given their answers; the last one is the call's."""
    transport = Answering()
    with Client(transport=transport, policies=[AddsHeader()]) as client:
        response = client.get(URL)

    assert ("1", 200) == (transport.requests[0].headers["x-flow"], response.status)


def test_a_flow_may_ask_again() -> None:
    """A flow that yields again is given another answer; the one before is closed."""

    def until_found(
        request: Request, call: CallContext
    ) -> Generator[Request, ResponseStream, None]:
        response = yield request
        while response.status == 404:
            response = yield request

    until_found.stage = "wire"
    transport = Answering(404, 404, 200)
    with Client(transport=transport, policies=[until_found]) as client:
        stream = client.get(URL)

    assert 200 == stream.status
    assert ["closed", "closed"] == [repr(old)[-7:-1] for old in transport.streams[:2]]


def test_a_flow_sees_errors() -> None:
    """An error of a request is raised at the `yield`, and may be answered with another request."""

    class Unlucky(Answering):
        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            if not self.requests:
                self.requests.append(request)
                raise OSError("cable cut")
            return super().execute(request, options)

    def again(request: Request, call: CallContext) -> Generator[Request, ResponseStream, None]:
        try:
            yield request
        except OSError:
            yield request

    with Client(transport=Unlucky(), policies=[again]) as client:
        assert 200 == (client.get(URL)).status
    with Client(transport=Unlucky()) as client:
        with pytest.raises(OSError, match="cable cut"):
            client.get(URL)


def test_a_flow_that_fails() -> None:
    """The answer that a flow holds when it raises is closed."""

    def failing(
        request: Request, call: CallContext
    ) -> Generator[Request, ResponseStream, None]:
        yield request
        raise KeyError("mine")

    failing.stage = "wire"
    transport = Answering()
    with Client(transport=transport, policies=[failing]) as client:
        with pytest.raises(KeyError):
            client.get(URL)

    assert "closed" in repr(transport.streams[0])


def test_a_flow_that_asks_nothing() -> None:
    """A flow has to yield a request."""

    def silent(
        request: Request, call: CallContext
    ) -> Generator[Request, ResponseStream, None]:
        if call is None:
            yield request

    with Client(transport=Answering(), policies=[silent]) as client:
        with pytest.raises(UsageError, match="without an answer"):
            client.get(URL)


class Challenged:
    """An auth that answers a challenge, as Digest does."""

    def auth_flow(self, request: Request) -> Generator[Request, ResponseStream, None]:
        response = yield request
        if response.status == 401:
            yield request.with_header("Authorization", response.headers["www-authenticate"])


def test_an_auth_of_ones_own() -> None:
    """An auth may look at the answer and ask again; each hop starts it anew."""
    transport = Answering(401, 200, headers=Headers({"WWW-Authenticate": "Nonce 5"}))
    with Client(transport=transport, auth=Challenged()) as client:
        response = client.get(URL)

    assert 200 == response.status
    assert [None, "Nonce 5"] == [r.headers.get("authorization") for r in transport.requests]


def test_an_error_goes_through_a_flow() -> None:
    """A flow that does not care for errors lets them pass."""

    class Refusing(Answering):
        def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> ResponseStream:
            raise ConnectError("refused")

    with Client(transport=Refusing(), policies=[AddsHeader()], retry=None) as client:
        with pytest.raises(ConnectError, match="^refused$"):
            client.get(URL)
