"""A server as a queue, and callers who always have more to ask of it: no clock, no chance."""

from __future__ import annotations

import heapq
from collections import deque
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.policies.adaptive_concurrency import AdaptiveConcurrency
    from antiphon.policies.waiting_line import Permit

KEY = "https://site.example"


class Observed(NamedTuple):
    """What came of a run: the limit once a second, and how many calls were answered."""

    limits: list[int]
    answered: int

    def settled(self, first: int, last: int) -> float:
        """Return the median of the limit from one second to another."""
        return median(self.limits[first:last])


class _Queue:
    def __init__(self, policy: AdaptiveConcurrency, room: float) -> None:
        self.policy = policy
        self.room = room
        self.now = 0.0
        self.busy = 0
        self.waiting: deque[tuple[float, Permit]] = deque()
        # When, number, status, began, place.
        self.events: list[tuple[float, int, int, float, Permit]] = []
        self.number = 0

    def happen(self, after: float, status: int, began: float, permit: Permit) -> None:
        self.number += 1
        heapq.heappush(self.events, (self.now + after, self.number, status, began, permit))

    def arrive(self, servers: int, service: float) -> None:
        """Have as many calls come as the policy lets go."""
        while (permit := self.policy.enter(KEY)) is not None:
            if self.busy < servers:
                self.busy += 1
                self.happen(service, 200, self.now, permit)
            elif len(self.waiting) >= self.room:
                self.happen(0.001, 503, self.now, permit)
            else:
                self.waiting.append((self.now, permit))


def simulate(
    policy: AdaptiveConcurrency,
    servers: Callable[[float], int],
    service: Callable[[float], float] = lambda _now: 0.1,
    *,
    seconds: float,
    room: float = float("inf"),
) -> Observed:
    """Let `servers(now)` work `service(now)` seconds on each call; `room` calls may wait for them."""
    queue = _Queue(policy, room)
    limits: list[int] = []
    answered = 0
    queue.arrive(servers(0.0), service(0.0))
    while queue.now < seconds:
        queue.now, _, status, began, permit = heapq.heappop(queue.events)
        policy.ended(KEY, began, queue.now, status=status)
        permit.release()
        if status == 200:
            answered += 1
            queue.busy -= 1
        working, takes = servers(queue.now), service(queue.now)
        while queue.waiting and queue.busy < working:
            queue.busy += 1
            queue.happen(takes, 200, *queue.waiting.popleft())
        queue.arrive(working, takes)
        while len(limits) <= queue.now:
            limits.append(policy.limit(KEY))
    return Observed(limits, answered)
