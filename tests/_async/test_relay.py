# Source of _sync/test_relay.py; after editing run: tox -e codegen
"""A request and its copies, without requests: when they start, who wins, what is left of them."""

from __future__ import annotations

import gc
import weakref

import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_parker import sleep
from antiphon.network.anyio_relay import FASTER, relay
from antiphon.network.outcome import CANCELLED
from antiphon.policies.hedge_round import HedgeRound
from antiphon.testing import FakeClock
from tests.anyio_group import AsyncGroup, until


class Course:
    """Runners in a relay: they wait until they are let go, and then return or raise."""

    def __init__(self, most: int = 1) -> None:
        self.race: HedgeRound[str] = HedgeRound(most, lambda: True, lambda value: value != "failed")
        self.outcomes: dict[int, str | Exception] = {}
        self.started: list[int] = []
        self.reasons: list[str] = []
        self.dropped: list[str] = []

    async def run(self, place: int, token: CancelToken) -> str:
        """Wait for the outcome of this one."""
        self.started.append(place)
        while place not in self.outcomes:
            if await sleep(0.001, None, token) is CANCELLED:
                self.reasons.append(token.reason)
                # One that has its answer just now, and nobody wants it any more.
                return "too late"
        outcome = self.outcomes[place]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def drop(self, value: str) -> None:
        """Note what nobody takes."""
        self.dropped.append(value)


class Interrupted(BaseException):
    """As KeyboardInterrupt, which a test cannot raise."""


async def test_an_interruption_is_itself() -> None:
    """Ctrl-C in the first request reaches the caller as what it is, in no group of errors."""
    course = Course()

    async def run(_place: int, _token: CancelToken) -> str:
        raise Interrupted

    with pytest.raises(Interrupted):
        await relay(run, course.race, 30.0, course.drop)
    assert course.race.over


@pytest.mark.parametrize("winner", [0, 1, 2])
async def test_first_answer_wins(winner: int) -> None:
    """The answer of any of them counts; the others are told why they are cancelled, and dropped."""
    course = Course(2)
    async with AsyncGroup() as group:
        call = group.start(relay, course.run, course.race, 0.005, course.drop)
        await until(lambda: 3 == len(course.started))
        course.outcomes[winner] = "answer"
    assert "answer" == call.result.value  # type: ignore[attr-defined]
    assert winner == call.result.place  # type: ignore[attr-defined]
    assert [0, 1, 2] == sorted(course.started)
    assert [FASTER] * 2 == course.reasons
    assert ["too late"] * 2 == course.dropped


async def test_a_value_that_is_a_failure() -> None:
    """It waits for the others, and is dropped for an answer or for a later failure."""
    course = Course(2)
    async with AsyncGroup() as group:
        call = group.start(relay, course.run, course.race, 0.005, course.drop)
        await until(lambda: 3 == len(course.started))
        course.outcomes[1] = "failed"
        await until(lambda: course.race._running == 2)
        course.outcomes[0] = LookupError("nothing there")
        await until(lambda: ["failed"] == course.dropped)
        course.outcomes[2] = "answer"
    assert "answer" == call.result.value  # type: ignore[attr-defined]


async def test_no_time_at_all() -> None:
    """Without a delay all start at once, with a clock of a test too."""
    course = Course(3)
    course.outcomes[0] = "answer"
    with FakeClock():
        finish = await relay(course.run, course.race, 0.0, course.drop)
    assert finish.value is not None


async def test_cancelled() -> None:
    """The token of the caller is that of all."""
    course = Course()
    token = CancelToken()
    async with AsyncGroup() as group:
        group.start(relay, course.run, course.race, 0.001, course.drop, token)
        await until(lambda: 2 == len(course.started))
        token.cancel("enough")
    assert ["enough", "enough"] == course.reasons


async def test_winning_does_not_end_the_token() -> None:
    """What is handed over, such as an open stream, can still be cancelled by the caller."""
    tokens: list[CancelToken] = []
    race: HedgeRound[str] = HedgeRound(1, lambda: True, lambda _: True)
    course = Course()
    token = CancelToken()

    async def answer(_place: int, own: CancelToken) -> str:
        tokens.append(own)
        return "answer"

    assert "answer" == (await relay(answer, race, 30.0, course.drop, token)).value
    assert not tokens[0].cancelled
    token.cancel("now")
    assert tokens[0].cancelled


async def test_errors_are_not_kept() -> None:
    """The error that is handed over is freed with its last reference: nothing holds it in a ring."""

    class Broken(Exception):
        """An error that can be referred to weakly."""

    async def fail(_place: int, _token: CancelToken) -> str:
        raise Broken

    async def call() -> weakref.ref[BaseException]:
        race: HedgeRound[str] = HedgeRound(1, lambda: True, lambda _: True)
        finish = await relay(fail, race, 30.0, course.drop)
        assert isinstance(finish.error, Broken)
        gone = weakref.ref(finish.error)
        del finish  # this frame is part of the traceback
        return gone

    course = Course()
    gc.collect()
    gc.disable()
    try:
        gone = await call()
        assert gone() is None
    finally:
        gc.enable()
