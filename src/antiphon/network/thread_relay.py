"""A request, and copies of it when it takes long, in threads: the twin of `anyio_relay`."""

from __future__ import annotations

import threading
from contextvars import copy_context
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from antiphon.models.cancel import CancelToken
from antiphon.network.alarms import Alarm
from antiphon.network.clock import now
from antiphon.network.thread_parker import Parker
from antiphon.policies.hedge_round import Finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from antiphon.policies.hedge_round import HedgeRound

T = TypeVar("T")

GRACE = 0.25
"""Seconds that those who were called off have to end; they need them only for code of others."""
FASTER = "another copy of the request was answered first"


def relay(
    send: Callable[[int, CancelToken], T],
    race: HedgeRound[T],
    delay: float,
    drop: Callable[[T], None],
    cancel: CancelToken | None = None,
) -> Finish[T]:
    """Send a request, and a copy of it each time `delay` seconds have passed without an answer.

    `send(number, token)` sends one, number 0 here in the calling thread, copies in threads of their
    own with the context variables of the caller. `race` decides how many and which outcome counts;
    the others are cancelled by their tokens, and their answers given to `drop`. Returns once all
    have ended, or `GRACE` seconds after the outcome: a copy that is deaf to its token ends later,
    by itself. What interrupts the calling thread ends all.
    """
    return _Relay(send, race, delay, drop, cancel).run()


class _Relay(Generic[T]):
    __slots__ = (
        "_alarm",
        "_cancel",
        "_context",
        "_delay",
        "_drop",
        "_lock",
        "_over",
        "_race",
        "_send",
        "_started",
        "_threads",
        "_tokens",
    )

    def __init__(
        self,
        send: Callable[[int, CancelToken], T],
        race: HedgeRound[T],
        delay: float,
        drop: Callable[[T], None],
        cancel: CancelToken | None,
    ) -> None:
        self._send = send
        self._race = race
        self._delay = delay
        self._drop = drop
        self._cancel = cancel
        # Over who takes part: the tokens and the threads.
        self._lock = threading.Lock()
        self._tokens: list[CancelToken] = []
        self._threads: list[threading.Thread] = []
        self._over = Parker()
        self._context = copy_context()
        self._started = now()
        self._alarm: Alarm | None = None

    def run(self) -> Finish[T]:
        """Take part as the first, and wait for the outcome."""
        race = self._race
        self._join()
        try:
            self._set_alarm()
            self._run(0)
            if not race.over:
                self._over.park()
            self._leave()
        except BaseException:  # Ctrl-C in the calling thread ends the others too
            kept = race.close()
            self._call_off("the call was interrupted")
            self._leave()
            if kept is not None and kept.value is not None:
                self._drop(kept.value)
            raise
        return race.take()

    def _join(self) -> int | None:
        place = self._race.enter()
        if place is not None:
            cancel = self._cancel
            self._tokens.append(CancelToken() if cancel is None else cancel.child())
        return place

    def _set_alarm(self) -> None:
        if self._race.wants_more:
            when = self._started + self._delay * self._race.started
            self._alarm = Alarm(when, self._start_copy)
            self._alarm.set()

    def _start_copy(self) -> None:
        """Start one in a thread, if it is still wanted; called when its time has come."""
        with self._lock:
            place = self._join()
            if place is None:
                return
            context = self._context.copy()
            failure: RuntimeError | None
            thread = threading.Thread(
                target=context.run, args=(self._run, place), name="antiphon-hedge", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:  # the system has no more threads
                failure = error
            else:
                failure = None
                self._threads.append(thread)
        if failure is not None:
            self._finish(Finish(place, error=failure, refused=True))
        self._set_alarm()

    def _run(self, place: int) -> None:
        try:
            value = self._send(place, self._tokens[place])
        except BaseException as error:  # raised by who takes the outcome
            if place == 0 and not isinstance(error, Exception):
                raise  # Ctrl-C in the calling thread
            finish: Finish[T] = Finish(place, error=error)
        else:
            finish = Finish(place, value)
        try:
            self._finish(finish)
        finally:
            del finish  # its error's traceback holds this frame

    def _finish(self, finish: Finish[T]) -> None:
        dropped = self._race.finish(finish)
        if self._race.over:
            self._call_off(FASTER, but=finish.place)
        try:
            if dropped is not None and dropped.value is not None:
                self._drop(dropped.value)
        finally:
            del finish, dropped

    def _call_off(self, reason: str, but: int | None = None) -> None:
        with self._lock:
            tokens = tuple(self._tokens)
        for place, token in enumerate(tokens):
            if place != but:
                token.cancel(reason)
        self._over.unpark()

    def _leave(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:  # pragma: no branch - else this was interrupted, and is done again
            alarm.take_back()
        with self._lock:
            threads = tuple(self._threads)
        end = monotonic() + GRACE
        for thread in threads:
            thread.join(max(0.0, end - monotonic()))
