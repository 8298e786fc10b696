# Source of _sync/test_shared_policies.py; after editing run: tox -e codegen
"""Policies that decide by Redis, as steps of the pipeline: together while it is there, else alone."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    CircuitOpenError,
    ClientRateLimitError,
    DeadlineExceeded,
    InternalServerError,
    RequestCancelled,
    SharedStateError,
)
from antiphon.integrations.redis import RedisShared
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.network.clock import now
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.rate_limit import RateLimit
from antiphon.policies.retry import Retry
from antiphon.policies.retry_budget import RetryBudget
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer
from tests.redis_server import RedisServer, needs_redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = needs_redis

BROKEN = answer(500, "broken")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Start a server for the tests of this file."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Start a server for one test, which may kill it."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def connect(
    server: RedisServer, request: pytest.FixtureRequest
) -> Iterator[Callable[[], RedisShared]]:
    """Return what makes states that are one, each as another process would make it."""
    made: list[RedisShared] = []

    def connect() -> RedisShared:
        made.append(RedisShared(server.url, namespace=request.node.nodeid, timeout=5))
        return made[-1]

    yield connect
    for shared in made:
        shared.close()


# --- breakers ------------------------------------------------------------------------------------


async def test_a_breaker_that_is_open_is_open_for_all(connect: Callable[[], RedisShared]) -> None:
    """What one client's calls have come to, the calls of another know; listeners hear of it."""
    app = App({"/": Sequence(BROKEN, BROKEN, answer(200, "well"))})
    heard: list[str] = []
    one = CircuitBreaker(2, reset_timeout=0.2, shared=connect())
    other = CircuitBreaker(
        2,
        reset_timeout=0.2,
        shared=connect(),
        listeners=[lambda key, old, new: heard.append(f"{old} > {new}")],
    )
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=None, policies=[one]) as client:
            for _ in range(2):
                with pytest.raises(InternalServerError):
                    await client.get(server.url)
        async with AsyncClient(retry=None, policies=[other]) as client:
            with pytest.raises(CircuitOpenError) as refused:
                await client.get(server.url)
            assert 2 == len(app.requests)
            assert "open" == other.state(server.url)
            time.sleep(0.25)
            response = await client.get(server.url)

    assert 0 < refused.value.retry_after <= 0.2
    assert "well" == response.text
    assert "closed" == other.state(server.url)
    assert ["closed > open", "open > half_open", "half_open > closed"] == heard


async def test_calls_that_end_in_an_error_count(connect: Callable[[], RedisShared]) -> None:
    """A timeout opens the breaker of all; a cancelled trial gives its place back."""
    release = CancelToken()
    breaker = CircuitBreaker(1, reset_timeout=0.2, shared=connect())

    def hang(_: object) -> bytes:
        release.cancel()
        time.sleep(0.3)
        return answer(200, "late")

    app = App({"/": hang, "/well": answer(200, "well")})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=None, policies=[breaker]) as client:
            with pytest.raises(TimeoutError):
                await client.get(server.url, timeout=Timeout(read=0.05))
            assert "open" == breaker.state(server.url)
            time.sleep(0.25)
            release = CancelToken()
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=release)
            response = await client.get(server.url + "/well")

    assert "well" == response.text


async def test_a_predicate_that_fails(connect: Callable[[], RedisShared]) -> None:
    """What the user's `is_failure` raises is the call's; the call counts as neither."""

    def is_failure(status: int | None, error: BaseException | None) -> bool:
        raise LookupError("no idea")

    breaker = CircuitBreaker(1, shared=connect(), is_failure=is_failure)
    with LoopbackServer(App({"/": answer(200, "well")})) as server:
        async with AsyncClient(retry=None, policies=[breaker]) as client:
            for _ in range(2):
                with pytest.raises(LookupError, match="no idea"):
                    await client.get(server.url)
    with LoopbackServer(App({})) as server:
        gone = server.url
    async with AsyncClient(retry=None, policies=[breaker]) as client:
        with pytest.raises(LookupError, match="no idea"):
            await client.get(gone)


# --- budgets -------------------------------------------------------------------------------------


