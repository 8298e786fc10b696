"""What a test must leave as it was: descriptors, threads, tasks. The twin of `thread_census`."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from anyio.lowlevel import checkpoint

if TYPE_CHECKING:
    import trio

HAS_DESCRIPTORS = sys.platform == "linux"


def census() -> tuple[int, int, int]:
    """How many descriptors, threads and tasks there are now."""
    descriptors = len(os.listdir("/proc/self/fd")) if HAS_DESCRIPTORS else 0
    # The tests' trio runs as a guest, and polls in a thread of its own.
    threads = sum("Trio thread" not in thread.name for thread in threading.enumerate())
    return descriptors, threads, _tasks()


async def nothing_left(before: tuple[int, int, int]) -> None:
    """Fail if there is more now than `before`; tasks that have ended may still be reaped."""
    for _ in range(3):
        await checkpoint()
    now = census()
    if any(
        left > had for left, had in zip(now, before, strict=True)
    ):  # what only waits for the collector is not lost
        gc.collect()
        now = census()
    assert all(left <= had for left, had in zip(now, before, strict=True)), (
        before,
        now,
        threading.enumerate(),
    )


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        import trio

        root = trio.lowlevel.current_root_task()
        assert root is not None
        # The one watcher of time-outs that a trio run has, not one of a call.
        return sum("TrioDoor" not in task.name for task in _descendants(root))


def _descendants(task: trio.lowlevel.Task) -> Iterator[trio.lowlevel.Task]:
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield child
            yield from _descendants(child)
