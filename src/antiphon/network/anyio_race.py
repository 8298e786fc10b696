"""Several ways to the same answer, at once, in an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from antiphon.models.cancel import CancelToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")


async def race(
    entrants: Sequence[Callable[[CancelToken], Awaitable[T]]], cancel: CancelToken | None = None
) -> T:
    """Run all entrants at once; return the first answer, or raise the last error if all fail.

    Each gets a token of its own, cancelled once another has won or `cancel` was. Returns when all
    have ended, so that nothing is left running.
    """
    tokens = [CancelToken() if cancel is None else cancel.child() for _ in entrants]
    answers: list[T] = []
    errors: list[BaseException] = []
    async with anyio.create_task_group() as group:

        async def run(place: int) -> None:
            try:
                answer = await entrants[place](tokens[place])
            except Exception as error:  # noqa: BLE001 - raised below, unless another one wins
                errors.append(error)
                return
            if not answers:
                answers.append(answer)
                for other, token in enumerate(tokens):
                    if other != place:
                        token.cancel("another entrant was faster")

        for place in range(len(entrants)):
            group.start_soon(run, place)
    if answers:
        return answers[0]
    raise errors[-1]