async def test_a_budget_is_used_up_for_all(connect: Callable[[], RedisShared]) -> None:
    """The retries of one client are missing from the budget of another."""
    app = App({"/": BROKEN})
    with LoopbackServer(app) as server:
        for expected in (3, 2):
            # Each call pays in one retry; one more is free within the ttl.
            budget = RetryBudget(1, min_per_second=0.1, ttl=10, shared=connect())
            retry = Retry(3, base_delay=0, budget=budget)
            async with AsyncClient(retry=retry) as client:
                with pytest.raises(InternalServerError) as failed:
                    await client.get(server.url)
            assert expected == len(failed.value.attempts)

    assert any("RetryBudget" in note for note in failed.value.__notes__)


async def test_a_budget_is_paid_into_by_all(connect: Callable[[], RedisShared]) -> None:
    """What the calls of one client pay in, the calls of another may take out."""
    app = App({"/": BROKEN, "/well": answer(200, "well")})
    settings = {"share": 0.2, "min_per_second": 0, "ttl": 10}
    with LoopbackServer(app) as server:
        budget = RetryBudget(**settings, shared=connect())
        async with AsyncClient(retry=Retry(2, base_delay=0, budget=budget)) as client:
            for _ in range(10):
                await client.get(server.url + "/well")
            budget.pay_shared(time.monotonic())
        other = RetryBudget(**settings, shared=connect())
        async with AsyncClient(retry=Retry(5, base_delay=0, budget=other)) as client:
            with pytest.raises(InternalServerError) as failed:
                await client.get(server.url)

    assert 3 == len(failed.value.attempts)


# --- rate limits ---------------------------------------------------------------------------------


async def test_a_limit_is_used_up_for_all(connect: Callable[[], RedisShared]) -> None:
    """The turns that one client has taken are missing for another, which waits or is refused."""
    app = App({"/": answer(200, "well")})
    with LoopbackServer(app) as server:
        for _ in range(2):
            limit = RateLimit(2, per=20, burst=4, shared=connect(), wait=False)
            async with AsyncClient(policies=[limit]) as client:
                for _ in range(2):
                    await client.get(server.url)
        async with AsyncClient(policies=[limit]) as client:
            with pytest.raises(ClientRateLimitError, match="wait=False") as refused:
                await client.get(server.url)
        patient = RateLimit(2, per=20, burst=4, shared=connect(), max_wait=15)
        async with AsyncClient(policies=[patient]) as client:
            with pytest.raises(ClientRateLimitError, match="deadline leaves"):
                await client.get(server.url, timeout=Timeout(total=5))
            token = CancelToken()
            with CancelLater(token), pytest.raises(RequestCancelled, match="waited"):
                await client.get(server.url, cancel=token)
            # The cancelled call's turn is gone.
            with pytest.raises(ClientRateLimitError, match="max_wait=15"):
                await client.get(server.url)

    assert 4 == len(app.requests)
    assert 9 < refused.value.retry_after <= 10


class CancelLater:
    """Cancels a token a little after its block was entered."""

    def __init__(self, token: CancelToken) -> None:
        self._timer = threading.Timer(0.1, token.cancel)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.join()


async def test_calls_wait_for_their_turn(connect: Callable[[], RedisShared]) -> None:
    """Calls of several clients go as far apart as the limit of all says."""
    limits = [RateLimit(20, algorithm="leaky_bucket", shared=connect()) for _ in range(2)]
    begun = time.monotonic()
    with LoopbackServer(App({"/": answer(200, "well")})) as server:
        for limit in limits:
            async with AsyncClient(policies=[limit]) as client:
                for _ in range(3):
                    await client.get(server.url)

    assert 0.24 < time.monotonic() - begun < 5


async def test_all_hear_of_a_peer_without_room(connect: Callable[[], RedisShared]) -> None:
    """What the answer to one client says about the server's limit holds for the others too."""
    used_up = answer(200, "last", {"RateLimit": '"default";r=0;t=50'})
    app = App({"/": used_up, "/more": answer(200, "well", {"RateLimit": '"default";r=9;t=50'})})
    shared = connect()
    limits = [RateLimit(100, learn=True, wait=False, shared=shared) for _ in range(2)]
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[limits[0]]) as client:
            await client.get(server.url + "/more")
            await client.get(server.url)
            # The fleet is told in passing.
            limits[0].hold_shared(limits[0].key_of(client.build_request("GET", server.url)), now())
        async with AsyncClient(policies=[limits[1]]) as client:
            with pytest.raises(ClientRateLimitError) as refused:
                await client.get(server.url)

    assert 45 < refused.value.retry_after <= 51


# --- without Redis -------------------------------------------------------------------------------


