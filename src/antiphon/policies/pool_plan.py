"""Who gets which connection, and which are closed: the pool's decisions, without any I/O.

The pool asks under its lock and acts afterwards. At rest nobody waits who could be served: every
change ends with `serve_waiters`. So a newcomer that finds something free overtakes nobody.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from antiphon.models.limits import Limits
    from antiphon.policies.proxy import Route


class Pooled(Protocol):
    """What the plan must know of a connection."""

    origin: Route
    idle_since: float


C = TypeVar("C", bound=Pooled)

# Why a connection is closed, as observers are told.
_EXPIRED = "it was idle for longer than idle_timeout"
_MAKING_ROOM = "it made room for a connection to another origin"
_TOO_MANY = "more connections were idle than max_idle_connections"


class Waiter(Generic[C]):
    """One caller in the queue. Once `granted`, it has `connection`, or may open one if None."""

    __slots__ = ("connection", "granted", "origin")

    def __init__(self, origin: Route) -> None:
        self.origin = origin
        self.granted = False
        self.connection: C | None = None


class PoolPlan(Generic[C]):
    """The book of a pool: idle connections, how many are open, and who waits.

    "Open" counts connections that are idle, in use or being made. Methods never do I/O; connections
    to be closed gather in `doomed`, each with the reason, for the pool to take away and close after
    it let go of its lock.
    """

    __slots__ = (
        "_idle",
        "_idle_count",
        "_limits",
        "_open",
        "_open_count",
        "_sweep_at",
        "_waiters",
        "doomed",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._idle: dict[Route, deque[C]] = {}
        self._idle_count = 0
        self._open: dict[Route, int] = {}
        self._open_count = 0
        # A dict for its order and for leaving the middle of the queue at once.
        self._waiters: dict[Waiter[C], None] = {}
        # When to look again for what has been idle for too long, at any origin.
        self._sweep_at = inf if limits.idle_timeout is None else -inf
        self.doomed: list[tuple[C, str]] = []

    # What the book says. -------------------------------------------------------------------------

    @property
    def open_count(self) -> int:
        """How many connections are idle, in use or being made."""
        return self._open_count

    @property
    def idle_count(self) -> int:
        """How many connections wait for work."""
        return self._idle_count

    @property
    def waiter_count(self) -> int:
        """How many callers wait for a connection."""
        return len(self._waiters)

    @property
    def at_rest(self) -> bool:
        """Whether nobody waits, nothing is to be closed, no more are idle than may be."""
        limit = self._limits.max_idle_connections
        return (
            not self._waiters and not self.doomed and (limit is None or self._idle_count <= limit)
        )

    def idle(self) -> Iterator[C]:
        """The idle connections, in no particular order."""
        for connections in self._idle.values():
            yield from connections

    def waiters(self) -> Iterator[Waiter[C]]:
        """Who waits, the longest first."""
        yield from self._waiters

    # Taking. -------------------------------------------------------------------------------------

    def take_idle(self, origin: Route, now: float) -> C | None:
        """The idle connection to `origin` that was used last, if there is one not too old."""
        connections = self._idle.get(origin)
        if not connections:
            return None
        connection = connections.pop()
        self._idle_count -= 1
        timeout = self._limits.idle_timeout
        if timeout is not None and now - connection.idle_since > timeout:
            # The others have been idle for longer still.
            connections.append(connection)
            self._idle_count += 1
            self._doom(list(connections), _EXPIRED)
            return None
        return connection

    def take_permit(self, origin: Route, *, make_room: bool = True) -> bool:
        """Whether a connection to `origin` may be opened now; it counts as open if so.

        Where the total limit stands in the way, the longest idle connection gives way, unless
        `make_room` is off.
        """
        limits = self._limits
        per_origin = limits.max_connections_per_origin
        if per_origin is not None and self._open.get(origin, 0) >= per_origin:
            return False
        total = limits.max_connections
        if total is not None and self._open_count >= total:
            if not self._idle_count or not make_room:
                return False
            self._doom([self._longest_idle()], _MAKING_ROOM)
        self._open[origin] = self._open.get(origin, 0) + 1
        self._open_count += 1
        return True

    # Giving back. --------------------------------------------------------------------------------

    def put_idle(self, connection: C, now: float) -> None:
        """A connection is free again and can be used again.

        Whoever comes here looks now and then for connections to other origins that nobody has
        asked for since their time was up: there is no other moment at which they would be noticed.
        """
        if now >= self._sweep_at:
            self._sweep(now)
        connection.idle_since = now
        connections = self._idle.get(connection.origin)
        if connections is None:
            connections = self._idle[connection.origin] = deque()
        connections.append(connection)
        self._idle_count += 1

    def trim(self) -> None:
        """Doom what is idle beyond the limits: the longest idle first."""
        limit = self._limits.max_idle_connections
        while limit is not None and self._idle_count > limit:
            self._doom([self._longest_idle()], _TOO_MANY)

    def drop(self, origin: Route) -> None:
        """A connection in use was closed, or one that was being made came to nothing."""
        self._open_count -= 1
        left = self._open[origin] - 1
        if left:
            self._open[origin] = left
        else:
            del self._open[origin]
            self._idle.pop(origin, None)

    def doom_idle(self, reason: str) -> None:
        """Doom every idle connection."""
        self._doom(list(self.idle()), reason)

    # Waiting. ------------------------------------------------------------------------------------

    def join(self, waiter: Waiter[C]) -> None:
        """Queue up."""
        self._waiters[waiter] = None

    def leave(self, waiter: Waiter[C]) -> None:
        """Stop waiting; what was granted in the meantime must be given back by the caller."""
        self._waiters.pop(waiter, None)

    def serve_waiters(self, now: float) -> list[Waiter[C]]:
        """Grant what has become free, first come, first served; returns who is to be woken.

        A waiter that its own origin's limit holds up does not hold up those behind it.
        """
        served: list[Waiter[C]] = []
        total = self._limits.max_connections
        for waiter in self._waiters:
            if not self._idle_count and total is not None and self._open_count >= total:
                break
            connection = self.take_idle(waiter.origin, now)
            if connection is None and not self.take_permit(waiter.origin):
                continue
            waiter.connection = connection
            waiter.granted = True
            served.append(waiter)
        for waiter in served:
            del self._waiters[waiter]
        return served

    # Within. -------------------------------------------------------------------------------------

    def _longest_idle(self) -> C:
        heads = (connections[0] for connections in self._idle.values() if connections)
        return min(heads, key=lambda connection: connection.idle_since)

    def _sweep(self, now: float) -> None:
        timeout = self._limits.idle_timeout
        assert timeout is not None
        self._sweep_at = now + timeout
        self._doom([c for c in self.idle() if now - c.idle_since > timeout], _EXPIRED)

    def _doom(self, connections: Iterable[C], reason: str) -> None:
        for connection in connections:
            self._idle[connection.origin].remove(connection)
            self._idle_count -= 1
            self.drop(connection.origin)
            self.doomed.append((connection, reason))
