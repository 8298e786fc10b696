"""Several ways to the same answer, at once, in threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from antiphon.models.cancel import CancelToken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def race(entrants: Sequence[Callable[[CancelToken], T]], cancel: CancelToken | None = None) -> T:
    """Run all entrants at once; return the first answer, or raise the last error if all fail.

    Each gets a token of its own, cancelled once another has won or `cancel` was. Returns when all
    have ended, so that nothing is left running. The first entrant runs in the calling thread.
    """
    tokens = [CancelToken() if cancel is None else cancel.child() for _ in entrants]
    lock = threading.Lock()
    answers: list[T] = []
    errors: list[BaseException] = []

    def run(place: int) -> None:
        try:
            answer = entrants[place](tokens[place])
        except BaseException as error:  # raised below, unless another one wins
            if place == 0 and not isinstance(error, Exception):
                raise  # Ctrl-C in the calling thread
            errors.append(error)
            return
        with lock:
            won = not answers
            if won:
                answers.append(answer)
        if won:
            for other, token in enumerate(tokens):
                if other != place:
                    token.cancel("another entrant was faster")

    threads = [
        threading.Thread(target=run, args=(place,), name="antiphon-race", daemon=True)
        for place in range(1, len(entrants))
    ]
    try:
        for thread in threads:
            thread.start()
        run(0)
    except BaseException:  # Ctrl-C in the calling thread ends the others too
        for token in tokens:
            token.cancel("the race was called off")
        raise
    finally:
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    if answers:
        return answers[0]
    raise errors[-1]