async def test_redis_dies_and_calls_go_on(own_server: RedisServer) -> None:
    """Failing open, each process decides alone once Redis is gone, and together when it is back."""
    shared = RedisShared(own_server.url, cool_down=0.05)
    breaker = CircuitBreaker(2, shared=shared)
    limit = RateLimit(1000, shared=shared)
    retry = Retry(2, base_delay=0, budget=RetryBudget(min_per_second=0.1, ttl=10, shared=shared))
    app = App({"/": answer(200, "well"), "/broken": BROKEN})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=retry, policies=[breaker, limit]) as client:
            assert "well" == (await client.get(server.url)).text
            own_server.kill()
            begun = time.monotonic()
            for _ in range(20):
                assert "well" == (await client.get(server.url)).text
            with pytest.raises(InternalServerError) as failed:
                await client.get(server.url + "/broken")
            with pytest.raises(CircuitOpenError):
                await client.get(server.url)
            assert time.monotonic() - begun < 10
            own_server.start()
            time.sleep(0.06)
            assert "well" == (await client.get(server.url)).text
    shared.close()

    assert 2 == len(failed.value.attempts)


async def test_redis_dies_and_calls_are_refused(own_server: RedisServer) -> None:
    """Failing closed, calls are refused by an error that names Redis, and nothing is retried."""
    shared = RedisShared(own_server.url, fail_open=False, cool_down=60)
    breaker = CircuitBreaker(2, shared=shared)
    app = App({"/": answer(200, "well"), "/broken": BROKEN})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=None, policies=[breaker]) as client:
            assert "well" == (await client.get(server.url)).text
            own_server.kill()
            for _ in range(3):
                with pytest.raises(SharedStateError, match="Redis at 127.0.0.1") as refused:
                    await client.get(server.url)
            assert 1 == len(app.requests)
        async with AsyncClient(policies=[RateLimit(10, shared=shared)]) as client:
            with pytest.raises(SharedStateError, match="Redis at 127.0.0.1"):
                await client.get(server.url)
        retry = Retry(3, base_delay=0, budget=RetryBudget(shared=shared))
        async with AsyncClient(retry=retry) as client:
            with pytest.raises(InternalServerError) as failed:
                await client.get(server.url + "/broken")
    shared.close()

    assert refused.value.request is not None
    assert 1 == len(failed.value.attempts)


async def test_a_frozen_redis_holds_nobody_up(own_server: RedisServer) -> None:
    """A server that takes connections and never answers costs a timeout, then nothing."""
    shared = RedisShared(own_server.url, timeout=0.05, cool_down=60)
    breaker = CircuitBreaker(2, shared=shared)
    with LoopbackServer(App({"/": answer(200, "well")})) as server:
        async with AsyncClient(retry=None, policies=[breaker]) as client:
            own_server.freeze()
            begun = time.monotonic()
            for _ in range(20):
                assert "well" == (await client.get(server.url)).text
            took = time.monotonic() - begun
    own_server.thaw()
    shared.close()

    assert took < 5


class Unhurried:
    """A client of Redis that cancels what asks it, if it is told to, and takes its time."""

    def __init__(self, token: CancelToken) -> None:
        self._token = token

    def execute_command(self, *words: object, **options: object) -> object:
        self._token.cancel("enough")
        time.sleep(0.2)
        return [1, 0, 0, 0, 1]


async def test_the_deadline_of_a_call_holds() -> None:
    """A call whose time ends while Redis is asked, or which is cancelled then, ends as such."""
    token = CancelToken()
    breaker = CircuitBreaker(2, shared=RedisShared(Unhurried(token)))
    with LoopbackServer(App({"/": answer(200, "well")})) as server:
        async with AsyncClient(retry=None, policies=[breaker]) as client:
            with pytest.raises(DeadlineExceeded):
                await client.get(server.url, timeout=Timeout(total=0.1))
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)


async def test_the_deadline_holds_while_a_budget_is_asked() -> None:
    """A call whose time ends while the budget of all is asked for a retry ends as such."""
    budget = RetryBudget(shared=RedisShared(Unhurried(CancelToken())))
    budget.pay_shared(now())
    with LoopbackServer(App({"/": BROKEN})) as server:
        async with AsyncClient(retry=Retry(2, base_delay=0, budget=budget)) as client:
            with pytest.raises(DeadlineExceeded, match="waiting"):
                await client.get(server.url, timeout=Timeout(total=0.1))
