"""`with deadline(5):`: one deadline for all calls that are made inside a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from antiphon.errors import InvalidOptionError, UsageError
from antiphon.models.ambient_deadline import AMBIENT_DEADLINE
from antiphon.models.deadline import Deadline
from antiphon.network.clock import now
from antiphon.policies.setting_checks import is_finite, shown

if TYPE_CHECKING:
    from contextvars import Token


def deadline(seconds: float) -> DeadlineBlock:
    """Bound every call that is made inside of its block, in both voices.

    All calls of the block share the time: their retries, redirects, waits and bodies. Blocks nest,
    and `Timeout(total=...)` counts too: whichever ends first. What is still running then raises
    DeadlineExceeded; code that makes no calls is not interrupted. Tasks of asyncio and trio
    that are started inside are bound by it, threads are not. Raises InvalidOptionError for what
    is no finite number from 0.
    """
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not is_finite(seconds)
        or seconds < 0
    ):
        raise InvalidOptionError(
            f"deadline({shown(seconds)}): must be a finite number of seconds, at least 0"
        )
    return DeadlineBlock(seconds)


class DeadlineBlock:
    """A block of code whose calls share a deadline; `deadline` makes it. It is entered once."""

    __slots__ = ("_deadline", "_seconds", "_token")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline: Deadline | None = None
        self._token: Token[Deadline | None] | None = None

    def __enter__(self) -> Self:
        if self._deadline is not None:
            raise UsageError("this deadline was entered already; call deadline(...) again")
        mine = Deadline.after(self._seconds, now())
        # One that is around it may end first.
        self._deadline = Deadline.earliest(AMBIENT_DEADLINE.get(), mine)
        self._token = AMBIENT_DEADLINE.set(self._deadline)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._token is not None:
            try:
                AMBIENT_DEADLINE.reset(self._token)
            except ValueError:
                raise UsageError(
                    f"{self!r} was left in another context than it was entered in, as happens to a "
                    "block around the yield of a generator; put it around the calls themselves"
                ) from None

    def remaining(self) -> float:
        """Return the seconds left, 0.0 once the deadline has passed; all of them before entry."""
        return self._seconds if self._deadline is None else self._deadline.remaining(now())

    def __repr__(self) -> str:
        return f"<deadline({self._seconds:g}), {self.remaining():.3f} s left>"
