"""`SQLiteStore`: stored answers in a file, for the threads and processes of one machine."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

from antiphon.errors import InvalidOptionError
from antiphon.models.stored_response import StoredResponse
from antiphon.stores.sqlite_connections import SQLiteConnections
from antiphon.stores.sqlite_schema import damaged, open_file, remove

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

T = TypeVar("T")

DEFAULT_MAX_BYTES: Final = 256 * 1024 * 1024
# Rows that were read are noted in memory and written down by the next `put`: reading stays free
# of writes. Beyond so many the notes are written at once.
_MOST_NOTES: Final = 512


class SQLiteStore:
    """Keeps stored answers in the SQLite file at `path`, shared by threads and processes.

    Holds `max_bytes` at most, counted as `StoredResponse.size` does, and forgets what was unused
    for longest; the file is a little larger, and `-wal` (up to 4 MiB) and `-shm` stand beside it
    while it is open. A new file can be read by its owner alone. Who has to wait for another writer
    for more than `timeout` seconds goes on without the store. A damaged cache is begun anew.

    The file must be on a local disk: SQLite's locks do not hold on network file systems. Raises
    OSError if it cannot be made or opened, InvalidOptionError if it is no cache of antiphon.
    """

    __slots__ = ("_connections", "_lock", "_max_bytes", "_path", "_timeout", "_used")

    blocking = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        timeout: float = 1.0,
    ) -> None:
        text = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(text, str) or text in ("", ":memory:") or "\0" in text:
            raise InvalidOptionError(f"path={text!r}: give the path of a file, or use MemoryStore")
        if not isinstance(max_bytes, int) or isinstance(max_bytes, bool) or max_bytes < 1:
            raise InvalidOptionError(f"max_bytes={max_bytes!r}: give a number of bytes from 1")
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 <= timeout:
            raise InvalidOptionError(f"timeout={timeout!r}: give seconds from 0")
        self._path = os.path.abspath(text)
        self._max_bytes = max_bytes
        self._timeout = min(timeout, 86_400.0)
        self._lock = threading.RLock()
        self._used: dict[int, float] = {}
        self._connections = _connections(self._path, self._timeout)
        try:
            self._run(lambda _: None)
        except sqlite3.Error as error:
            raise OSError(f"no cache can be kept in {self._path}: {error}") from error

    @property
    def path(self) -> str:
        """The file, as an absolute path."""
        return self._path

    @property
    def max_bytes(self) -> int:
        """The most that is kept, in bytes."""
        return self._max_bytes

    @property
    def size(self) -> int:
        """How much is kept now, in bytes."""
        return self._run(_size) or 0

    def get(self, key: str) -> list[StoredResponse]:
        """Return all variants under `key`; they count as used. Raises `sqlite3.Error`."""
        rows = self._run(lambda connection: _rows(connection, _name(key))) or []
        now = time.time()
        found: list[StoredResponse] = []
        unreadable: list[tuple[int]] = []
        for row, data in rows:
            try:
                found.append(StoredResponse.from_bytes(data))
            except ValueError:  # of another version, or damaged
                unreadable.append((row,))
            else:
                self._used[row] = now
        if unreadable:
            self._run(
                lambda connection: connection.executemany(
                    "DELETE FROM entries WHERE id = ?", unreadable
                )
            )
        if len(self._used) > _MOST_NOTES:
            self._run(lambda connection: self._write(connection, self._note_use))
        return found

    def put(self, key: str, stored: StoredResponse) -> None:
        """Keep `stored` and forget others to make room; one larger than all room is not kept.

        Raises `sqlite3.Error`.
        """
        if stored.size > self._max_bytes:
            self._run(
                lambda connection: connection.execute(
                    "DELETE FROM entries WHERE key = ? AND variant = ?",
                    (_name(key), stored.variant),
                )
            )
            return
        values = (_name(key), stored.variant, stored.to_bytes(), stored.size, time.time())

        def put(connection: sqlite3.Connection) -> None:
            self._note_use(connection)
            row = connection.execute(
                "INSERT INTO entries (key, variant, data, size, used) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (key, variant) DO UPDATE"
                " SET data = excluded.data, size = excluded.size, used = excluded.used"
                " RETURNING id",
                values,
            ).fetchone()[0]
            self._make_room(connection, row)

        self._run(lambda connection: self._write(connection, put))

    def delete(self, key: str) -> None:
        """Forget all variants under `key`; none is no error. Raises `sqlite3.Error`."""
        self._run(
            lambda connection: connection.execute(
                "DELETE FROM entries WHERE key = ?", (_name(key),)
            )
        )

    def clear(self) -> None:
        """Forget everything. Raises `sqlite3.Error`."""
        self._run(lambda connection: connection.execute("DELETE FROM entries"))

    def close(self) -> None:
        """Close the file; whoever uses the store again opens it again."""
        self._connections.close_idle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLiteStore({self._path!r}, max_bytes={self._max_bytes})"

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do it with a connection, a second time if the file had to be begun anew."""
        try:
            return self._run_once(work)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not damaged(error):
                raise
            with self._lock:
                old = self._connections
                self._connections = _connections(self._path, self._timeout)
                self._used = {}
                old.close_idle()
                remove(self._path)
        return self._run_once(work)

    def _run_once(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        connections = self._connections
        if connections.forbidden:
            return None
        connection = connections.lend()
        try:
            answer = work(connection)
        except BaseException:
            # Whatever was begun is rolled back by closing.
            connection.close()
            connections.take_back(None)
            raise
        connections.take_back(connection)
        return answer

    def _write(
        self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]
    ) -> None:
        # A transaction that begins with reading cannot wait for another writer.
        connection.execute("BEGIN IMMEDIATE")
        work(connection)
        connection.execute("COMMIT")

    def _note_use(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            used, self._used = self._used, {}
        connection.executemany(
            "UPDATE entries SET used = max(used, ?) WHERE id = ?",
            [(at, row) for row, at in used.items()],
        )

    def _make_room(self, connection: sqlite3.Connection, keep: int) -> None:
        excess = _size(connection) - self._max_bytes
        if excess <= 0:
            return
        oldest: list[tuple[int]] = []
        rows = connection.execute(
            "SELECT id, size FROM entries WHERE id != ? ORDER BY used", (keep,)
        )
        for row, size in rows:  # pragma: no branch - without the others there is room
            oldest.append((row,))
            excess -= size
            if excess <= 0:
                break
        rows.close()
        connection.executemany("DELETE FROM entries WHERE id = ?", oldest)


def _name(key: str) -> str:
    # A digest: a long URL would stand in the file three times, with the index of the table.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _connections(path: str, timeout: float) -> SQLiteConnections:
    return SQLiteConnections(lambda: open_file(path, timeout))


def _rows(connection: sqlite3.Connection, key: str) -> list[tuple[int, bytes]]:
    return connection.execute("SELECT id, data FROM entries WHERE key = ?", (key,)).fetchall()


def _size(connection: sqlite3.Connection) -> int:
    size: int = connection.execute("SELECT bytes FROM total").fetchone()[0]
    return size
