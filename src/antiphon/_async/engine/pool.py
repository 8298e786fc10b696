# Source of _sync/engine/pool.py; after editing run: tox -e codegen
"""The connection pool: `PoolPlan` decides under a lock, this acts after it."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from antiphon._async.engine.connection import AsyncConnection
from antiphon.errors import ClientClosedError
from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED, READY
from antiphon.policies.pool_plan import PoolPlan, Waiter

if TYPE_CHECKING:
    from antiphon.models.limits import Limits
    from antiphon.models.origin import Origin
    from antiphon.policies.patience import Patience


class _PoolWaiter(Waiter[AsyncConnection]):
    """A caller in the queue, and the place where it waits."""

    __slots__ = ("parker",)

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self.parker = AsyncParker()


class AsyncPool:
    """Hands out connections, first come, first served, within its limits.

    Nothing here belongs to an event loop or a thread. The lock is a plain one, held over pure code
    only; whoever is woken is woken after it was let go.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._plan: PoolPlan[AsyncConnection] = PoolPlan(limits)
        # Every open connection, in use or idle: for closing the client, and for a forked child.
        self._connections: set[AsyncConnection] = set()
        # Connections whose stream was garbage-collected. Finalisers run anywhere, in a thread that
        # holds the lock too, so they only append here (atomic) and the next caller sees to it.
        self._orphans: deque[AsyncConnection] = deque()
        self._closed = False
        _pools.add(self)

    async def acquire(self, origin: Origin, patience: Patience) -> AsyncConnection | None:
        """An idle connection that is alive, or None: the caller may open one (and owes a `drop`).

        Raises `PoolTimeout`, `DeadlineExceeded`, `RequestCancelled` or `ClientClosedError`.
        """
        while True:
            connection = await self._take(origin, patience)
            if connection is None or connection.is_reusable():
                return connection
            self.discard(connection, "the peer had closed it while it was idle")

    async def _take(self, origin: Origin, patience: Patience) -> AsyncConnection | None:
        waiter = None
        plan = self._plan
        with self._lock:
            self._adopt_orphans()
            if self._closed:
                raise ClientClosedError("the client is closed; make a new one")
            connection = plan.take_idle(origin, now())
            if connection is None and not plan.take_permit(origin):
                waiter = _PoolWaiter(origin)
                plan.join(waiter)
        if plan.doomed:
            self._close_doomed("idle for too long, or making room for another origin")
        if waiter is not None:
            return await self._wait(waiter, patience)
        return connection

    async def _wait(self, waiter: _PoolWaiter, patience: Patience) -> AsyncConnection | None:
        deadline = patience.until(patience.pool, now())
        try:
            while True:
                outcome = await waiter.parker.park(deadline, patience.cancel)
                with self._lock:
                    self._adopt_orphans()
                    if self._closed:
                        raise ClientClosedError(
                            "the client was closed while this call waited for a connection"
                        )
                    if not waiter.granted:
                        if outcome is not READY:
                            raise patience.exhausted(
                                "pool", now(), "no", cancelled=outcome is CANCELLED
                            )
                        waiter.parker = AsyncParker()
                if waiter.granted:
                    return waiter.connection
                if self._orphans:  # one more may have come before the new parker could be seen
                    waiter.parker.unpark()
        except BaseException:
            self._withdraw(waiter)
            raise

    def _withdraw(self, waiter: _PoolWaiter) -> None:
        """Leave the queue, and give back what was granted at the last moment."""
        with self._lock:
            self._plan.leave(waiter)
            if waiter.granted:
                if waiter.connection is None:
                    self._plan.drop(waiter.origin)
                else:
                    self._plan.put_idle(waiter.connection, now())
            _unpark(self._plan.serve_waiters(now()))
            if self._closed:
                self._plan.doom_idle()
        self._close_doomed("the client was closed")

    def add(self, connection: AsyncConnection) -> None:
        """A connection was opened on a permit; it is in use by its opener.

        Raises `ClientClosedError`, and closes it, if the client was closed meanwhile.
        """
        self._connections.add(connection)
        if self._closed:
            self.discard(connection, "the client was closed")
            raise ClientClosedError("the client was closed while this call was connecting")

    def release(self, connection: AsyncConnection) -> None:
        """A connection is free for others."""
        plan = self._plan
        woken: Iterable[Waiter[AsyncConnection]] = ()
        with self._lock:
            moment = now()
            plan.put_idle(connection, moment)
            if plan.waiter_count:
                woken = plan.serve_waiters(moment)
            plan.trim()
            if self._closed:
                plan.doom_idle()
        if woken:
            _unpark(woken)
        if plan.doomed:
            self._close_doomed("more idle connections than max_idle_connections")

    def discard(self, connection: AsyncConnection, reason: str) -> None:
        """A connection must not be used again: close it and free its place."""
        connection.close(reason)
        self._connections.discard(connection)
        self.drop(connection.origin)

    def drop(self, origin: Origin) -> None:
        """Free the place of a connection that is closed, or that could not be opened."""
        with self._lock:
            self._plan.drop(origin)
            woken = self._plan.serve_waiters(now())
        _unpark(woken)

    def try_permit(self, origin: Origin, *, make_room: bool) -> bool:
        """Whether a connection may be opened right now; True owes a `drop` or an `add`."""
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client is closed; make a new one")
            permitted = self._plan.take_permit(origin, make_room=make_room)
        self._close_doomed("making room for another")
        return permitted

    def orphan(self, connection: AsyncConnection) -> None:
        """A stream was garbage-collected before its end. Takes no lock: called by finalisers."""
        connection.close("its stream was forgotten open")
        self._orphans.append(connection)
        try:
            first = self._plan.first_waiter()
        except RuntimeError:  # the queue changed meanwhile, by someone who sees to the orphans
            return
        if first is not None:
            _unpark((first,))

    def _adopt_orphans(self) -> None:
        """Account for closed connections that finalisers left, and serve who waited for them.

        Called under the lock.
        """
        if not self._orphans:
            return
        while self._orphans:
            connection = self._orphans.popleft()
            self._connections.discard(connection)
            self._plan.drop(connection.origin)
        _unpark(self._plan.serve_waiters(now()))

    def _close_doomed(self, reason: str) -> None:
        doomed = self._plan.doomed
        while doomed:
            try:
                connection = doomed.pop()
            except IndexError:  # another thread was faster
                return
            self._connections.discard(connection)
            connection.close(reason)

    def close(self) -> None:
        """Close what is idle, end what is in use, send home who waits. Never waits itself."""
        with self._lock:
            self._closed = True
            self._plan.doom_idle()
            waiters = list(self._plan.waiters())
            for waiter in waiters:
                self._plan.leave(waiter)
        self._close_doomed("the client was closed")
        for connection in list(self._connections):
            connection.abort()
        _unpark(waiters)

    def reset_after_fork(self) -> None:
        """Start anew in a forked child, for the connections are the parent's.

        They are closed here, never shut down: that would end them for the parent too.
        """
        self._lock = threading.Lock()
        for connection in self._connections:
            connection.close("the process forked")
        self._connections = set()
        self._orphans = deque()
        self._plan = PoolPlan(self._limits)

    def __repr__(self) -> str:
        plan = self._plan
        return (
            f"<{type(self).__name__} {plan.open_count} open, {plan.idle_count} idle, "
            f"{plan.waiter_count} waiting>"
        )


def _unpark(waiters: Iterable[Waiter[AsyncConnection]]) -> None:
    for waiter in waiters:
        if isinstance(waiter, _PoolWaiter):
            waiter.parker.unpark()


_pools: weakref.WeakSet[AsyncPool] = weakref.WeakSet()


def _reset_pools() -> None:
    for pool in list(_pools):
        pool.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_pools)
