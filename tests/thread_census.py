"""What a test must leave as it was: descriptors and threads. The twin of `anyio_census`."""

from __future__ import annotations

import gc
import os
import sys
import threading

HAS_DESCRIPTORS = sys.platform == "linux"


def census() -> tuple[int, int]:
    """How many descriptors and threads there are now."""
    descriptors = len(os.listdir("/proc/self/fd")) if HAS_DESCRIPTORS else 0
    return descriptors, threading.active_count()


def nothing_left(before: tuple[int, int]) -> None:
    """Fail if there is more now than `before`; what only waits for the collector is collected."""
    now = census()
    if any(left > had for left, had in zip(now, before, strict=True)):
        gc.collect()
        now = census()
    assert all(left <= had for left, had in zip(now, before, strict=True)), (
        before,
        now,
        threading.enumerate(),
    )
