"""Threads, processes and forked children share the file of a `SQLiteStore`."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from antiphon.stores.sqlite import SQLiteStore
from tests.stores.answers import EMPTY_SIZE, bodies, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the cache of a test is to be."""
    return tmp_path / "cache.db"


def use(path: str, number: int, rounds: int) -> None:
    store = SQLiteStore(path, max_bytes=20 * (EMPTY_SIZE + 100), timeout=20)
    for turn in range(rounds):
        store.put(f"key {turn % 30}", stored(b"x" * 100, str(number)))
        assert all(found.body == b"x" * 100 for found in store.get(f"key {(turn * 7) % 30}"))


def test_threads_share_a_store(path: Path) -> None:
    """Threads that read and write one store at once see whole answers; the bound holds."""
    store = SQLiteStore(path, max_bytes=20 * (EMPTY_SIZE + 100), timeout=20)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(60):
                store.put(f"key {turn % 30}", stored(b"x" * 100, str(number)))
                for found in store.get(f"key {(turn * 7) % 30}"):
                    assert b"x" * 100 == found.body
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [] == failures
    assert store.max_bytes == store.size
    assert len(store._connections._idle) <= 4


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
def test_processes_share_a_file(path: Path) -> None:
    """Processes that begin the same file at once, and fill it, agree on what is in it."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=use, args=(str(path), number, 60)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert [0] * 4 == [worker.exitcode for worker in workers]
    store = SQLiteStore(path)
    counted = sqlite3.connect(path)
    assert [(store.size,)] == counted.execute("SELECT sum(size) FROM entries").fetchall()
    counted.close()
    assert 20 * (EMPTY_SIZE + 100) == store.size


def child(code: object) -> int:
    """Run it in a forked child; return the child's exit code."""
    pid = os.fork()
    if not pid:  # pragma: no cover - a forked child
        try:
            code()  # type: ignore[operator]
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_uses_the_store(path: Path) -> None:
    """A store that is open when its process forks serves parent and child."""
    store = SQLiteStore(path)
    store.put("a", stored())

    def work() -> None:
        assert {b"hello"} == bodies(store, "a")
        store.put("b", stored(b"from the child"))

    assert 0 == child(work)
    assert {b"from the child"} == bodies(store, "b")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_while_a_thread_is_in_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that was forked amid a long use of the file keeps off it; its parent goes on."""
    monkeypatch.setattr("antiphon.stores.sqlite_connections._FORK_PATIENCE", 0.01)
    store = SQLiteStore(path)
    store.put("a", stored())
    codes: list[int] = []

    def work() -> None:
        assert [] == store.get("a")
        store.put("b", stored())
        assert 0 == store.size

    store._run(lambda _: codes.append(child(work)))

    assert [0] == codes
    assert {b"hello"} == bodies(store, "a")
    assert [] == store.get("b")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_waits_for_threads_to_leave_the_file(path: Path) -> None:
    """A fork waits while other threads are in the file, and its child can use the file."""
    store = SQLiteStore(path)
    store.put("a", stored())
    inside = threading.Event()
    leave = threading.Event()

    def stay(_: sqlite3.Connection) -> None:
        inside.set()
        leave.wait(10)

    thread = threading.Thread(target=store._run, args=(stay,))
    thread.start()
    assert inside.wait(10)
    threading.Timer(0.05, leave.set).start()

    def work() -> None:
        assert leave.is_set()
        assert {b"hello"} == bodies(store, "a")

    assert 0 == child(work)
    thread.join(10)


def test_a_forgotten_store_closes_its_file(path: Path) -> None:
    """A store that nobody closed leaves no warning, and nothing beside its file."""
    script = (
        "import sys\n"
        "from antiphon import SQLiteStore\n"
        "assert SQLiteStore(sys.argv[1]).get('a') == []\n"
        "store = SQLiteStore(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ("", 0) == (done.stderr, done.returncode)
    assert ["cache.db"] == os.listdir(path.parent)


def test_a_store_that_may_not_touch_its_file(path: Path) -> None:
    """A store that was forked amid a use has nothing and keeps nothing."""
    store = SQLiteStore(path)
    store.put("a", stored())
    store._connections.forbidden = True

    store.put("b", stored())
    assert ([], [], 0) == (store.get("a"), store.get("b"), store.size)
