# Source of _sync/test_bulkhead.py; after editing run: tox -e codegen
"""Bulkheads as a step of the pipeline: who runs, who waits, who is refused, and what is held."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.ending_source import AsyncEndingSource
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    BulkheadFullError,
    DeadlineExceeded,
    RequestCancelled,
    TransportError,
    UsageError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.models.url import URL
from antiphon.network.anyio_parker import sleep
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.testing import FakeClock, FaultServer, faults
from tests._async.memory_transport import Answering
from tests.anyio_group import AsyncGroup, until
from tests.app import App, answer
from tests.loopback import LoopbackServer

HELLO = answer(200, "hello")


async def test_one_waits_until_the_other_is_done() -> None:
    """A call that finds no place waits, and goes as soon as one is free."""
    bulkhead = Bulkhead(1)
    app = App({"/": HELLO})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(policies=[bulkhead]) as client,
            client.stream("GET", server.url) as stream,
            AsyncGroup() as group,
        ):
            waiting = group.start(client.get, server.url)
            await until(lambda: bulkhead.waiting(server.url))
            assert (1, 1) == (bulkhead.running(server.url), len(app.requests))
            await stream.read()
    assert 200 == waiting.result.status  # type: ignore[attr-defined]
    assert (0, 0) == (bulkhead.running(server.url), bulkhead.waiting(server.url))


async def test_waiting_has_an_end() -> None:
    """After queue_timeout the call is refused, and nothing of it was sent."""
    bulkhead = Bulkhead(1, queue_timeout=2)
    app = App({"/": HELLO})
    with LoopbackServer(app) as server, FakeClock() as clock:
        async with (
            AsyncClient(policies=[bulkhead], timeout=Timeout(total=100)) as client,
            client.stream("GET", server.url),
            AsyncGroup() as group,
        ):
            call = group.start(client.get, server.url)
            await until(lambda: clock.waiting and bulkhead.waiting(server.url))
            clock.advance(2)
    assert isinstance(call.error, BulkheadFullError)
    assert 1 == len(app.requests)
    assert 0 == bulkhead.waiting(server.url)


async def test_a_full_queue() -> None:
    """With no room in the queue a call is refused at once."""
    bulkhead = Bulkhead(1, max_queue=0)
    with LoopbackServer(App({"/": HELLO})) as server:
        async with AsyncClient(policies=[bulkhead]) as client, client.stream("GET", server.url):
            with pytest.raises(BulkheadFullError, match="queue of 0"):
                await client.get(server.url)


@pytest.mark.parametrize("queue_timeout", [None, 60.0])
async def test_the_deadline_holds_in_the_queue(queue_timeout: float | None) -> None:
    """A call whose total time runs out in the queue ends there, unsent; no breaker minds."""
    bulkhead = Bulkhead(1, queue_timeout=queue_timeout)
    breaker = CircuitBreaker(1)
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        async with (
            AsyncClient(policies=[bulkhead, breaker]) as client,
            client.stream("GET", server.url),
            AsyncGroup() as group,
        ):
            call = group.start(lambda: client.get(server.url, timeout=Timeout(total=5)))
            await until(lambda: clock.waiting and bulkhead.waiting(server.url))
            clock.advance(5)
    assert isinstance(call.error, DeadlineExceeded)
    assert "no" == call.error.sent
    assert "closed" == breaker.state(server.url)


async def test_a_cancelled_call_leaves_the_queue() -> None:
    """A token ends the wait, and says why."""
    bulkhead = Bulkhead(1, queue_timeout=None)
    token = CancelToken()
    with LoopbackServer(App({"/": HELLO})) as server:
        async with (
            AsyncClient(policies=[bulkhead]) as client,
            client.stream("GET", server.url),
            AsyncGroup() as group,
        ):
            call = group.start(lambda: client.get(server.url, cancel=token))
            await until(lambda: bulkhead.waiting(server.url))
            token.cancel("no longer needed")
    assert isinstance(call.error, RequestCancelled)
    assert "no longer needed" in str(call.error)


async def test_places_of_failed_calls_are_given_back() -> None:
    """Whatever a call ends with, its place is free again."""
    bulkhead = Bulkhead(1, max_queue=0)
    with FaultServer(then=faults.RESET_AT_ONCE) as server:
        async with AsyncClient(policies=[bulkhead], retry=None) as client:
            for _ in range(3):
                with pytest.raises(TransportError):
                    await client.get(server.url)
    assert 0 == bulkhead.running(server.url.rstrip("/"))


@pytest.mark.parametrize("ending", ["read", "close", "break off", "forget"])
async def test_a_streamed_call_holds_its_place(ending: str) -> None:
    """A streamed call runs until its stream is read, closed, broken or collected."""
    bulkhead = Bulkhead(1)
    script = faults.GOOD if ending == "read" else faults.STALL_IN_BODY
    with FaultServer(then=faults.CLOSE_IN_BODY if ending == "break off" else script) as server:
        async with AsyncClient(policies=[bulkhead]) as client:
            site = server.url.rstrip("/")
            stream = await client.stream("GET", server.url).__aenter__()
            assert 1 == bulkhead.running(site)
            if ending == "read":
                async for _ in stream.iter_bytes():
                    pass
            elif ending == "close":
                await stream.aclose()
            elif ending == "forget":
                with pytest.warns(ResourceWarning, match="never closed"):
                    del stream
            else:
                with pytest.raises(TransportError):
                    await stream.read()
            assert 0 == bulkhead.running(site)


async def test_an_upgraded_connection_is_no_call_any_more() -> None:
    """After a 101 the connection is the caller's own, and the place is free."""
    bulkhead = Bulkhead(1)
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
    headers = {"Upgrade": "echo", "Connection": "upgrade"}
    with LoopbackServer(App({"/": switching})) as server:
        async with (
            AsyncClient(policies=[bulkhead]) as client,
            client.stream("GET", server.url, headers=headers) as stream,
        ):
            assert 1 == bulkhead.running(server.url)
            raw = stream.upgrade()
            assert 0 == bulkhead.running(server.url)
            await raw.aclose()


