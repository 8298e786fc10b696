"""Calls that block, in an event loop: a thread of our own makes them, the task waits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.daemon_threads import DaemonThreads
from antiphon.network.outcome import READY, WaitEnded

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.models.cancel import CancelToken

T = TypeVar("T")

_THREADS_NAME = "antiphon-blocking"
_threads = DaemonThreads(_THREADS_NAME)


def _forget_threads() -> None:
    # Threads do not survive a fork, and a lock may have been held by one of them.
    global _threads
    _threads = DaemonThreads(_THREADS_NAME)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_forget_threads)


class _Errand:
    """A call that nobody waits for; what it raises is lost."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function

    def run(self) -> None:
        """Call the function in the calling thread."""
        try:
            self.function()
        except BaseException:  # noqa: BLE001, S110 - nobody is there to hear of it
            pass


class _Call(Generic[T]):
    """One call of a function: `answers` or `error` is set before `parker` is unparked."""

    __slots__ = ("answers", "error", "function", "parker")

    def __init__(self, function: Callable[[], T]) -> None:
        self.function = function
        self.parker = AsyncParker()
        self.answers: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call the function in the calling thread, and tell the one who waits."""
        try:
            self.answers.append(self.function())
        except BaseException as error:  # noqa: BLE001 - raised by who waits
            self.error = error
        self.parker.unpark()


def leave_blocking(function: Callable[[], object]) -> None:
    """Have the function run in a daemon thread, and go on; what it returns or raises is lost."""
    _threads.submit(_Errand(function))


async def run_blocking(
    function: Callable[[], T], deadline: float | None = None, cancel: CancelToken | None = None
) -> T:
    """Return what the function returns, or raise what it raises; it runs in a daemon thread.

    At the deadline (monotonic seconds), at cancellation by the token (both raise `WaitEnded`) and
    at that of the task the thread is left to finish by itself.
    """
    call = _Call(function)
    _threads.submit(call)
    outcome = await call.parker.park(deadline, cancel)
    if outcome is not READY:
        raise WaitEnded(outcome)
    if call.error is None:
        return call.answers[0]
    try:
        raise call.error
    finally:
        call.error = None  # an error whose traceback leads back to itself would stay for long
