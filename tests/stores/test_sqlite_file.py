"""The file of a `SQLiteStore` is private, whole, ours, and begun anew when it is damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.stores import sqlite_schema
from antiphon.stores.sqlite import SQLiteStore
from tests.stores.answers import bodies, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the cache of a test is to be."""
    return tmp_path / "cache.db"


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read_it(path: Path) -> None:
    """The file and those beside it are private, whatever the umask allows."""
    before = os.umask(0)
    try:
        store = SQLiteStore(path)
        store.put("a", stored())
        modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert {"cache.db": 0o600, "cache.db-wal": 0o600, "cache.db-shm": 0o600} == modes


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be made is an OSError that names it."""
    with pytest.raises(FileNotFoundError, match=r"no/cache\.db"):
        SQLiteStore(tmp_path / "no" / "cache.db")


def make_text(path: Path) -> None:
    path.write_text("Dear diary, today I was nearly taken for a cache. " * 20, encoding="utf-8")


def make_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE treasure (gold)")
    connection.close()


@pytest.mark.parametrize("make", [make_text, make_database])
def test_files_of_others_are_left_alone(path: Path, make: object) -> None:
    """A file that antiphon did not make is refused, and not changed."""
    make(path)  # type: ignore[operator]
    content = path.read_bytes()

    with pytest.raises(InvalidOptionError, match="is no cache of antiphon") as caught:
        SQLiteStore(path)

    assert str(path) in str(caught.value)
    assert content == path.read_bytes()
    sqlite_schema.remove(str(path))
    assert content == path.read_bytes()


def test_an_empty_file_becomes_a_cache(path: Path) -> None:
    """A file without a byte, as `tempfile` makes them, is taken for a new one."""
    path.touch()
    store = SQLiteStore(path)
    store.put("a", stored())

    assert {b"hello"} == bodies(store, "a")


def test_a_file_of_another_version_is_begun_anew(path: Path) -> None:
    """A cache whose tables are of another version is emptied: a cache may forget."""
    with SQLiteStore(path) as store:
        store.put("a", stored())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()

    store = SQLiteStore(path)
    assert [] == store.get("a")
    store.put("a", stored())
    assert {b"hello"} == bodies(store, "a")


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(os.path.getsize(path) - 4096))


@pytest.mark.parametrize("opened", [True, False])
def test_a_damaged_file_is_begun_anew(path: Path, opened: bool) -> None:
    """A cache of ours that SQLite cannot read any more is replaced, before or while it is used."""
    store = SQLiteStore(path)
    for key in range(50):
        store.put(str(key), stored(b"x" * 3000))
    store.close()
    if opened:
        store.get("1")
    damage(path)
    if not opened:
        store = SQLiteStore(path)
    else:
        store.close()

    for key in range(50):
        store.get(str(key))
        store.put(str(key), stored(b"y"))
    assert {b"y"} == bodies(store, "49")
    assert [path.name] == [found.name for found in path.parent.iterdir() if "-" not in found.name]


@pytest.mark.parametrize("length", [0, 100, 4096, 5000])
def test_a_file_that_was_cut_is_begun_anew(path: Path, length: int) -> None:
    """What a full disk or a copy that broke off leaves of a cache does not stop the program."""
    with SQLiteStore(path) as store:
        for key in range(50):
            store.put(str(key), stored(b"x" * 3000))
    os.truncate(path, length)

    with SQLiteStore(path) as store:
        store.put("1", stored(b"y"))
        assert {b"y"} == bodies(store, "1")


def test_too_little_of_a_file_to_say_whose_it_is(path: Path) -> None:
    """Without the mark of ours in its header nothing is deleted."""
    SQLiteStore(path).close()
    os.truncate(path, 50)

    with pytest.raises(InvalidOptionError, match="is no cache of antiphon"):
        SQLiteStore(path)
    assert 50 == path.stat().st_size


def test_damage_that_sqlite_cannot_put_into_words(path: Path) -> None:
    """A message that quotes the damage, and is no UTF-8, is taken for what it means."""
    with SQLiteStore(path) as store:
        store.put("a", stored())
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE NOTHING',"
        " name = CAST(x'ffff' AS TEXT) WHERE name = 'entries_by_use';"
    )
    connection.close()
    connection = sqlite3.connect(path)
    with pytest.raises(UnicodeDecodeError):
        connection.execute("SELECT * FROM entries")
    connection.close()

    with SQLiteStore(path) as store:
        store.put("a", stored(b"new"))
        assert {b"new"} == bodies(store, "a")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """A folder is no file, and the error says so."""
    with pytest.raises(IsADirectoryError):
        SQLiteStore(tmp_path)


def test_damage_that_does_not_go_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is damaged again at once fails: there is one second try, not many."""
    store = SQLiteStore(path)
    tries = 0

    def work(connection: sqlite3.Connection) -> None:
        nonlocal tries
        tries += 1
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(sqlite3.DatabaseError, match="malformed"):
        store._run(work)
    assert 2 == tries


