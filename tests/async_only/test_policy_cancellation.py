"""Tasks that are cancelled in the midst of a policy: what they held is free again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from antiphon import AsyncClient
from antiphon.errors import InternalServerError
from antiphon.network.clock import now
from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from antiphon.testing import FakeClock
from tests.anyio_group import until
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer
from tests.servers import until_closed

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = answer(200, "hello")


async def cancelled_when(condition: Callable[[], object], client: AsyncClient, url: str) -> None:
    """Make a call in a task of its own, and cancel it once `condition()` is true."""
    async with anyio.create_task_group() as group:
        group.start_soon(client.get, url)
        await until(condition)
        group.cancel_scope.cancel()


@pytest.mark.parametrize("policy", [Bulkhead(1), AdaptiveConcurrency(initial=1)], ids=repr)
async def test_in_the_queue_and_in_a_place(policy: Bulkhead | AdaptiveConcurrency) -> None:
    """A cancelled task leaves the queue, and gives back the place that it has."""
    with LoopbackServer(until_closed) as server:
        url = server.url
        async with AsyncClient(policies=[policy]) as client, anyio.create_task_group() as group:
            group.start_soon(client.get, url)
            await until(lambda: policy.running(url))
            await cancelled_when(lambda: policy.waiting(url), client, url)
            assert (1, 0) == (policy.running(url), policy.waiting(url))
            group.cancel_scope.cancel()
    assert 0 == policy.running(url)


async def test_granted_and_cancelled_at_once() -> None:
    """A place that is granted at the moment of cancellation goes to the next, or is free."""
    bulkhead = Bulkhead(1, queue_timeout=None)
    for _ in range(5):
        permit = bulkhead.enter("http://site.example")
        assert permit is not None
        async with AsyncClient(policies=[bulkhead]) as client, anyio.create_task_group() as group:
            group.start_soon(client.get, "http://site.example")
            await until(lambda: bulkhead.waiting("http://site.example"))
            permit.release()
            group.cancel_scope.cancel()
        assert 0 == bulkhead.running("http://site.example")


async def test_waiting_for_a_turn() -> None:
    """A cancelled task gives its slot back."""
    limit = RateLimit(1, per=10)
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[limit]) as client:
            await client.get(server.url)
            await cancelled_when(lambda: clock.waiting, client, server.url)
        assert 10.0 == limit.delay(server.url, now())


async def test_a_trial_call() -> None:
    """A cancelled trial counts as neither, and the next call is the trial."""
    app = App({"/": Sequence(answer(500), HELLO)})
    breaker = CircuitBreaker(1, reset_timeout=1e-9, key="all")
    with LoopbackServer(app) as server, LoopbackServer(until_closed) as silent:
        async with AsyncClient(policies=[breaker], retry=None) as client:
            with pytest.raises(InternalServerError):
                await client.get(server.url)
            await cancelled_when(lambda: breaker.snapshot(now())["all"].trials, client, silent.url)
            assert ("half_open", 0) == (breaker.state("all"), breaker.snapshot(now())["all"].trials)
            await client.get(server.url)
    assert "closed" == breaker.state("all")
