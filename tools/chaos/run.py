"""One chaos run: 64 callers with every policy of resilience, against a server in trouble."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from math import ceil
from time import monotonic, sleep
from typing import Any

import anyio
import attrs

from antiphon import (
    AsyncClient,
    Bulkhead,
    CircuitBreaker,
    Client,
    Hedge,
    Limits,
    Resilience,
    Retry,
    RetryBudget,
    Timeout,
)
from tools.chaos.callers import Mark, Seen, run_tasks, run_threads
from tools.chaos.server import ChaosServer

EVENTFUL = 3.0
"""Seconds from which a run has the time for everything to happen, and is wrong if it does not."""
LINGERING = 8.0
"""Seconds for which threads that all calls share may go on; beyond that they are leaks."""


@attrs.frozen
class Census:
    """What there is of a process's descriptors, threads and tasks."""

    descriptors: int
    threads: int
    tasks: int = 0

    def has_no_more_than(self, before: Census) -> bool:
        """Tell whether nothing was added since `before`."""
        return (
            self.descriptors <= before.descriptors
            and self.threads <= before.threads
            and self.tasks <= before.tasks
        )


def census(tasks: int = 0) -> Census:
    """Count what there is now; descriptors where the system tells them."""
    folder = "/proc/self/fd"
    descriptors = len(os.listdir(folder)) if os.path.isdir(folder) else 0
    return Census(descriptors, threading.active_count(), tasks)


def tasks_of_loop() -> int:
    """Count the tasks of the running event loop."""
    if "trio" in sys.modules:
        import trio

        try:
            return trio.lowlevel.current_statistics().tasks_living
        except RuntimeError:
            pass
    return len(asyncio.all_tasks())


class Policies:
    """The policies of a run, and what they tell: one `Resilience` for all callers.

    Retries and copies share one budget. The times fit the length of the run, so that a short one
    sees a breaker open and close as well.
    """

    def __init__(self, seconds: float) -> None:
        self.started = monotonic()
        self.states: list[tuple[float, str]] = [(0.0, "closed")]
        self.budget = RetryBudget(0.1, min_per_second=1, ttl=min(10.0, max(1.0, seconds / 3)))
        self.breaker = CircuitBreaker(
            failure_rate=0.5,
            window=max(0.5, seconds / 15),
            minimum_calls=20,
            reset_timeout=max(0.1, seconds / 30),
            listeners=[self._changed],
        )
        self.retry = Retry(3, base_delay=0.02, max_delay=0.5, budget=self.budget)
        self.hedge = Hedge(0.05, budget=self.budget)
        self.bulkhead = Bulkhead(32, queue_timeout=0.5)
        self.all = Resilience("chaos", self.retry, self.breaker, self.hedge, self.bulkhead)
        self.timeout = Timeout(total=3.0, connect=1.0, read=min(1.0, seconds / 10))

    def client_settings(self, url: str) -> dict[str, Any]:
        """Return the settings of a client of either voice."""
        return {
            "base_url": url,
            "policies": [self.all, Mark()],
            "timeout": self.timeout,
            "limits": Limits(max_connections=64),
        }

    def _changed(self, _key: str, _old: str, new: str) -> None:
        self.states.append((monotonic() - self.started, new))


@attrs.define
class Result:
    """What came of a run; `problems` says what was not as it has to be, in sentences."""

    voice: str
    seconds: float
    callers: int
    seed: int
    calls: int
    outcomes: dict[str, int]
    won_by_copy: int
    requests: int
    first: int
    retries: int
    copies: int
    resent: int
    bound: float
    balance: dict[str, Any]
    phases: list[tuple[float, str]]
    states: list[tuple[float, str]]
    arrivals: list[tuple[float, str]] = attrs.field(repr=False)
    answers: list[tuple[float, str]] = attrs.field(repr=False)
    problems: list[str] = attrs.Factory(list)


def run(voice: str, seconds: float, callers: int, seed: int, backend: str) -> Result:
    """Make a run in "sync" or "async" (on `backend`) and judge it."""
    before = census()
    policies = Policies(seconds)
    with ChaosServer(seconds, seed) as server:
        policies.started = server.started
        seen = Seen(server.started)
        if voice == "sync":
            pool = _sync(policies, server, callers, seed, seen)
        else:
            pool = anyio.run(_async, policies, server, callers, seed, seen, backend=backend)
    after = _settled(before)
    result = _result(voice if voice == "sync" else f"async, {backend}", policies, server, seen)
    result.callers, result.seed = callers, seed
    result.balance = {"before": attrs.asdict(before), "after": attrs.asdict(after), "pool": pool}
    if not after.has_no_more_than(before):
        result.problems.append(f"something is left: {before} before, {after} after")
    if pool["waiting"] or pool["open"] != pool["idle"] or pool["tasks left"]:
        result.problems.append(f"the pool, or the loop, is not as it should be: {pool}")
    return result


