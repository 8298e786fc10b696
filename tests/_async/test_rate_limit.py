# Source of _sync/test_rate_limit.py; after editing run: tox -e codegen
"""Rate limits as a step of the pipeline; when calls may go is tested with the brain."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import ClientRateLimitError, DeadlineExceeded, RequestCancelled, TransportError
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.network.clock import now
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock, FaultServer, faults
from tests.anyio_group import AsyncGroup, until
from tests.app import App, Received, Sequence, answer
from tests.loopback import LoopbackServer

HELLO = answer(200, "hello")


async def test_calls_wait_for_their_turn() -> None:
    """A burst goes at once, then calls go at an even pace."""
    app = App({"/": HELLO})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient(policies=[RateLimit(2, per=1.0)]) as client:
            for _ in range(5):
                await client.get(server.url)

    assert [0.5, 0.5, 0.5] == pytest.approx(clock.slept)
    assert 5 == len(app.requests)


async def test_first_come_first_served() -> None:
    """Callers who wait go in the order in which they came."""
    order: list[str] = []

    def note(request: Received) -> bytes:
        order.append(request.query)
        return HELLO

    with LoopbackServer(App({"/": note})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[RateLimit(1, per=1.0)]) as client:
            await client.get(server.url, params={"n": "first"})
            async with AsyncGroup() as group:
                for number in range(4):
                    group.start(client.get, f"{server.url}?n={number}")
                    await until(lambda: number + 1 == clock.waiting)  # noqa: B023
                for number in range(4):
                    clock.advance(1)
                    await until(lambda: number + 2 == len(order))  # noqa: B023

    assert ["n=first", "n=0", "n=1", "n=2", "n=3"] == order


async def test_refusing_instead_of_waiting() -> None:
    """With wait=False a call that cannot go at once ends, unsent, and says when it could."""
    app = App({"/": HELLO})
    limit = RateLimit(1, per=60, wait=False)
    with LoopbackServer(app) as server, FakeClock() as clock:
        async with AsyncClient(policies=[limit], retry=Retry(3)) as client:
            await client.get(server.url)
            clock.advance(20)
            with pytest.raises(ClientRateLimitError) as refused:
                await client.get(server.url)
            assert 40.0 == refused.value.retry_after
            assert 40.0 == limit.delay(server.url, now())
            clock.advance(40)
            await client.get(server.url)

    assert 2 == len(app.requests)


async def test_a_wait_that_would_outlast_the_deadline() -> None:
    """It does not begin; one that begins and is overtaken by the deadline ends there."""
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[RateLimit(1, per=10)]) as client:
            await client.get(server.url)
            with pytest.raises(ClientRateLimitError, match="deadline leaves 5.00 s"):
                await client.get(server.url, timeout=Timeout(total=5))

            assert [] == clock.slept


async def test_a_deadline_that_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that ends too late after all raises DeadlineExceeded, and gives its slot back."""
    limit = RateLimit(1, per=10)
    monkeypatch.setattr(RateLimit, "_refusal", lambda *_: None)  # as if it had been asked before
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[limit, CircuitBreaker(1)]) as client:
            await client.get(server.url)
            async with AsyncGroup() as group:
                call = group.start(lambda: client.get(server.url, timeout=Timeout(total=5)))
                await until(lambda: clock.waiting)
                clock.advance(5)
            assert isinstance(call.error, DeadlineExceeded)
            assert 5.0 == limit.delay(server.url, now())


async def test_a_cancelled_call_gives_its_slot_back() -> None:
    """The next caller goes at the moment at which the cancelled one would have."""
    limit = RateLimit(1, per=10)
    token = CancelToken()
    with LoopbackServer(App({"/": HELLO})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[limit]) as client:
            await client.get(server.url)
            async with AsyncGroup() as group:
                call = group.start(lambda: client.get(server.url, cancel=token))
                await until(lambda: clock.waiting)
                assert 20.0 == limit.delay(server.url, now())
                token.cancel("enough")
            assert isinstance(call.error, RequestCancelled)
            assert "enough" in str(call.error)
            assert 10.0 == limit.delay(server.url, now())


async def test_every_attempt_takes_a_turn() -> None:
    """A retry is a request to the server as any other."""
    app = App({"/": Sequence(answer(503), answer(503), HELLO)})
    limit = RateLimit(1, per=10)
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient(policies=[limit], retry=Retry(3, base_delay=0)) as client:
            await client.get(server.url)

    assert 20.0 == clock.now()


async def test_learning_from_the_server() -> None:
    """What the server says is left is used, and no more before its reset."""
    left = answer(200, headers={"RateLimit": '"default";r=1;t=30'})
    none = answer(200, headers={"RateLimit": '"default";r=0;t=25'})
    app = App({"/": Sequence(left, none, HELLO)})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient(policies=[RateLimit(100, learn=True)]) as client:
            await client.get(server.url)
            clock.advance(5)
            await client.get(server.url)
            assert 5.0 == clock.now()
            await client.get(server.url)

    assert 30.0 == clock.now()


async def test_who_waits_already_learns_too() -> None:
    """A call that waited for our own limit waits on if the server has meanwhile none left."""
    none = answer(200, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"})
    arrived: list[float] = []

    def respond(_request: Received) -> bytes:
        arrived.append(now())
        return none if len(arrived) == 2 else HELLO

    with LoopbackServer(App({"/": respond})) as server, FakeClock() as clock:
        async with AsyncClient(policies=[RateLimit(1, per=10, learn=True)]) as client:
            await client.get(server.url)
            async with AsyncGroup() as group:
                first = group.start(client.get, server.url)
                await until(lambda: 1 == clock.waiting)
                second = group.start(client.get, server.url)
                await until(lambda: 2 == clock.waiting)
                clock.advance(10)
                await until(lambda: first.done)
                clock.advance(10)
                await until(lambda: 1 == clock.waiting)
                clock.advance(50)
                await until(lambda: second.done)

    assert [0.0, 10.0, 70.0] == arrived


async def test_a_call_that_fails_says_nothing() -> None:
    """Learning survives calls without an answer."""
    limit = RateLimit(100, learn=True)
    with FaultServer(then=faults.RESET_AT_ONCE) as server:
        async with AsyncClient(policies=[limit], retry=None) as client:
            with pytest.raises(TransportError):
                await client.get(server.url)
            assert 0.0 == limit.delay(server.url.rstrip("/"), now())
