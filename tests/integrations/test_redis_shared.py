"""`RedisShared` decides as the local policies do, by a real server; every test starts its own."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from antiphon.errors import InvalidOptionError, SharedStateError
from antiphon.integrations.redis import RedisShared
from antiphon.policies.circuit import Admission, Circuit
from antiphon.policies.circuit_breaker import CircuitBreaker
from antiphon.policies.retry_budget import RetryBudget
from tests.redis_server import RedisServer, needs_redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_redis

KEY = "https://api.example.com"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Start a server for the tests of this file."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def shared(server: RedisServer, request: pytest.FixtureRequest) -> Iterator[RedisShared]:
    """Return a state of this test's own."""
    shared = RedisShared(server.url, namespace=request.node.name, timeout=5)
    yield shared
    shared.close()


def client_of(server: RedisServer) -> Any:
    import redis

    return redis.Redis(port=server.port)


# --- rate limits ---------------------------------------------------------------------------------


def turns(shared: RedisShared, count: int, **limit: float) -> list[tuple[bool, float]]:
    answers = [shared.take_turn(KEY, **limit) for _ in range(count)]
    return [(answer.allowed, answer.delay) for answer in answers if answer is not None]


def test_a_burst_goes_at_once_and_the_rest_is_refused(shared: RedisShared) -> None:
    """`burst` turns are there at once; the next is as far away as the rate says."""
    answers = turns(shared, 4, interval=100, tolerance=200, max_wait=0)

    assert [(True, 0)] * 3 == answers[:3]
    allowed, delay = answers[3]
    assert not allowed
    assert 99 < delay <= 100
    assert [(True, 0)] == turns(shared, 1, interval=100, tolerance=300, max_wait=0)  # another limit


def test_turns_to_come_are_taken_by_who_may_wait(shared: RedisShared) -> None:
    """Who may wait takes a turn that is to come; each is one interval after the other."""
    answers = turns(shared, 4, interval=10, tolerance=0, max_wait=25)

    assert [True, True, True, False] == [allowed for allowed, _ in answers]
    assert [0, 10, 20, 30] == pytest.approx([delay for _, delay in answers], abs=1)


def test_turns_come_back_with_time(shared: RedisShared) -> None:
    """After a pause there are turns again, though no more than the burst."""
    turns(shared, 2, interval=0.02, tolerance=0.02, max_wait=0)
    time.sleep(0.1)
    answers = turns(shared, 3, interval=0.02, tolerance=0.02, max_wait=0)

    assert [True, True, False] == [allowed for allowed, _ in answers]


def test_a_server_that_asks_for_a_pause(shared: RedisShared) -> None:
    """No turn comes while the server of a key has asked for a pause; a longer one counts."""
    shared.hold_turns(KEY, interval=0.1, tolerance=0.4, delay=60)
    shared.hold_turns(KEY, interval=0.1, tolerance=0.4, delay=1)
    ((allowed, delay),) = turns(shared, 1, interval=0.1, tolerance=0.4, max_wait=0)

    assert not allowed
    assert 59 < delay <= 60
    assert [(True, 0)] == [shared.take_turn("other", interval=0.1, tolerance=0.4, max_wait=0)]


def test_limits_without_end(shared: RedisShared) -> None:
    """Waiting for ever is waiting for very long."""
    answers = turns(shared, 2, interval=1e06, tolerance=0, max_wait=float("inf"))

    assert [True, True] == [allowed for allowed, _ in answers]


# --- breakers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"failure_threshold": 3},
        {"failure_rate": 0.5, "minimum_calls": 4},
        {"failure_rate": 0.4, "minimum_calls": 3, "window_calls": 6},
        {"failure_threshold": 4, "failure_rate": 0.9, "minimum_calls": 2, "window_calls": 5},
    ],
)
def test_it_opens_when_the_local_circuit_does(
    shared: RedisShared, settings: dict[str, Any]
) -> None:
    """Whatever the calls of a closed circuit come to, the script and the local brain agree."""
    breaker = CircuitBreaker(**settings, reset_timeout=1000.0, window=1000.0)
    choose = random.Random(1)
    for turn in range(25):
        key = f"{KEY}/{turn}"
        circuit = Circuit(breaker)
        for _ in range(20):
            local, remote = circuit.admit(0.0), shared.admit(breaker, key)
            assert remote is not None
            assert (local.allowed, local.trial) == (
                remote.admission.allowed,
                remote.admission.trial,
            )
            if not local.allowed:
                assert 990 < remote.retry_after <= 1000
                break
            succeeded = choose.choice([True, False, False, None])
            circuit.record(local, succeeded, 0.0)
            after = shared.record(breaker, key, remote.admission, succeeded)
            assert after is not None
            assert circuit.state == after.state


def open_circuit(shared: RedisShared, breaker: CircuitBreaker) -> None:
    answer = shared.admit(breaker, KEY)
    assert answer is not None
    after = shared.record(breaker, KEY, answer.admission, False)
    assert after is not None
    assert "open" == after.state


