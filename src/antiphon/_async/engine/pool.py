# Source of _sync/engine/pool.py; after editing run: tox -e codegen
"""The connection pool: `PoolPlan` decides under a lock, this acts after it."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from antiphon._async.engine.connection import AsyncConnection
from antiphon.errors import ClientClosedError
from antiphon.network.anyio_parker import AsyncParker
from antiphon.network.clock import now
from antiphon.network.outcome import CANCELLED
from antiphon.policies.pool_plan import PoolPlan, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from antiphon.models.limits import Limits
    from antiphon.policies.patience import Patience
    from antiphon.policies.proxy import Route


class _PoolWaiter(Waiter[AsyncConnection]):
    """A caller in the queue, and the place where it waits."""

    __slots__ = ("parker",)

    def __init__(self, origin: Route) -> None:
        super().__init__(origin)
        self.parker = AsyncParker()


class AsyncPool:
    """Hands out connections, first come, first served, within its limits.

    Nothing here belongs to an event loop or a thread. The lock is held over pure code only; whoever
    is woken is woken, and what is closed is closed, after it was let go.

    Giving back happens in finalisers too (of a stream, of a generator that holds one, of a task
    whose loop is gone), and those run anywhere: in the midst of a change of the book, in the very
    thread that makes it. So what is given back queues up first (an atomic step) and is entered in
    the book by whoever comes next: the one who gives it, or the one whose change it interrupted.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # Never entered twice by one thread; it is re-entrant only because it then knows its owner.
        self._lock = threading.RLock()
        self._plan: PoolPlan[AsyncConnection] = PoolPlan(limits)
        # Every open connection, in use or idle: for closing the client, and for a forked child.
        self._connections: set[AsyncConnection] = set()
        self._returned: deque[Callable[[], object]] = deque()
        self._closed = False
        self._retired = False
        _pools.add(self)

    # Taking. -------------------------------------------------------------------------------------

    async def acquire(self, origin: Route, patience: Patience) -> AsyncConnection | None:
        """An idle connection that is alive, or None: the caller may open one (and owes a `drop`).

        Raises `PoolTimeout`, `DeadlineExceeded`, `RequestCancelled` or `ClientClosedError`.
        """
        connection = await self._take(origin, patience)
        while connection is not None and not connection.is_reusable():
            connection = self._replace(connection)
        return connection

    async def _take(self, origin: Route, patience: Patience) -> AsyncConnection | None:
        waiter = None
        plan = self._plan
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client is closed; make a new one")
            connection = plan.take_idle(origin, now())
            if connection is None and not plan.take_permit(origin):
                waiter = _PoolWaiter(origin)
                plan.join(waiter)
        if self._returned or plan.doomed:
            self._settle()
        if waiter is not None:
            return await self._wait(waiter, patience)
        return connection

    async def _wait(self, waiter: _PoolWaiter, patience: Patience) -> AsyncConnection | None:
        deadline = patience.until(patience.pool, now())
        try:
            outcome = await waiter.parker.park(deadline, patience.cancel)
            if self._closed:
                raise ClientClosedError(
                    "the client was closed while this call waited for a connection"
                )
            if not waiter.granted:
                raise patience.exhausted("pool", now(), "no", cancelled=outcome is CANCELLED)
        except BaseException:
            self._give_back(partial(self._withdraw, waiter))
            raise
        return waiter.connection

    def _replace(self, dead: AsyncConnection) -> AsyncConnection | None:
        """Another idle connection for one that died idle, or None: its place, to open one in."""
        dead.close("the peer had closed it while it was idle")
        with self._lock:
            self._connections.discard(dead)
            connection = self._plan.take_idle(dead.origin, now())
        if connection is not None:
            self.drop(dead.origin)
        else:
            self._settle()
        return connection

    def try_permit(self, origin: Route, *, make_room: bool) -> bool:
        """Whether a connection may be opened right now; True owes a `drop` or an `add`."""
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client is closed; make a new one")
            permitted = self._plan.take_permit(origin, make_room=make_room)
        self._settle()
        return permitted

    def add(self, connection: AsyncConnection) -> None:
        """A connection was opened on a permit; it is in use by its opener.

        Raises `ClientClosedError`, and closes it, if the client was closed meanwhile.
        """
        self._connections.add(connection)
        if self._closed:
            self.discard(connection, "the client was closed")
            raise ClientClosedError("the client was closed while this call was connecting")

    # Giving back: from anywhere, finalisers included. --------------------------------------------

    def release(self, connection: AsyncConnection) -> None:
        """A connection is free for others."""
        plan = self._plan
        if self._returned or self._lock._is_owned():  # type: ignore[attr-defined]
            self._give_back(partial(self._put_idle, connection))
            return
        # Nobody waits and nothing is over a limit: the common case needs no queue.
        with self._lock:
            self._put_idle(connection)
            settled = plan.at_rest
        if not settled or self._returned or self._closed or self._retired:
            self._give_back(_nothing)

    def discard(self, connection: AsyncConnection, reason: str) -> None:
        """A connection must not be used again: close it and free its place."""
        connection.close(reason)
        self._give_back(partial(self._forget, connection))

    def drop(self, origin: Route) -> None:
        """Free the place of a connection that could not be opened."""
        self._give_back(partial(self._plan.drop, origin))

    def close(self) -> None:
        """Close what is idle, end what is in use, send home who waits. Never waits itself."""
        self._closed = True
        self._give_back(self._dismiss_waiters)
        for connection in list(self._connections):
            connection.abort()

    def retire(self) -> None:
        """Keep no connection idle any more: the client was forgotten, or the process ends.

        Unlike `close` it leaves the rest alone: streams that outlive their client are read on, and
        exit handlers may still make calls.
        """
        self._retired = True
        self._give_back(partial(self._plan.doom_idle, "its client is gone"))

    def _give_back(self, entry: Callable[[], object]) -> None:
        self._returned.append(entry)
        self._settle()

    def _settle(self) -> None:
        """Enter what was given back, wake who is served by it, close what nobody is to use."""
        plan = self._plan
        while self._returned or plan.doomed:
            if self._lock._is_owned():  # type: ignore[attr-defined]
                return  # this interrupts a change of the book, which is followed by a `_settle`
            with self._lock:
                woken = self._enter_returned()
            for waiter in woken:
                if not _unpark(waiter):
                    self._returned.append(partial(self._withdraw, waiter))
            while plan.doomed:
                try:
                    connection, reason = plan.doomed.pop()
                except IndexError:  # another thread was faster
                    break
                self._connections.discard(connection)
                connection.close(reason)

    def _enter_returned(self) -> Sequence[Waiter[AsyncConnection]]:
        """Under the lock: bring the book up to date; returns who is to be woken."""
        plan = self._plan
        while self._returned:
            self._returned.popleft()()
        woken = plan.serve_waiters(now()) if plan.waiter_count else ()
        plan.trim()
        if self._closed or self._retired:
            plan.doom_idle("the client was closed" if self._closed else "its client is gone")
        return woken

    # Entries in the book, made under the lock. ---------------------------------------------------

    def _put_idle(self, connection: AsyncConnection) -> None:
        # After a fork the connections from before it are the parent's, and in nobody's book here.
        if connection in self._connections:
            self._plan.put_idle(connection, now())

    def _forget(self, connection: AsyncConnection) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._plan.drop(connection.origin)

    def _withdraw(self, waiter: Waiter[AsyncConnection]) -> None:
        """Leave the queue, and give back what was granted at the last moment."""
        self._plan.leave(waiter)
        if not waiter.granted:
            return
        waiter.granted = False  # once: where its loop was closed, its task may end later still
        if waiter.connection is None:
            self._plan.drop(waiter.origin)
        else:
            self._put_idle(waiter.connection)

    def _dismiss_waiters(self) -> None:
        for waiter in list(self._plan.waiters()):
            self._plan.leave(waiter)
            _unpark(waiter)

    # ---------------------------------------------------------------------------------------------

    def reset_after_fork(self) -> None:
        """Start anew in a forked child, for the connections are the parent's.

        They are closed here, never shut down: that would end them for the parent too.
        """
        self._lock = threading.RLock()
        for connection in self._connections:
            connection.close("the process forked")
        self._connections = set()
        self._returned = deque()
        self._plan = PoolPlan(self._limits)

    def __repr__(self) -> str:
        plan = self._plan
        return (
            f"<{type(self).__name__} {plan.open_count} open, {plan.idle_count} idle, "
            f"{plan.waiter_count} waiting>"
        )


def _nothing() -> None:
    """Change nothing in the book, but have it brought up to date."""


def _unpark(waiter: Waiter[AsyncConnection]) -> bool:
    """Wake a caller; False if its event loop is closed, so that it never will."""
    assert isinstance(waiter, _PoolWaiter)
    return waiter.parker.unpark()


_pools: weakref.WeakSet[AsyncPool] = weakref.WeakSet()


def _reset_pools() -> None:
    for pool in list(_pools):
        pool.reset_after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_reset_pools)
