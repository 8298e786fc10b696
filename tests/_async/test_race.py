# Source of _sync/test_race.py; after editing run: tox -e codegen
"""Several ways to one answer: the first wins, the others are called off."""

from __future__ import annotations

import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network.anyio_parker import sleep
from antiphon.network.anyio_race import race
from antiphon.network.outcome import CANCELLED, READY
from tests.anyio_group import AsyncGroup, until


class Cancelled(Exception):
    """What an entrant raises when it was called off."""


class Field:
    """Entrants of a race, and what became of them."""

    def __init__(self) -> None:
        self.started = 0
        self.called_off: list[str] = []

    async def patient(self, token: CancelToken) -> str:
        """Wait until called off."""
        self.started += 1
        assert CANCELLED is await sleep(20, None, token)
        self.called_off.append(token.reason)
        raise Cancelled

    async def quick(self, token: CancelToken) -> str:
        """Answer once the others are on their way."""
        self.started += 1
        await until(lambda: 3 == self.started)
        return "quick"

    async def failing(self, token: CancelToken) -> str:
        """Fail once the others are on their way."""
        self.started += 1
        await until(lambda: 3 == self.started)
        raise LookupError("nothing there")


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_first_answer_wins(place: int) -> None:
    """The first answer is returned once the losers have been called off and have ended."""
    field = Field()
    entrants = [field.patient, field.patient]
    entrants.insert(place, field.quick)
    assert "quick" == await race(entrants)
    assert ["another entrant was faster"] * 2 == field.called_off


@pytest.mark.parametrize("place", [0, 1])
async def test_a_failure_calls_nobody_off(place: int) -> None:
    """An entrant that fails leaves the race to the others."""
    field = Field()

    async def slower(token: CancelToken) -> str:
        field.started += 2
        assert READY is await sleep(0.02, None, token)
        return "slower"

    entrants = [slower]
    entrants.insert(place, field.failing)
    assert "slower" == await race(entrants)


async def test_all_fail() -> None:
    """If all fail, the error of the last one is raised."""
    gone: list[int] = []

    def entrant(number: int):  # type: ignore[no-untyped-def]
        async def fail(token: CancelToken) -> str:
            await until(lambda: number == len(gone))
            gone.append(number)
            raise LookupError(f"number {number}")

        return fail

    with pytest.raises(LookupError, match="number 2"):
        await race([entrant(1), entrant(0), entrant(2)])


async def test_one_entrant() -> None:
    """A race of one is a call."""
    field = Field()
    field.started = 2
    assert "quick" == await race([field.quick])


async def test_cancelled() -> None:
    """The caller's token calls all entrants off."""
    field = Field()
    token = CancelToken()
    async with AsyncGroup() as group:
        call = group.start(race, [field.patient, field.patient], token)
        await until(lambda: 2 == field.started)
        token.cancel("enough")
    assert isinstance(call.error, Cancelled)
    assert ["enough", "enough"] == field.called_off


async def test_an_answer_that_comes_too_late() -> None:
    """Of two answers the first counts, even if the loser answers all the same."""

    async def stubborn(token: CancelToken) -> str:
        assert CANCELLED is await sleep(20, None, token)
        return "too late"

    field = Field()
    field.started = 2
    assert "quick" == await race([stubborn, field.quick])


async def test_winning_cancels_nothing_else() -> None:
    """The caller's own token is not cancelled by a race that was won, nor is the winner's."""
    token = CancelToken()
    field = Field()
    field.started = 1
    mine: list[CancelToken] = []

    async def winner(own: CancelToken) -> str:
        mine.append(own)
        return await field.quick(own)

    assert "quick" == await race([winner, field.patient], token)
    assert not token.cancelled
    assert not mine[0].cancelled
