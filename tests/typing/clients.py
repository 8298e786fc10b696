"""What type checkers must make of the clients. Checked by mypy and pyright; never run."""

from __future__ import annotations

from typing import Any, assert_type

from antiphon import (
    URL,
    AsyncClient,
    AsyncEventSource,
    AsyncNext,
    AsyncPolicy,
    AsyncResponseStream,
    AsyncTransport,
    CallContext,
    Client,
    ClientConfig,
    CookieJar,
    EventSource,
    Next,
    Policy,
    Reconnect,
    Request,
    Response,
    ResponseStream,
    Retry,
    ServerSentEvent,
    Timeout,
    Transport,
)


def call(client: Client) -> None:
    """Every verb returns a Response, and options are checked by name and type."""
    with client as entered:
        assert_type(entered, Client)
    assert_type(client.get("/a", params={"b": 1}, headers={"Accept": None}), Response)
    assert_type(client.post("/a", json={"b": [1, None]}, timeout=3), Response)
    assert_type(client.put("/a", content=b"b", retry=None), Response)
    assert_type(client.request("BREW", "/pot", data={"a": "b"}), Response)
    assert_type(client.send(client.build_request("GET", "/a")), Response)
    assert_type(client.with_options(timeout=Timeout(total=5)), Client)
    assert_type(client.cookies, CookieJar)
    client.get("/a", timeout="3")  # type: ignore[arg-type]
    client.get("/a", verify=False)  # type: ignore[call-arg]


def stream(client: Client) -> None:
    """A stream is entered, read in pieces, and known by its type."""
    with client.stream("GET", "/a") as answer:
        assert_type(answer, ResponseStream)
        assert_type(answer.read(), bytes)
        for piece in answer.iter_bytes():
            assert_type(piece, bytes)
        for line in answer.iter_lines():
            assert_type(line, str)
        for event in answer.events():
            assert_type(event, ServerSentEvent)
        for value in answer.json_lines():
            assert_type(value, Any)
    with client.sse("/a", reconnect=Reconnect(delay=1), params={"b": 1}) as source:
        assert_type(source, EventSource)
        assert_type(source.last_event_id, str)
        for event in source:
            assert_type(event, ServerSentEvent)
    client.sse("/a", idle_timeout="3")  # type: ignore[arg-type]


async def call_async(client: AsyncClient) -> None:
    """The same answers in the other voice."""
    async with client as entered:
        assert_type(entered, AsyncClient)
    assert_type(await client.get("/a", params={"b": 1}), Response)
    assert_type(await client.send(Request("GET", URL("https://example.com/"))), Response)
    assert_type(client.with_options(retry=Retry(max_attempts=1)), AsyncClient)
    async with client.stream("GET", "/a") as answer:
        assert_type(answer, AsyncResponseStream)
        assert_type(await answer.read(), bytes)
        async for piece in answer.iter_bytes():
            assert_type(piece, bytes)
    async with client.sse("/a", reconnect=None) as source:
        assert_type(source, AsyncEventSource)
        async for event in source:
            assert_type(event, ServerSentEvent)


class Marked:
    """A policy for plain scripts."""

    stage = "attempt"

    def __call__(self, request: Request, call: CallContext, next: Next) -> ResponseStream:
        return next(request.with_(headers=request.headers.with_("X-Mark", "1")))


class AsyncMarked:
    """The same policy for event loops."""

    stage = "attempt"

    async def __call__(
        self, request: Request, call: CallContext, next: AsyncNext
    ) -> AsyncResponseStream:
        return await next(request)


def build(config: ClientConfig, transport: Transport, other: AsyncTransport) -> None:
    """Settings, policies and transports of the right voice are accepted, others are not."""
    policy: Policy = Marked()
    async_policy: AsyncPolicy = AsyncMarked()
    Client("https://example.com", policies=[policy], transport=transport, retry=Retry(), timeout=5)
    AsyncClient("https://example.com", policies=[async_policy], transport=other)
    assert_type(Client.from_config(config), Client)
    assert_type(AsyncClient.from_env(prefix="MYAPI_"), AsyncClient)
    Client(transport=other)  # type: ignore[arg-type]
    policy = AsyncMarked()  # type: ignore[assignment]
