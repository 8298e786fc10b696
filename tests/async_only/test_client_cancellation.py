"""Native cancellation passes through a client untouched, and leaves nothing open."""

from __future__ import annotations

import socket
from collections.abc import Callable

import anyio
import pytest

from antiphon import (
    AsyncClient,
    AsyncNext,
    AsyncResponseStream,
    CallContext,
    Limits,
    Request,
    Retry,
)
from tests.app import App, answer, receive
from tests.loopback import LoopbackServer
from tests.servers import until_closed

PARTS = {
    "head": b"",
    "rest of the head": b"HTTP/1.1 200 OK\r\nContent-",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
}


def stalling(part: bytes, reached: Callable[[], object]) -> Callable[[socket.socket], None]:
    """Answer with a part of a response, and say no more."""

    def serve(connection: socket.socket) -> None:
        if receive(connection) is not None:
            connection.sendall(part)
            reached()
            until_closed(connection)

    return serve


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition()` is true, at most ten seconds."""
    with anyio.fail_after(10):
        while not condition():
            await anyio.sleep(0.001)


@pytest.mark.parametrize("part", PARTS)
async def test_cancelled_while_waiting(part: str) -> None:
    """A call that waits for its answer ends at once; its connection is closed, its place free."""
    reached: list[int] = []
    calm = App({"/": answer(200, "next")})
    with (
        LoopbackServer(stalling(PARTS[part], lambda: reached.append(1))) as server,
        LoopbackServer(calm) as other,
    ):
        async with AsyncClient(limits=Limits(max_connections=1)) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.get, server.url)
                await until(lambda: reached)
                tasks.cancel_scope.cancel()
            assert "next" == (await client.get(other.url)).text


async def test_cancelled_inside_of_a_stream() -> None:
    """Cancellation in the block of a stream closes the stream."""
    reached: list[int] = []
    seen: list[AsyncResponseStream] = []
    with LoopbackServer(stalling(PARTS["body"], lambda: reached.append(1))) as server:
        async with AsyncClient(limits=Limits(max_connections=1)) as client:

            async def read() -> None:
                async with client.stream("GET", server.url) as stream:
                    seen.append(stream)
                    async for _ in stream.iter_bytes():
                        pass

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                await until(lambda: seen and reached)
                tasks.cancel_scope.cancel()

    assert "closed" in repr(seen[0])


async def test_cancelled_between_attempts() -> None:
    """A cancelled wait for the next attempt makes no further attempt."""
    app = App({"/": answer(503, "", {"Retry-After": "20"})})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, server.url)
            await until(lambda: app.requests)
            tasks.cancel_scope.cancel()

    assert 1 == len(app.requests)


async def test_cancelled_in_a_policy() -> None:
    """An answer that a policy holds when it is cancelled is closed."""
    held: list[AsyncResponseStream] = []

    class Holding:
        stage = "wire"

        async def __call__(
            self, request: Request, call: CallContext, next: AsyncNext
        ) -> AsyncResponseStream:
            held.append(await next(request))
            await anyio.sleep_forever()
            return held[0]

    app = App({"/": answer(200, b"x" * 1_000_000)})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(policies=[Holding()], retry=Retry()) as client,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(client.get, server.url)
            await until(lambda: held)
            tasks.cancel_scope.cancel()

    assert "closed" in repr(held[0])


async def test_a_deadline_of_the_loop() -> None:
    """`anyio.fail_after` around a call raises its own TimeoutError, not one of ours."""
    with LoopbackServer(stalling(b"", lambda: None)) as server:
        async with AsyncClient() as client:
            with pytest.raises(TimeoutError) as caught, anyio.fail_after(0.05):
                await client.get(server.url)

    assert TimeoutError is type(caught.value)
