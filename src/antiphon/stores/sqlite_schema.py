"""What stands in the file of a `SQLiteStore`, and what becomes of a file that is none."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import Final

from antiphon.errors import InvalidOptionError

# "anti" in the header of the file (https://sqlite.org/fileformat.html#application_id): nothing
# is ever changed or deleted in a file that does not say it is ours.
APPLICATION_ID: Final = 0x616E7469
_APPLICATION_ID_AT: Final = 68
_HEADER_BYTES: Final = 72
# A file of another version is emptied: a cache may forget.
VERSION: Final = 1
# The write-ahead log is cut down to this after it had to be longer.
_LOG_BYTES: Final = 4 * 1024 * 1024

_SETTINGS: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
PRAGMA journal_mode = WAL;
"""

# The total is kept by triggers, since summing all rows up would read every one at each `put`.
_SCHEMA: Final = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    variant TEXT NOT NULL,
    data BLOB NOT NULL,
    size INTEGER NOT NULL,
    used REAL NOT NULL,
    UNIQUE (key, variant)
);
CREATE INDEX entries_by_use ON entries (used, size);
CREATE TABLE total (bytes INTEGER NOT NULL);
INSERT INTO total VALUES (0);
CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
    UPDATE total SET bytes = bytes + new.size;
END;
CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
    UPDATE total SET bytes = bytes - old.size;
END;
CREATE TRIGGER entry_replaced AFTER UPDATE OF size ON entries BEGIN
    UPDATE total SET bytes = bytes - old.size + new.size;
END;
"""


def open_file(path: str, timeout: float) -> sqlite3.Connection:
    """Open the file for any one thread at a time; it is made if there is none, or another version.

    Raises OSError if it cannot be made, InvalidOptionError if it is something else, and
    `sqlite3.Error` for what SQLite finds wrong with one of ours (see `damaged`).
    """
    connection = _open(path, timeout)
    if connection is None:
        _create(path)
        connection = _open(path, timeout)
    if connection is None:
        raise sqlite3.OperationalError(f"{path} was begun anew by somebody else at the same time")
    return connection


def _open(path: str, timeout: float) -> sqlite3.Connection | None:
    """Open one of our version; None if there is none, any more. A file of ours is always whole."""
    if not os.path.exists(path):
        return None
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    connection = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    try:
        version = _version(connection, path)
        if version == VERSION:
            # Nothing is broken by a power cut, though the last entries may be missing.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}").fetchone()
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    remove(path)
    return None


def _version(connection: sqlite3.Connection, path: str) -> int | None:
    try:
        made_by = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if damaged(error) and _is_ours(path):
            raise
        if _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise _refused(path, f"SQLite says that {error}") from error
        raise
    if made_by == APPLICATION_ID:
        return version
    if pages:
        raise _refused(path, "another program made it")
    return None


def _create(path: str) -> None:
    """Make a file that only its owner can read, and put it in its place when it is complete.

    SQLite gives the files beside it the same mode. Who else does it at the same time may be faster.
    """
    import tempfile

    number, made = tempfile.mkstemp(".new", os.path.basename(path) + ".", os.path.dirname(path))
    os.close(number)
    try:
        connection = sqlite3.connect(made)
        try:
            connection.executescript(_SETTINGS + _SCHEMA)
        finally:
            connection.close()
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(made, path)
            return
        os.unlink(made)
    except BaseException:
        _unlink(made)
        raise


def damaged(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether SQLite says that what it reads in the file makes no sense.

    Where it quotes what it reads, its words may be none that Python can decode.
    """
    return isinstance(error, UnicodeDecodeError) or _code(error) == sqlite3.SQLITE_CORRUPT


def remove(path: str) -> None:
    """Remove a damaged file, and what stands beside it, if its header says that it is ours."""
    try:
        if os.path.getsize(path) and not _is_ours(path):
            return
    except FileNotFoundError:
        return
    for name in (path, f"{path}-wal", f"{path}-shm"):
        _unlink(name)


def _is_ours(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(_HEADER_BYTES)[_APPLICATION_ID_AT:] == APPLICATION_ID.to_bytes(4)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code, the others say more about it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _refused(path: str, why: str) -> InvalidOptionError:
    return InvalidOptionError(
        f"path={path!r} is no cache of antiphon: {why}; give another path, or remove the file"
    )