async def test_a_source_that_says_when_it_is_over() -> None:
    """Trailers come through, and what a source cannot do it still cannot."""
    trailers = Headers({"Digest": "x"})
    request = Request("GET", URL("http://site.example"))
    stream = AsyncResponseStream.of_bytes(request, 101, content=b"ab", trailers=trailers)
    over: list[bool] = []
    stream.wrap_source(lambda source: AsyncEndingSource(source, lambda: over.append(True)))
    with pytest.raises(UsageError):
        stream.upgrade()
    assert [] == over
    assert b"ab" == await stream.read()
    assert [True] == over
    assert trailers == stream.trailers


async def test_keys_of_ones_own() -> None:
    """Calls are held apart by whatever the key says."""
    bulkhead = Bulkhead(1, max_queue=0, key=lambda request: request.url.path)
    app = App({"/a": HELLO, "/b": HELLO})
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(server.url, policies=[bulkhead]) as client,
            client.stream("GET", "/a"),
        ):
            await client.get("/b")
            with pytest.raises(BulkheadFullError):
                await client.get("/a")
            assert (1, 0) == (bulkhead.running("/a"), bulkhead.running("/b"))


async def test_many_callers() -> None:
    """However many come at once, never more run than there are places, and all are served."""
    bulkhead = Bulkhead(3, queue_timeout=None)
    transport = Counting()
    async with (
        AsyncClient(transport=transport, policies=[bulkhead]) as client,
        AsyncGroup() as group,
    ):
        calls = [group.start(client.get, "http://site.example") for _ in range(40)]
    assert [None] * 40 == [call.error for call in calls]
    assert 3 == transport.most
    assert 0 == bulkhead.running("http://site.example")


class Counting(Answering):
    """Answers after a while, and knows how many it answered at once."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._inside: list[None] = []

    async def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> AsyncResponseStream:
        self._inside.append(None)
        self.most = max(self.most, len(self._inside))
        await sleep(0.002)
        self._inside.pop()
        return await super().execute(request, options)