def admitted(shared: RedisShared, breaker: CircuitBreaker) -> Admission | None:
    answer = shared.admit(breaker, KEY)
    assert answer is not None
    return answer.admission if answer.admission.allowed else None


def test_trials_are_the_fleets(shared: RedisShared) -> None:
    """Once half open, so many trials run at a time in all; so many successes close it."""
    breaker = CircuitBreaker(1, reset_timeout=0.05, trial_calls=2, success_threshold=3)
    early = shared.admit(breaker, KEY)
    assert early is not None
    open_circuit(shared, breaker)
    assert admitted(shared, breaker) is None
    time.sleep(0.06)

    first, second = admitted(shared, breaker), admitted(shared, breaker)
    assert first is not None
    assert second is not None
    assert first.trial
    assert admitted(shared, breaker) is None
    # What began before it opened no longer counts; what says nothing gives its place back.
    shared.record(breaker, KEY, early.admission, True)
    shared.record(breaker, KEY, first, None)
    third = admitted(shared, breaker)
    assert third is not None
    states = [shared.record(breaker, KEY, trial, True) for trial in (second, third)]
    assert ["half_open", "half_open"] == [state.state for state in states if state]
    last = admitted(shared, breaker)
    assert last is not None
    after = shared.record(breaker, KEY, last, True)
    assert after is not None
    assert "closed" == after.state


def test_a_trial_that_fails_opens_it_again(shared: RedisShared) -> None:
    """One failed trial opens the circuit for all, for another while."""
    breaker = CircuitBreaker(1, reset_timeout=0.05)
    open_circuit(shared, breaker)
    time.sleep(0.06)
    trial = admitted(shared, breaker)
    assert trial is not None
    after = shared.record(breaker, KEY, trial, False)

    assert after is not None
    assert "open" == after.state
    assert 0 < after.retry_after <= 0.05


def test_a_trial_whose_process_is_gone(shared: RedisShared) -> None:
    """A trial that nobody ends is taken for lost after the time that the circuit stays open."""
    breaker = CircuitBreaker(1, reset_timeout=0.05)
    open_circuit(shared, breaker)
    time.sleep(0.06)
    assert admitted(shared, breaker) is not None
    assert admitted(shared, breaker) is None
    time.sleep(0.06)

    assert admitted(shared, breaker) is not None


def test_calls_that_are_too_old_leave_the_window(shared: RedisShared) -> None:
    """Failures count for as long as the window is, in tenths of it."""
    breaker = CircuitBreaker(failure_rate=0.5, minimum_calls=3, window=0.1)
    for turn in range(4):
        answer = admitted(shared, breaker)
        assert answer is not None
        shared.record(breaker, KEY, answer, False)
        if turn == 1:
            time.sleep(0.12)

    answer = admitted(shared, breaker)
    assert answer is not None
    after = shared.record(breaker, KEY, answer, False)
    assert after is not None
    assert "open" == after.state


def test_other_settings_are_another_breaker(shared: RedisShared) -> None:
    """Breakers share a state if all their settings are the same."""
    open_circuit(shared, CircuitBreaker(1))

    assert admitted(shared, CircuitBreaker(1)) is None
    assert admitted(shared, CircuitBreaker(1, reset_timeout=29)) is not None


# --- budgets -------------------------------------------------------------------------------------


def test_a_budget_is_the_fleets(shared: RedisShared) -> None:
    """A share of all first attempts, and the free retries, can be taken out, once."""
    budget = RetryBudget(0.5, min_per_second=0.1, ttl=10)
    assert [True, False] == [shared.spend(budget, 0, 1) for _ in range(2)]
    assert shared.spend(budget, 5, 0) is False
    assert [True, True, False] == [shared.spend(budget, 0, 1) for _ in range(3)]
    assert shared.spend(budget, 1, 1) is True
    assert shared.spend(RetryBudget(0.4, min_per_second=0, ttl=10), 0, 1) is False


def test_deposits_count_for_so_long(shared: RedisShared) -> None:
    """What was paid in counts for `ttl` seconds, and so does what was taken out."""
    budget = RetryBudget(1, min_per_second=0, ttl=1)
    shared.spend(budget, 3, 0)
    assert shared.spend(budget, 0, 1)
    time.sleep(1.1)

    assert not shared.spend(budget, 0, 1)
    assert shared.spend(budget, 1, 1)


# --- the server ----------------------------------------------------------------------------------


def test_every_key_expires(server: RedisServer, shared: RedisShared) -> None:
    """Nothing is left in Redis for ever."""
    client = client_of(server)
    client.flushall()
    turns(shared, 2, interval=0.1, tolerance=0, max_wait=1)
    shared.hold_turns("held", interval=0.1, tolerance=0, delay=1)
    open_circuit(shared, CircuitBreaker(1))
    shared.spend(RetryBudget(), 1, 1)
    shared.take_turn("k" * 1000, interval=1, tolerance=0, max_wait=0)
    keys = client.keys("*")

    assert 5 == len(keys)
    assert all(0 < client.pttl(key) for key in keys)
    assert all(len(key) < 400 for key in keys)
    client.close()