def _pool(client: Any) -> dict[str, int]:
    plan = client._core.transport.pool._plan
    return {"open": plan.open_count, "idle": plan.idle_count, "waiting": plan.waiter_count}


def _sync(
    policies: Policies, server: ChaosServer, callers: int, seed: int, seen: Seen
) -> dict[str, int]:
    with Client(**policies.client_settings(server.url)) as client:
        run_threads(client, callers, seed, lambda: server.over, seen)
        return {**_pool(client), "tasks left": 0}


async def _async(
    policies: Policies, server: ChaosServer, callers: int, seed: int, seen: Seen
) -> dict[str, int]:
    before = tasks_of_loop()
    async with AsyncClient(**policies.client_settings(server.url)) as client:
        await run_tasks(client, callers, seed, lambda: server.over, seen)
        pool = _pool(client)
    with anyio.move_on_after(LINGERING):
        while tasks_of_loop() > before:
            await anyio.sleep(0.05)
    return {**pool, "tasks left": tasks_of_loop() - before}


def _settled(before: Census) -> Census:
    """Count again, once what all calls share has had the time to end."""
    end = monotonic() + LINGERING
    gc.collect()  # what only waits for the collector is not lost
    while not (now := census()).has_no_more_than(before) and monotonic() < end:
        sleep(0.05)
    return now


def load_bound(calls: int, seconds: float, budget: RetryBudget) -> float:
    """Return how many retries and copies there may be, in a run of so many calls.

    Each call pays in `share` of one, and `min_per_second * ttl` more are there every `ttl` seconds;
    the window of the budget moves on in tenths, so they may be there again after 0.9 of that.
    """
    refills = ceil(seconds / (0.9 * budget.ttl))
    return budget.share * calls + budget.min_per_second * budget.ttl * refills


def _result(voice: str, policies: Policies, server: ChaosServer, seen: Seen) -> Result:
    kinds: list[tuple[float, str]] = []
    known: set[tuple[int, int, int]] = set()
    for when, call, attempt, copy in sorted(server.arrivals):
        if (call, attempt, copy) in known:
            kinds.append((when, "resent"))
        elif copy:
            kinds.append((when, "copies"))
        else:
            kinds.append((when, "retries" if attempt > 1 else "first"))
        known.add((call, attempt, copy))

    def number(kind: str) -> int:
        return sum(found == kind for _, found in kinds)

    calls = sum(seen.counts.values()) + len(seen.unexpected)
    # The last calls may end after the time is up.
    lasted = max([server.seconds, *(when for when, _ in kinds)])
    result = Result(
        voice=voice,
        seconds=server.seconds,
        callers=0,
        seed=0,
        calls=calls,
        outcomes=dict(sorted(seen.counts.items())),
        won_by_copy=seen.won_by_copy,
        requests=len(kinds),
        first=number("first"),
        retries=number("retries"),
        copies=number("copies"),
        resent=number("resent"),
        bound=load_bound(calls, lasted, policies.budget),
        balance={},
        phases=server.began,
        states=policies.states,
        arrivals=kinds,
        answers=sorted(seen.outcomes),
    )
    result.problems += _problems(result, server, seen)
    return result


def _problems(result: Result, server: ChaosServer, seen: Seen) -> list[str]:
    def unless(condition: object, problem: str) -> list[str]:
        return [] if condition else [problem]

    states = [state for _, state in result.states]
    extra = result.retries + result.copies
    short = server.seconds < EVENTFUL
    return [
        *unless(not seen.wrong, f"{len(seen.wrong)} wrong answers, such as {seen.wrong[:3]}"),
        *unless(not seen.unexpected, f"errors that nobody expected: {seen.unexpected[:3]}"),
        *unless(
            extra <= result.bound,
            f"{extra} retries and copies are more than the {result.bound:.0f} of the budget",
        ),
        *unless(
            result.resent <= server.broken,
            f"{result.resent} requests came twice, but only {server.broken} connections broke",
        ),
        *unless(result.first <= result.calls, "there were more first requests than calls"),
        # A run in which nothing went wrong would show nothing.
        *unless(short or result.retries, "nothing was ever retried"),
        *unless(short or result.copies, "nothing was ever hedged"),
        *unless(short or "open" in states, "the breaker never opened"),
        *unless(short or states[-1] == "closed", "the breaker did not close in the end"),
        *unless(result.outcomes.get("answered"), "nobody was ever answered"),
        *unless(len(result.phases) == len({*result.phases}) == 6, "not all phases were reached"),
    ]
