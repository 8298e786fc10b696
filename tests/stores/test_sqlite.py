"""`SQLiteStore` keeps answers, and forgets what was unused for longest."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import attrs
import pytest

from antiphon.errors import InvalidOptionError
from antiphon.stores import sqlite
from antiphon.stores.sqlite import SQLiteStore
from tests.stores.answers import EMPTY_SIZE, bodies, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the cache of a test is to be."""
    return tmp_path / "cache.db"


def test_variants_are_kept_until_deleted(path: Path) -> None:
    """All variants of a key come back as they were, by this store and by a later one."""
    with SQLiteStore(path) as store:
        assert store.blocking
        assert [] == store.get("a")
        store.put("a", stored(b"one", "1"))
        store.put("a", stored(b"two", "2"))
        store.put("b", stored(b"other"))

    store = SQLiteStore(path)
    assert [stored(b"other")] == store.get("b")
    assert {b"one", b"two"} == bodies(store, "a")
    store.delete("a")
    store.delete("never there")
    assert ([], {b"other"}) == (store.get("a"), bodies(store, "b"))
    store.clear()
    assert (0, []) == (store.size, store.get("b"))


def test_the_same_variant_is_replaced(path: Path) -> None:
    """What is put under the same key and variant takes the place of what was there."""
    store = SQLiteStore(path)
    store.put("a", stored(b"first", "1"))
    store.put("a", stored(b"second one", "1"))

    assert {b"second one"} == bodies(store, "a")
    assert EMPTY_SIZE + 10 == store.size


def test_what_was_unused_for_longest_is_forgotten(path: Path) -> None:
    """Once there is more than `max_bytes` the least recently used go; reading counts as use."""
    store = SQLiteStore(path, max_bytes=3 * (EMPTY_SIZE + 100))
    for key in ("a", "b", "c"):
        store.put(key, stored(b"x" * 100))
    store.get("a")
    store.put("d", stored(b"x" * 100))

    assert [1, 0, 1, 1] == [len(store.get(key)) for key in "abcd"]
    assert store.size == store.max_bytes

    store.put("e", stored(b"x" * 400))
    assert [b"x" * 400] == [found.body for found in store.get("e")]
    assert store.size <= store.max_bytes


def test_notes_of_use_are_written_down_at_last(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only reads does not note down forever who was read."""
    monkeypatch.setattr(sqlite, "_MOST_NOTES", 2)
    store = SQLiteStore(path)
    for key in "abcd":
        store.put(key, stored())
    for key in "abcd":
        store.get(key)

    assert len(store._used) <= 2


def test_what_is_larger_than_all_room(path: Path) -> None:
    """An answer larger than the store is not kept, nor is what it would have replaced."""
    store = SQLiteStore(path, max_bytes=EMPTY_SIZE + 10)
    store.put("a", stored(b"small"))
    store.put("a", stored(b"much too large"))

    assert ([], 0) == (store.get("a"), store.size)


def test_entries_that_cannot_be_read_are_removed(path: Path) -> None:
    """An entry that this version cannot read is left out, and removed."""
    store = SQLiteStore(path)
    store.put("a", stored(b"good", "1"))
    store.put("a", stored(b"bad", "2"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET data = x'00' WHERE variant = '2'")
    connection.close()

    assert {b"good"} == bodies(store, "a")
    assert EMPTY_SIZE + 4 == store.size


def test_settings(path: Path) -> None:
    """The settings can be read; `repr` names the file."""
    store = SQLiteStore(os.fspath(path), max_bytes=1000)

    assert (str(path), 1000) == (store.path, store.max_bytes)
    assert f"SQLiteStore({str(path)!r}, max_bytes=1000)" == repr(store)


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that goes to another directory keeps its cache."""
    monkeypatch.chdir(tmp_path)
    store = SQLiteStore("here.db")
    store.put("a", stored())
    store.close()
    monkeypatch.chdir("/")

    assert {b"hello"} == bodies(store, "a")


def test_long_urls_stand_in_the_file_once(path: Path) -> None:
    """The file is bounded for answers of little more than their URL, too."""
    with SQLiteStore(path, max_bytes=200_000) as store:
        for number in range(300):
            url = f"https://a.test/{number}?{'u' * 4000}"
            store.put(url, attrs.evolve(stored(b""), url=url))
        assert 150_000 < store.size <= 200_000

    assert path.stat().st_size < 2 * 200_000


def test_a_key_that_is_no_unicode(path: Path) -> None:
    """Half a surrogate pair is a key as good as others."""
    with SQLiteStore(path) as store:
        store.put("\udc80", stored())
        assert {b"hello"} == bodies(store, "\udc80")
        assert set() == bodies(store, "\udc81")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"path": ""}, "path=''"),
        ({"path": ":memory:"}, "MemoryStore"),
        ({"path": b"bytes"}, "path=b'bytes'"),
        ({"path": None}, "path=None"),
        ({"path": 1}, "path=1"),
        ({"path": "a\0b"}, "path='a"),
        ({"max_bytes": 0}, "max_bytes=0"),
        ({"max_bytes": True}, "max_bytes=True"),
        ({"max_bytes": 1.5}, "max_bytes=1.5"),
        ({"timeout": -1}, "timeout=-1"),
        ({"timeout": float("nan")}, "timeout=nan"),
        ({"timeout": "1"}, "timeout='1'"),
        ({"timeout": True}, "timeout=True"),
    ],
)
def test_settings_that_make_no_sense(path: Path, settings: dict[str, object], named: str) -> None:
    """Bad settings are refused by name before a file is made."""
    with pytest.raises(InvalidOptionError, match=named):
        SQLiteStore(**{"path": path, **settings})  # type: ignore[arg-type]

    assert not path.exists()
