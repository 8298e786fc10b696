"""The callers of a chaos run, as threads or as tasks, and what they have seen."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import anyio
import attrs

from antiphon import (
    AsyncClient,
    BulkheadFullError,
    CircuitOpenError,
    Client,
    Request,
    Response,
    StatusError,
    TransportError,
)
from tools.chaos.server import MARK, body_of

if TYPE_CHECKING:
    from antiphon import CallContext

THINKING = 0.2
"""The longest time, in seconds, for which a caller thinks between two calls."""


class Mark:
    """Says in each request of which call, attempt and copy it is; serves both voices."""

    stage = "attempt"

    def __call__(self, request: Request, call: CallContext) -> Generator[Request, Any, None]:
        """Send the request with its mark."""
        yield request.with_header(MARK, f"{call.id}.{call.attempt}.{call.copy}")


@attrs.define
class Seen:
    """What the callers have seen: outcomes with their times, and what should not be."""

    started: float
    outcomes: list[tuple[float, str]] = attrs.Factory(list)
    wrong: list[str] = attrs.Factory(list)
    unexpected: list[str] = attrs.Factory(list)
    won_by_copy: int = 0

    def answered(self, target: str, response: Response) -> None:
        """Check an answer: it has to be the one to its own request, to the last byte."""
        if response.content != body_of(target):
            self.wrong.append(f"{target} was answered with {response.content[:60]!r}")
        self.won_by_copy += any(attempt.winner for attempt in response.attempts)
        self._note("answered")

    def failed(self, error: BaseException) -> None:
        """Note an error; those that a server in trouble, or a policy, may cause are expected."""
        if isinstance(error, CircuitOpenError | BulkheadFullError):
            self._note("refused")
        elif isinstance(error, TransportError | StatusError):
            self._note("failed")
        else:
            self.unexpected.append(f"{type(error).__name__}: {error}")

    def _note(self, outcome: str) -> None:
        self.outcomes.append((monotonic() - self.started, outcome))

    @property
    def counts(self) -> Counter[str]:
        """How many calls ended how."""
        return Counter(outcome for _, outcome in self.outcomes)


def targets(caller: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield what a caller asks for, and how long it thinks afterwards."""
    chance = random.Random(f"{seed}.{caller}")
    number = 0
    while True:
        number += 1
        yield f"/{caller}/{number}", chance.uniform(0, THINKING)


def run_threads(
    client: Client, count: int, seed: int, over: Callable[[], bool], seen: Seen
) -> None:
    """Make calls in so many threads until it is over."""

    def caller(number: int) -> None:
        for target, thinking in targets(number, seed):
            if over():
                return
            try:
                seen.answered(target, client.get(target))
            except Exception as error:
                seen.failed(error)
            sleep(thinking)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def run_tasks(
    client: AsyncClient, count: int, seed: int, over: Callable[[], bool], seen: Seen
) -> None:
    """Make calls in so many tasks until it is over."""

    async def caller(number: int) -> None:
        for target, thinking in targets(number, seed):
            if over():
                return
            try:
                seen.answered(target, await client.get(target))
            except Exception as error:
                seen.failed(error)
            await anyio.sleep(thinking)

    async with anyio.create_task_group() as group:
        for number in range(count):
            group.start_soon(caller, number)
