"""The cache in an event loop: stores that block, cancellation, and a cache for both voices."""

from __future__ import annotations

import logging
import threading

import anyio
import pytest

from antiphon import AsyncClient, Cache, Client, MemoryStore
from antiphon.errors import DeadlineExceeded, RequestCancelled
from antiphon.models.cancel import CancelToken
from antiphon.models.stored_response import StoredResponse
from antiphon.models.timeout import Timeout
from tests.anyio_group import AsyncGroup, until
from tests.app import App, answer
from tests.loopback import LoopbackServer

HOUR = {"Cache-Control": "max-age=3600"}


class Slow(MemoryStore):
    """A store on a disk that hangs in one method until it is let go."""

    blocking = True

    def __init__(self, hanging: str) -> None:
        super().__init__()
        self.hanging = hanging
        self.reached = threading.Event()
        self.go = threading.Event()
        self.threads: set[int] = set()

    def get(self, key: str) -> list[StoredResponse]:
        self._hang("get")
        return super().get(key)

    def put(self, key: str, stored: StoredResponse) -> None:
        self._hang("put")
        super().put(key, stored)

    def _hang(self, name: str) -> None:
        self.threads.add(threading.get_ident())
        if name == self.hanging:
            self.reached.set()
            self.go.wait(10)


async def test_a_store_that_blocks_holds_up_nobody_else() -> None:
    """Its calls run in threads of their own: the loop goes on meanwhile."""
    store = Slow("get")
    with LoopbackServer(App({"/": answer(200, "x", HOUR)})) as server:
        async with AsyncClient(policies=[Cache(store)]) as client, AsyncGroup() as group:
            call = group.start(client.get, server.url)
            await until(store.reached.is_set)
            store.hanging = ""
            async with AsyncClient() as other:
                assert "x" == (await other.get(server.url)).text
            assert not call.done
            store.go.set()

    assert threading.get_ident() not in store.threads
    assert call.result.cache.stored


async def test_the_deadline_ends_the_wait_for_a_store() -> None:
    """A read that hangs ends at the deadline of the call."""
    store = Slow("get")
    with LoopbackServer(App({"/": answer(200, "x", HOUR)})) as server:
        async with AsyncClient(policies=[Cache(store)]) as client:
            with pytest.raises(
                DeadlineExceeded, match=r"while waiting for the cache store \(get\)"
            ):
                await client.get(server.url, timeout=Timeout(total=0.05))
    store.go.set()


async def test_an_answer_is_not_withheld_by_a_store() -> None:
    """A write that hangs beyond the deadline is left to itself: the answer is there."""
    store = Slow("put")
    with LoopbackServer(App({"/": answer(200, "x", HOUR)})) as server:
        async with AsyncClient(policies=[Cache(store)]) as client:
            response = await client.get(server.url, timeout=Timeout(total=0.3))
            assert ("x", False) == (response.text, response.cache.stored)
            store.go.set()
            await until(lambda: len(store) == 1)


@pytest.mark.parametrize("hanging", ["get", "put"])
@pytest.mark.parametrize("reason", ["", "user left"])
async def test_a_token_ends_the_wait_for_a_store(hanging: str, reason: str) -> None:
    """A cancelled call waits for no store."""
    store = Slow(hanging)
    token = CancelToken()
    with LoopbackServer(App({"/": answer(200, "x", HOUR)})) as server:
        async with AsyncClient(policies=[Cache(store)]) as client, AsyncGroup() as group:

            async def ask() -> None:
                await client.get(server.url, cancel=token)

            call = group.start(ask)
            await until(store.reached.is_set)
            token.cancel(reason)

    store.go.set()
    assert isinstance(call.error, RequestCancelled)
    assert str(call.error).endswith(reason or "/")


async def test_native_cancellation_passes() -> None:
    """A cancel scope ends a call that waits for a store, and one that only has hits."""
    store = Slow("get")
    with LoopbackServer(App({"/": answer(200, "x", HOUR)})) as server:
        async with AsyncClient(policies=[Cache(store)]) as client:
            with anyio.move_on_after(0.02) as scope:
                await client.get(server.url)
            assert scope.cancelled_caught
        store.go.set()
        async with AsyncClient(policies=[Cache()]) as client:
            await client.get(server.url)
            with anyio.move_on_after(0.02) as scope:
                while True:
                    await client.get(server.url)
            assert scope.cancelled_caught


async def test_one_cache_for_both_voices() -> None:
    """What one voice stored answers the other, at once and from several threads."""
    cache = Cache()
    app = App({"/": answer(200, "x", HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            await client.get(server.url)

            def in_thread() -> str:
                with Client(policies=[cache]) as other:
                    return other.get(server.url).cache.status

            found = [await anyio.to_thread.run_sync(in_thread) for _ in range(3)]
            assert "hit" == (await client.get(server.url)).cache.status

    assert ["hit"] * 3 == found
    assert 1 == len(app.requests)


async def test_a_client_that_closes_ends_its_revalidations(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is revalidated when the client closes ends with an error, and nothing is left."""
    fields = {"Cache-Control": "max-age=0, stale-while-revalidate=60"}
    release = threading.Event()
    app = App({"/": answer(200, "old", fields)})
    cache = Cache()
    with LoopbackServer(app) as server, caplog.at_level(logging.WARNING, "antiphon.cache"):
        async with AsyncClient(policies=[cache], retry=None) as client:
            await client.get(server.url)
            app.routes["/"] = lambda request: (release.wait(10), answer(200, "new", HOUR))[1]
            assert "stale" == (await client.get(server.url)).cache.status
            await until(lambda: len(app.requests) == 2)
        await until(lambda: not cache._revalidating)
        release.set()

    (record,) = caplog.records
    assert "revalidation in the background failed" in record.getMessage()
