"""Interceptors with `async def`: waited for in the async voice, refused in the sync one."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from antiphon import AsyncClient, Client
from antiphon.errors import InterceptorError, InvalidOptionError, WrongFlavourError
from antiphon.models.headers import Headers
from antiphon.models.response import Response
from antiphon.policies.interceptors import InterceptorContext
from tests.app import App, answer
from tests.loopback import LoopbackServer

PLAIN = {"/": answer(200, "hello"), "/no": answer(404, "nothing")}


class Waiting:
    """Waits in each of its methods."""

    async def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        await anyio.lowlevel.checkpoint()
        return context.with_request(context.request.with_header("X-Waited", "yes"))

    async def intercept_response(self, context: InterceptorContext, response: Response) -> Response:
        await anyio.lowlevel.checkpoint()
        return response

    async def intercept_error(self, context: InterceptorContext, error: Exception) -> Response:
        await anyio.lowlevel.checkpoint()
        return Response(200, Headers(), b"instead", context.request)


class Mixed:
    """One method of each kind."""

    def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
        return context

    async def intercept_response(self, context: InterceptorContext, response: Response) -> Response:
        return response


async def test_methods_may_be_async() -> None:
    """Each of the three is waited for, and kinds may be mixed."""
    app = App(PLAIN)
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Waiting(), Mixed()]) as client:
            assert "hello" == (await client.get(server.url)).text
            assert "instead" == (await client.get(f"{server.url}/no")).text

    assert "yes" == app.requests[0].headers["x-waited"]


def test_async_methods_are_refused_by_a_sync_client() -> None:
    """A Client says so when it is made; async generators are refused by both."""
    with pytest.raises(WrongFlavourError, match="intercept_request is an async function"):
        Client(policies=[Waiting()])
    with pytest.raises(WrongFlavourError, match="intercept_response is an async function"):
        Client(policies=[Mixed()])

    class Generator:
        async def intercept_request(self, context: InterceptorContext):
            yield context

    with pytest.raises(InvalidOptionError, match="is a generator"):
        AsyncClient(policies=[Generator()])  # type: ignore[list-item]


def test_a_hidden_async_function_in_a_sync_client() -> None:
    """What comes back shows what it was; it is not left unawaited."""

    class Hidden:
        def intercept_request(self, context: InterceptorContext):
            return Waiting().intercept_request(context)

    class Future:
        def intercept_request(self, context: InterceptorContext):
            class Awaitable:
                def __await__(self):
                    yield

            return Awaitable()

    for policy in (Hidden(), Future()):
        with Client(policies=[policy]) as client, pytest.raises(InterceptorError) as raised:
            client.get("http://example.com")
        assert isinstance(raised.value.__cause__, WrongFlavourError)


def test_a_body_of_the_other_voice() -> None:
    """A Client cannot send the async body that an interceptor puts into its request."""
    from antiphon.models.iterable_body import AsyncIterableBody

    async def pieces():
        yield b"hello"

    class Async:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            body = AsyncIterableBody(pieces())
            return context.with_request(context.request.with_(body=body))

    class Sync:
        def intercept_request(self, context: InterceptorContext) -> InterceptorContext:
            return context

    with LoopbackServer(App(PLAIN)) as server:
        with Client(policies=[Async()]) as client, pytest.raises(InterceptorError) as raised:
            client.post(server.url)
        with Client(policies=[Sync()]) as client:
            assert 200 == client.post(server.url, content=b"hello").status
    assert isinstance(raised.value.__cause__, WrongFlavourError)


@pytest.mark.parametrize("method", ["intercept_request", "intercept_response", "intercept_error"])
@pytest.mark.parametrize("streaming", [False, True])
async def test_native_cancellation_passes(method: str, streaming: bool) -> None:
    """A task that is cancelled inside an interceptor ends as cancelled, and leaks nothing."""

    class Endless:
        def __init__(self) -> None:
            setattr(self, method, self.wait)

        async def wait(self, *_: object) -> None:
            scope.cancel()
            await anyio.sleep_forever()

    path = "/no" if method == "intercept_error" else "/"
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Endless()]) as client:
            with anyio.CancelScope() as scope:
                if streaming:
                    async with client.stream("GET", server.url + path):
                        pass
                else:
                    await client.get(server.url + path)

    assert scope.cancelled_caught
