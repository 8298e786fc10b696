"""One value of a policy in a `Client` and an `AsyncClient` at once."""

from __future__ import annotations

import threading

import pytest

from antiphon import AsyncClient, Client
from antiphon.errors import CircuitOpenError, ClientRateLimitError, InternalServerError
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from tests.anyio_group import AsyncGroup, until
from tests.app import App, answer
from tests.loopback import LoopbackServer


async def test_one_queue_for_threads_and_tasks() -> None:
    """Callers of both voices wait in one line, and are served in the order in which they came."""
    bulkhead = Bulkhead(1, queue_timeout=None)
    app = App({"/": answer(200, "hello")})
    with LoopbackServer(app) as server:
        url = server.url
        with Client(policies=[bulkhead]) as client:
            async with AsyncClient(policies=[bulkhead]) as async_client:

                def in_thread(name: str) -> None:
                    client.get(f"{url}/?{name}")

                async def in_task(name: str) -> None:
                    await async_client.get(f"{url}/?{name}")

                held = client.stream("GET", url)
                held.__enter__()
                threads = []
                async with AsyncGroup() as group:
                    for number in range(3):
                        group.start(in_task, f"task{number}")
                        await until(lambda: 2 * number + 1 == bulkhead.waiting(url))  # noqa: B023
                        thread = threading.Thread(target=in_thread, args=(f"thread{number}",))
                        thread.start()
                        threads.append(thread)
                        await until(lambda: 2 * number + 2 == bulkhead.waiting(url))  # noqa: B023
                    assert (1, 1) == (bulkhead.running(url), len(app.requests))
                    held.__exit__(None, None, None)
                    await until(lambda: 0 == bulkhead.running(url))
                for thread in threads:
                    thread.join(10)

    # As the server saw them: who is answered first may be slower to say so.
    served = [request.query for request in app.requests[1:]]
    assert [f"{who}{n}" for n in range(3) for who in ("task", "thread")] == served


async def test_one_circuit_for_both() -> None:
    """What one client has seen of a peer, the other knows."""
    breaker = CircuitBreaker(1)
    with LoopbackServer(App({"/": answer(500, "broken")})) as server:
        with Client(policies=[breaker], retry=None) as client, pytest.raises(InternalServerError):
            client.get(server.url)
        async with AsyncClient(policies=[breaker]) as async_client:
            with pytest.raises(CircuitOpenError):
                await async_client.get(server.url)


async def test_one_limit_for_both() -> None:
    """Calls of both clients go at the pace of one limit."""
    limit = RateLimit(1, per=60, wait=False)
    with LoopbackServer(App({"/": answer(200, "hello")})) as server:
        with Client(policies=[limit]) as client:
            client.get(server.url)
        async with AsyncClient(policies=[limit]) as async_client:
            with pytest.raises(ClientRateLimitError):
                await async_client.get(server.url)
