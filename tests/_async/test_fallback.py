# Source of _sync/test_fallback.py; after editing run: tox -e codegen
"""Another answer for calls that fail."""

from __future__ import annotations

import pickle

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    AntiphonError,
    ConnectError,
    InvalidURLError,
    NotFoundError,
    RequestCancelled,
    ServiceUnavailableError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.request import Request
from antiphon.policies.fallback import Fallback
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer

EMPTY = Fallback(b"[]", headers={"Content-Type": "application/json"})
SOON = Retry(2, base_delay=0)


async def test_an_answer_for_a_call_that_failed() -> None:
    """Once all attempts have failed the caller gets the other answer, and can see that it is one."""
    app = App({"/": answer(503, "down")})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[EMPTY], retry=SOON) as client:
            response = await client.get(server.url)

    assert (200, [], server.url + "/") == (response.status, response.json(), str(response.url))
    assert isinstance(response.fallback, ServiceUnavailableError)
    assert b"down" == response.fallback.response.content
    assert [503, 503] == [attempt.status for attempt in response.attempts]


async def test_an_answer_of_the_server() -> None:
    """What the server answers is left alone, an error that is not named as well."""
    app = App({"/": Sequence(answer(200, "real"), answer(404))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[EMPTY]) as client:
            response = await client.get(server.url)
            with pytest.raises(NotFoundError):
                await client.get(server.url)

    assert ("real", None) == (response.text, response.fallback)


async def test_nobody_there() -> None:
    """An error on the way is answered too; streams are, like loaded answers."""
    with LoopbackServer(App({})) as server:
        url = server.url
    async with AsyncClient(policies=[EMPTY], retry=None) as client:
        response = await client.get(url)
        async with client.stream("GET", url) as stream:
            assert isinstance(stream.fallback, ConnectError)
            assert b"[]" == await stream.read()

    assert isinstance(response.fallback, ConnectError)
    assert 1 == len(response.attempts)


async def test_a_function_makes_the_answer() -> None:
    """It may go by the error and the request, or leave the error alone."""

    def make(error: AntiphonError, request: Request) -> str | None:
        return f"{error.status} {request.url.path}" if request.url.path == "/a" else None

    app = App({"/a": answer(503), "/b": answer(503)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Fallback(make, status=203)], retry=None) as client:
            response = await client.get(f"{server.url}/a")
            with pytest.raises(ServiceUnavailableError):
                await client.get(f"{server.url}/b")

    assert (203, "503 /a") == (response.status, response.text)


async def test_the_answer_of_another_call() -> None:
    """A response that was kept from an earlier call can stand in."""
    app = App({"/": Sequence(answer(200, "kept", {"ETag": '"1"'}), answer(500))})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            kept = await client.get(server.url)
        async with AsyncClient(policies=[Fallback(kept)], retry=None) as client:
            response = await client.get(server.url)

    assert ("kept", '"1"', "Reason") == (response.text, response.headers["etag"], response.reason)
    assert (None, 500) == (kept.fallback, response.fallback.status)


async def test_a_function_that_fails() -> None:
    """Its error is the call's, and what it should have answered is its context."""

    def fail(error: AntiphonError, request: Request) -> bytes:
        raise ZeroDivisionError

    app = App({"/": answer(503)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Fallback(fail)], retry=None) as client:
            with pytest.raises(ZeroDivisionError) as caught:
                await client.get(server.url)

    assert isinstance(caught.value.__context__, ServiceUnavailableError)


async def test_what_is_never_answered() -> None:
    """Neither what the caller cancelled, nor what the caller got wrong."""
    token = CancelToken()
    token.cancel("user left")
    everything = Fallback(b"", on=AntiphonError)
    app = App({"/": redirect("http://user:pass@[bad/")})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[everything]) as client:
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)
            with pytest.raises(InvalidURLError):
                await client.get("ftp://example.com/")
            response = await client.get(server.url)

    assert response.fallback is not None


async def test_a_status_that_is_not_raised() -> None:
    """Who wants to see every status sees it: a fallback stands in for errors."""
    app = App({"/": answer(503)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[EMPTY], retry=None) as client:
            response = await client.get(server.url, raise_for_status=False)

    assert (503, None) == (response.status, response.fallback)


async def test_several() -> None:
    """The first in the list is the outermost, and answers what the inner ones leave."""
    inner = Fallback(b"inner", on=ServiceUnavailableError)
    outer = Fallback(b"outer")
    app = App({"/": Sequence(answer(503), answer(500))})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[outer, inner], retry=None) as client:
            texts = [(await client.get(server.url)).text for _ in range(2)]

    assert ["inner", "outer"] == texts


async def test_the_mark_survives() -> None:
    """It is part of the pickle."""
    app = App({"/": answer(503)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[EMPTY], retry=None) as client:
            response = await client.get(server.url)

    assert 503 == pickle.loads(pickle.dumps(response)).fallback.status
