"""Blocking calls: in place in a thread, in a daemon thread of our own in an event loop."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import anyio
import pytest

from antiphon.models.cancel import CancelToken
from antiphon.network import anyio_blocking, thread_blocking
from antiphon.network.anyio_blocking import run_blocking
from antiphon.network.clock import now
from antiphon.network.daemon_threads import DaemonThreads
from antiphon.network.outcome import CANCELLED, TIMED_OUT, WaitEnded

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> DaemonThreads:
    """Return threads of this test's own, which are gone soon after it."""
    threads = DaemonThreads("antiphon-blocking", linger=0.05)
    monkeypatch.setattr(anyio_blocking, "_threads", threads)
    return threads


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Return an event that lets hung calls end, at the latest when the test does."""
    event = threading.Event()
    yield event
    event.set()


async def test_answers_come_from_a_daemon_thread() -> None:
    """The function runs in a daemon thread of ours, and its answer is the caller's."""
    thread = await run_blocking(threading.current_thread)

    assert (True, "antiphon-blocking") == (thread.daemon, thread.name)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
async def test_errors_are_the_callers(error: BaseException) -> None:
    """What the function raises is raised where it was asked for, and the thread goes on."""

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await run_blocking(fail)

    assert error is caught.value
    assert 1 == await run_blocking(lambda: 1)


async def test_the_loop_goes_on(release: threading.Event) -> None:
    """While a call blocks, other tasks of the loop run."""

    async def let_go() -> None:
        release.set()

    async with anyio.create_task_group() as group:
        group.start_soon(let_go)
        assert await run_blocking(lambda: release.wait(10))


async def test_the_deadline(release: threading.Event) -> None:
    """At the deadline the caller goes on, while the thread finishes by itself."""
    finished = threading.Event()

    def hang() -> None:
        release.wait(10)
        finished.set()

    with pytest.raises(WaitEnded) as caught:
        await run_blocking(hang, now() + 0.02)

    assert TIMED_OUT is caught.value.outcome
    release.set()
    assert finished.wait(10)


async def test_cancellation_by_token(release: threading.Event) -> None:
    """A token that is cancelled from another thread ends the wait."""
    token = CancelToken()

    def cancel() -> None:
        token.cancel("enough")
        release.wait(10)

    with pytest.raises(WaitEnded) as caught:
        await run_blocking(cancel, cancel=token)

    assert CANCELLED is caught.value.outcome


async def test_native_cancellation(release: threading.Event) -> None:
    """A cancelled scope ends the wait at once, with the loop's own cancellation."""
    with anyio.move_on_after(0.02) as scope:
        await run_blocking(lambda: release.wait(10))

    assert scope.cancelled_caught


async def test_hung_calls_beyond_the_cap_queue_up(
    threads: DaemonThreads, release: threading.Event
) -> None:
    """There are never more threads than the cap, and deadlines hold for who waits for one."""
    threads.most = 2
    for _ in range(4):
        with pytest.raises(WaitEnded):
            await run_blocking(lambda: release.wait(10), now() + 0.01)

    assert 2 == threads._running


def test_in_place() -> None:
    """Without an event loop the caller's own thread makes the call, errors and all."""
    assert threading.current_thread() is thread_blocking.run_blocking(
        threading.current_thread, now(), CancelToken()
    )

    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        thread_blocking.run_blocking(fail)


def test_threads_of_a_forked_child(threads: DaemonThreads) -> None:
    """A child has threads of its own: the parent's did not come along."""
    anyio_blocking._forget_threads()

    assert anyio_blocking._threads is not threads


def test_a_hung_call_does_not_hold_up_the_end_of_the_process() -> None:
    """A process ends although a call that it gave up still hangs."""
    script = (
        "import asyncio, time\n"
        "from antiphon.network.anyio_blocking import run_blocking\n"
        "from antiphon.network.clock import now\n"
        "async def main():\n"
        "    await run_blocking(lambda: time.sleep(60), now() + 0.05)\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)\n"
    )
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )

    assert ("WaitEnded\n", "", 0) == (done.stdout, done.stderr, done.returncode)
    assert time.monotonic() - begun < 20


async def test_calls_that_nobody_waits_for() -> None:
    """A call that was left behind is made, and what it raises is lost, in both voices."""
    made = threading.Event()

    def fail() -> None:
        made.set()
        raise ValueError

    anyio_blocking.leave_blocking(fail)
    assert made.wait(10)
    assert 1 == await run_blocking(lambda: 1)
    made.clear()
    thread_blocking.leave_blocking(fail)
    assert made.is_set()
