# Source of _sync/test_hedge_limits.py; after editing run: tox -e codegen
"""Which requests are copied, how soon, and how many of them."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    RemoteProtocolError,
    ServiceUnavailableError,
)
from antiphon.policies.hedge import Hedge
from antiphon.policies.retry import Retry
from antiphon.policies.retry_budget import RetryBudget
from antiphon.testing import FakeClock
from tests._async.hedged_calls import hedged, loop_turned, sent, slow_call
from tests.anyio_group import AsyncGroup
from tests.app import answer
from tests.turns import Turns


async def test_posts_are_not_copied() -> None:
    """A POST may do twice what it asks for, unless it has an idempotency key."""
    for keywords, copies in (({}, 0), ({"idempotency_key": "order-7"}, 1)):
        with Turns(0) as turns, FakeClock() as time:
            async with AsyncClient(turns.url, policies=[Hedge(0.2)]) as client:
                response = await slow_call(turns, time, client, "POST", content=b"x", **keywords)
            assert 1 + copies == len(turns.requests)
            assert {b"x"} == {request.body for request in turns.requests}
            assert [(copies, copies)] == list(map(hedged, response.attempts))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(answer(503), ServiceUnavailableError), (b"", RemoteProtocolError)],
)
async def test_a_body_that_cannot_be_sent_again(failure: bytes, expected: type[Exception]) -> None:
    """It is not copied, an error that comes of it says why, and the budget is not asked."""
    budget = RetryBudget(0, min_per_second=1)
    with Turns(0, answers={0: failure}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, budget=budget)
        async with AsyncClient(turns.url, policies=[hedge], retry=None) as client:
            body = iter([b"once"])
            error = await slow_call(turns, time, client, "PUT", content=body)
    assert isinstance(error, expected)
    assert ["not hedged: the request body is a stream and cannot be sent again"] == error.__notes__
    assert 1 == len(turns.requests)
    assert 10 == budget.balance(0.2)


async def test_an_exhausted_budget() -> None:
    """Without budget there is no copy, and an error that comes of it says why."""
    with Turns(0, answers={0: answer(503)}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, max_copies=3, budget=RetryBudget(0, min_per_second=0))
        async with AsyncClient(turns.url, policies=[hedge], retry=None) as client:
            error = await slow_call(turns, time, client, "GET")
            assert 0 == time.waiting
    assert isinstance(error, ServiceUnavailableError)
    assert ["not hedged: the budget for copies is used up"] == error.__notes__
    assert 1 == len(turns.requests)


async def test_notes_are_said_once() -> None:
    """What holds for every attempt is said once."""
    with Turns(0, 1, answers={0: answer(503), 1: answer(503)}) as turns, FakeClock() as time:
        hedge = Hedge(0.2, budget=RetryBudget(0, min_per_second=0))
        retry = Retry(2, base_delay=0)
        async with AsyncClient(policies=[hedge], retry=retry) as client, AsyncGroup() as group:
            call = group.start(client.get, turns.url)
            for number in (0, 1):
                await sent(turns, number + 1)
                time.advance(0.2)
                await loop_turned()
                turns.let_go(number)
    notes = call.error.__notes__  # type: ignore[union-attr]
    assert ["not hedged: the budget for copies is used up", "gave up after 2 attempts"] == notes


async def test_a_budget_of_retries_and_copies() -> None:
    """A call counts once in a budget that retries and copies share, a retry takes from it too."""
    budget = RetryBudget(0.5, min_per_second=0)
    with Turns(answers={0: answer(503)}) as turns, FakeClock():
        retry = Retry(2, base_delay=0, budget=budget)
        async with AsyncClient(policies=[Hedge(0.2, budget=budget), retry]) as client:
            with pytest.raises(ServiceUnavailableError):
                await client.get(turns.url)
            assert 0.5 == budget.balance(0)
            await client.get(turns.url)
            assert 1 == budget.balance(0)


async def test_a_learned_delay() -> None:
    """With a percentile nothing is copied until enough is known; then what is slower than most."""
    with Turns(20) as turns, FakeClock() as time:
        hedge = Hedge(percentile=0.9, min_samples=20, min_delay=0.5)
        async with AsyncClient(policies=[hedge]) as client:
            for _ in range(20):
                assert [(0, 0)] == list(map(hedged, (await client.get(turns.url)).attempts))
            async with AsyncGroup() as group:
                call = group.start(client.get, turns.url)
                await sent(turns, 21)
                time.advance(0.5)
            assert [(1, 1)] == list(map(hedged, call.result.attempts))  # type: ignore[attr-defined]
            window = hedge._latencies.of(turns.url)
            # The first request took at least as long as it was waited for.
            assert [0.0] * 20 + [0.5] == list(window._ordered)


async def test_failures_teach_nothing() -> None:
    """Only answers are learned from: a peer that fails fast has not become fast."""
    hedge = Hedge(percentile=0.9)
    with Turns(answers={0: b"", 1: answer(503)}) as turns:
        async with AsyncClient(policies=[hedge], retry=None) as client:
            for error in (RemoteProtocolError, ServiceUnavailableError):
                with pytest.raises(error):
                    await client.get(turns.url)
    assert [] == hedge._latencies.items()
