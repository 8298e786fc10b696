"""Names to addresses in an event loop: the system's resolver, or one of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anyio

from antiphon.network import clock
from antiphon.network.anyio_loops import running_door
from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.outcome import CANCELLED, TIMED_OUT, Outcome, WaitEnded
from antiphon.network.resolver import start_lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from antiphon.models.cancel import CancelToken


class AsyncResolver(Protocol):
    """Finds the addresses of names in place of the system: `AsyncClient(resolve=...)`."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Return IP addresses of `host`, the preferred first; what it raises fails the call."""
        ...


async def lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver, in a thread of its own; raises `OSError`."""
    parker = AsyncParker()
    found = start_lookup(host, port, parker.unpark)
    await parker.park()
    if found.error is not None:
        raise found.error
    return [address[0] for _, address in found.addresses or ()]


async def ask(
    resolver: AsyncResolver,
    host: str,
    port: int,
    deadline: float | None,
    cancel: CancelToken | None,
) -> Sequence[str]:
    """Ask a user's resolver; raises what it raises, or `WaitEnded` at the deadline or cancellation.

    At those it is cancelled.
    """
    scope = anyio.CancelScope()
    ended: Outcome | None = None
    door = running_door()

    def end(outcome: Outcome) -> None:
        nonlocal ended
        ended = ended or outcome
        scope.cancel()

    def on_cancel() -> None:
        door.call_soon(lambda: end(CANCELLED))

    def time_out() -> None:
        door.call_soon(lambda: end(TIMED_OUT))

    take_back: Callable[[], None] | None = None
    if deadline is not None:
        replacement = clock.replacement()
        if replacement is None:
            scope.deadline = anyio.current_time() + max(0.0, deadline - clock.now())
        else:
            take_back = replacement.call_at(deadline, time_out)
    if cancel is not None:
        cancel.register(on_cancel)
    try:
        with scope:
            return await resolver.resolve(host, port)
    finally:
        if take_back is not None:
            take_back()
        if cancel is not None:
            cancel.unregister(on_cancel)
    raise WaitEnded(ended or TIMED_OUT)