def test_other_errors_are_the_callers(path: Path) -> None:
    """What SQLite refuses for other reasons is raised, and the store goes on."""
    store = SQLiteStore(path)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store._run(lambda connection: connection.execute("SELECT * FROM missing"))
    store.put("a", stored())

    assert {b"hello"} == bodies(store, "a")


def test_a_locked_file_is_waited_for_so_long(path: Path) -> None:
    """A writer that does not end lets others read at once, and write not at all."""
    store = SQLiteStore(path, timeout=0.01)
    store.put("a", stored())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert {b"hello"} == bodies(store, "a")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.put("b", stored())
    other.execute("ROLLBACK")
    other.close()
    store.put("b", stored())
    assert {b"hello"} == bodies(store, "b")


def test_where_there_are_no_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without links the file is moved to its place."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    store = SQLiteStore(path)
    store.put("a", stored())

    assert {b"hello"} == bodies(store, "a")
    store.close()
    assert ["cache.db"] == os.listdir(path.parent)


def test_somebody_is_faster(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who make the file at the same time end up with the same one, and leave nothing behind."""
    link = os.link

    def link_late(made: str, place: str) -> None:
        monkeypatch.setattr(os, "link", link)
        SQLiteStore(path).put("a", stored())
        link(made, place)

    monkeypatch.setattr(os, "link", link_late)
    store = SQLiteStore(path)

    assert {b"hello"} == bodies(store, "a")
    assert [] == [found.name for found in path.parent.iterdir() if found.suffix == ".new"]


def test_a_file_that_cannot_be_completed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the tables cannot be made nothing is left behind."""
    monkeypatch.setattr(sqlite_schema, "_SCHEMA", "CREATE NONSENSE")

    with pytest.raises(OSError, match="no cache can be kept in .*syntax"):
        SQLiteStore(path)
    assert [] == os.listdir(path.parent)


def test_a_file_that_is_removed_again_and_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If there is still no file after one was made, it says so."""
    monkeypatch.setattr(sqlite_schema, "_create", lambda path: None)

    with pytest.raises(OSError, match="no cache can be kept in .*somebody else"):
        SQLiteStore(path)


def test_a_file_that_another_keeps_to_itself(path: Path) -> None:
    """A file that cannot even be looked at is an OSError, and stays as it is."""
    with SQLiteStore(path) as store:
        store.put("a", stored())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OSError, match="no cache can be kept in .*locked"):
        SQLiteStore(path, timeout=0.01)
    other.close()

    assert {b"hello"} == bodies(SQLiteStore(path), "a")


def test_a_damaged_file_that_is_gone_already(path: Path) -> None:
    """Who finds that another has removed the damaged file has nothing to do."""
    sqlite_schema.remove(str(path))

    assert [] == os.listdir(path.parent)
