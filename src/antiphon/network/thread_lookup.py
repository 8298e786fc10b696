"""Names to addresses without an event loop: the system's resolver, or one of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from antiphon.network.outcome import READY, WaitEnded
from antiphon.network.resolver import Lookup, resolve_now, submit
from antiphon.network.thread_parker import Parker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from antiphon.models.cancel import CancelToken


class Resolver(Protocol):
    """Finds the addresses of names in place of the system: `Client(resolve=...)`."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Return IP addresses of `host`, the preferred first; what it raises fails the call."""
        ...


def lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver, in the calling thread; raises `OSError`."""
    return [address[0] for _, address in resolve_now(host, port)]


class _Question(Lookup):
    """A question to a user's resolver, answered in one of the lookup threads."""

    __slots__ = ("answer", "parker", "resolver")

    def __init__(self, resolver: Resolver, host: str, port: int) -> None:
        self.parker = Parker()
        super().__init__(host, port, self.parker.unpark)
        self.resolver = resolver
        self.answer: Sequence[str] = ()

    def run(self) -> None:
        """Ask in the calling thread, and tell the one who waits."""
        try:
            self.answer = self.resolver.resolve(self.host, self.port)
        except Exception as error:  # noqa: BLE001 - raised by who waits; a thread must not die of it
            self.error = error
        self.done()


def ask(
    resolver: Resolver,
    host: str,
    port: int,
    deadline: float | None,
    cancel: CancelToken | None,
) -> Sequence[str]:
    """Ask a user's resolver; raises what it raises, or `WaitEnded` at the deadline or cancellation.

    It runs in a daemon thread, which then is left to its fate: nothing can interrupt it.
    """
    question = _Question(resolver, host, port)
    submit(question)
    outcome = question.parker.park(deadline, cancel)
    if outcome is not READY:
        raise WaitEnded(outcome)
    if question.error is not None:
        raise question.error
    return question.answer
