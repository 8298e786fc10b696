"""Work that nobody waits for ends with its loop, or beside its threads."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading

import pytest
import trio

from antiphon.network import anyio_background
from antiphon.network.anyio_background import start_background
from antiphon.network.thread_background import start_background as start_thread

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("WHO", default="nobody")


@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_it_runs_beside_its_starter(run: object) -> None:
    """The work goes on while its starter does, in a context of its own, and is forgotten after."""
    seen: list[str] = []

    async def main() -> None:
        done = trio.Event() if run is trio.run else asyncio.Event()

        async def work() -> None:
            seen.append(WHO.get())
            done.set()

        WHO.set("caller")
        start_background(work)
        assert [] == seen
        await done.wait()

    run(main) if run is trio.run else run(main())

    assert ["nobody"] == seen
    assert set() == anyio_background._running


@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_the_end_of_the_loop_ends_it(run: object) -> None:
    """Work that is still going on is cancelled when the main task is done."""
    ended: list[str] = []

    async def main() -> None:
        started = trio.Event() if run is trio.run else asyncio.Event()

        async def work() -> None:
            started.set()
            try:
                await (trio.sleep(60) if run is trio.run else asyncio.sleep(60))
            finally:
                ended.append("cancelled")

        start_background(work)
        await started.wait()

    run(main) if run is trio.run else run(main())

    assert ["cancelled"] == ended
    assert set() == anyio_background._running


def test_many_pieces_of_work_wait_in_line() -> None:
    """A thousand of them are few threads, and each is done."""
    go = threading.Event()
    done: list[str] = []
    ended = threading.Semaphore(0)

    def work() -> None:
        go.wait(10)
        done.append(threading.current_thread().name)
        ended.release()

    for _ in range(1000):
        start_thread(work)
    most = sum(thread.name == "antiphon-background" for thread in threading.enumerate())
    go.set()
    for _ in range(1000):
        assert ended.acquire(timeout=10)

    assert 1 <= most <= 16
    assert {"antiphon-background"} == set(done)


def test_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has none left the caller hears of it, and the next one may try again."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(20):
        with pytest.raises(RuntimeError):
            start_thread(print)
    monkeypatch.undo()
    done = threading.Event()
    start_thread(done.set)

    assert done.wait(10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_a_forked_child_has_a_line_of_its_own() -> None:
    """The threads that were busy at the fork are not in the child, and nobody waits for them."""
    go = threading.Event()
    try:
        for _ in range(20):
            start_thread(lambda: bool(go.wait(10)))
        child = os.fork()
        if child == 0:  # pragma: no cover - the child
            done = threading.Event()
            start_thread(done.set)
            os._exit(0 if done.wait(5) else 1)
        _, status = os.waitpid(child, 0)
    finally:
        go.set()

    assert 0 == os.waitstatus_to_exitcode(status)


def test_threads() -> None:
    """Without a loop it is a daemon thread."""
    seen: list[bool] = []
    done = threading.Event()

    def work() -> None:
        seen.append(threading.current_thread().daemon)
        done.set()

    start_thread(work)
    assert done.wait(10)

    assert [True] == seen