def test_one_round_trip_a_decision(server: RedisServer, shared: RedisShared) -> None:
    """Once the server knows the script a decision is one command."""
    client = client_of(server)
    breaker, budget = CircuitBreaker(3), RetryBudget()
    for _ in range(2):
        before = client.info("commandstats")
        turns(shared, 1, interval=0.1, tolerance=0, max_wait=1)
        answer = shared.admit(breaker, KEY)
        assert answer is not None
        shared.record(breaker, KEY, answer.admission, False)
        shared.spend(budget, 1, 1)
    after = client.info("commandstats")
    client.close()

    assert 4 == after["cmdstat_evalsha"]["calls"] - before["cmdstat_evalsha"]["calls"]
    assert after["cmdstat_eval"]["calls"] == before["cmdstat_eval"]["calls"]


def test_scripts_that_were_flushed(server: RedisServer, shared: RedisShared) -> None:
    """A server that has forgotten the scripts is told them again, in the same decision."""
    turns(shared, 1, interval=0.1, tolerance=0, max_wait=1)
    client = client_of(server)
    client.script_flush()
    client.close()

    assert [True] == [
        allowed for allowed, _ in turns(shared, 1, interval=0.1, tolerance=0, max_wait=1)
    ]


def test_clients_of_ones_own(server: RedisServer) -> None:
    """A client of redis-py's serves too, whatever it makes of text, and so do several states."""
    import redis

    client = redis.Redis(port=server.port, decode_responses=True)
    one, other = RedisShared(client, namespace="one"), RedisShared(client, namespace="other")
    breaker = CircuitBreaker(1)
    open_circuit(one, breaker)

    assert admitted(one, breaker) is None
    assert admitted(other, breaker) is not None
    one.close()


# --- failures ------------------------------------------------------------------------------------


def test_a_server_that_is_not_there(server: RedisServer, tmp_path: Path) -> None:
    """Open, there is no decision; closed, an error that names the server; both in no time."""
    gone = RedisServer(tmp_path)
    begun = time.monotonic()
    breaker, budget = CircuitBreaker(1), RetryBudget()
    fails_open = RedisShared(gone.url)
    assert fails_open.take_turn(KEY, interval=1, tolerance=0, max_wait=0) is None
    assert fails_open.admit(breaker, KEY) is None
    assert fails_open.record(breaker, KEY, Admission(True), True) is None
    assert fails_open.spend(budget, 1, 1) is None
    fails_open.hold_turns(KEY, interval=1, tolerance=0, delay=1)

    fails_closed = RedisShared(gone.url, fail_open=False)
    for ask in (
        lambda: fails_closed.take_turn(KEY, interval=1, tolerance=0, max_wait=0),
        lambda: fails_closed.admit(breaker, KEY),
        lambda: fails_closed.spend(budget, 0, 1),
    ):
        with pytest.raises(SharedStateError, match=f"Redis at 127.0.0.1:{gone.port}"):
            ask()
    assert fails_closed.record(breaker, KEY, Admission(True), True) is None
    assert fails_closed.spend(budget, 1, 0) is None
    assert time.monotonic() - begun < 5


def test_settings() -> None:
    """`repr` shows what counts, and no password."""
    shared = RedisShared("redis://:secret@redis.test:1234/0", namespace="n", fail_open=False)

    assert "<RedisShared Redis at redis.test:1234 namespace='n' fail_open=False>" == repr(shared)
    assert "Redis at /run/redis.sock" in repr(RedisShared("unix:///run/redis.sock"))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"url_or_client": "http://secret@host"}, "url_or_client: the URL of Redis is refused"),
        ({"url_or_client": "redis://:secret@h/0?bogus=1"}, "url_or_client: the URL of Redis is"),
        ({"url_or_client": object()}, "url_or_client: a object is no client"),
        ({"namespace": ""}, "namespace=''"),
        ({"namespace": "a\nb"}, "namespace="),
        ({"namespace": 1}, "namespace=1"),
        ({"fail_open": 1}, "fail_open=1"),
        ({"timeout": 0}, "timeout=0"),
        ({"timeout": True}, "timeout=True"),
        ({"timeout": None}, "timeout=None"),
        ({"cool_down": -1}, "cool_down=-1"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], named: str) -> None:
    """Bad settings are refused by name, and without a password."""
    with pytest.raises(InvalidOptionError, match=named) as caught:
        RedisShared(**{"url_or_client": "redis://localhost", **settings})

    assert "secret" not in str(caught.value)


def test_clients_of_the_async_api() -> None:
    """A client of redis.asyncio belongs to one event loop, and is refused."""
    from redis.asyncio import Redis

    with pytest.raises(InvalidOptionError, match="serves both voices"):
        RedisShared(Redis())
