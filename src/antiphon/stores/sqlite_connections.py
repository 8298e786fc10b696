"""Connections to one SQLite file: lent to one thread at a time, and never carried over a fork."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

# More than this many are closed after their use: opening one costs less than a millisecond.
_MOST_IDLE: Final = 4
# A process that forks waits so long for its other threads to leave the file.
_FORK_PATIENCE: Final = 5.0


class SQLiteConnections:
    """Opens connections when none is idle; all of them have left the file when a process forks.

    SQLite forbids connections that were opened before a fork, even to close them in the child: the
    child would take locks for its own that only its parent holds. A child forked while a thread was
    in the file for longer than 5 s therefore never touches the file (`forbidden`).
    """

    __slots__ = ("__weakref__", "_busy", "_idle", "_lock", "_make", "forbidden")

    def __init__(self, make: Callable[[], sqlite3.Connection]) -> None:
        self._make = make
        # Re-entrant: a finaliser in our thread may make a call too.
        self._lock = threading.Condition(threading.RLock())
        self._idle: list[sqlite3.Connection] = []
        self._busy = 0
        self.forbidden = False
        weakref.finalize(self, _close_all, self._idle)
        _living.add(self)

    def lend(self) -> sqlite3.Connection:
        """Return a connection for the calling thread alone, to be handed to `take_back`."""
        with self._lock:
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._make()
        except BaseException:
            self.take_back(None)
            raise

    def take_back(self, connection: sqlite3.Connection | None) -> None:
        """Keep a connection for the next one who asks; None for one that was closed."""
        with self._lock:
            self._busy -= 1
            keep = connection is not None and len(self._idle) < _MOST_IDLE
            if connection is not None:
                if keep:
                    self._idle.append(connection)
                else:
                    connection.close()
            if not self._busy:
                self._lock.notify_all()

    def close_idle(self) -> None:
        """Close what nobody uses at the moment; whoever asks next opens another one."""
        with self._lock:
            _close_all(self._idle)

    def _before_fork(self) -> None:
        # The lock is held until the process has forked, so that nobody enters SQLite meanwhile.
        self._lock.acquire()
        self._lock.wait_for(lambda: not self._busy, _FORK_PATIENCE)
        _close_all(self._idle)

    def _after_fork_in_parent(self) -> None:
        self._lock.release()

    def _after_fork_in_child(self) -> None:  # pragma: no cover - a forked child
        self._lock = threading.Condition(threading.RLock())
        self.forbidden = self.forbidden or self._busy > 0
        self._busy = 0


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


_living: weakref.WeakSet[SQLiteConnections] = weakref.WeakSet()
_held: list[SQLiteConnections] = []


def _before_fork() -> None:
    # Ordered, so that two threads that fork at once do not wait for each other.
    for connections in sorted(_living, key=id):
        connections._before_fork()
        _held.append(connections)


def _after_fork_in_parent() -> None:
    while _held:
        _held.pop()._after_fork_in_parent()


def _after_fork_in_child() -> None:  # pragma: no cover - a forked child
    while _held:
        _held.pop()._after_fork_in_child()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
