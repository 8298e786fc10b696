"""Work that nobody waits for, without an event loop: daemon threads, which never hold up exit."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# What is more waits in line, so that a thousand stale answers at once are not a thousand threads.
_MOST_THREADS: Final = 16


class _Line:
    """Runs pieces of work in so many threads at most, those that came first before the others."""

    __slots__ = ("lock", "threads", "waiting")

    def __init__(self) -> None:
        # Re-entrant: a finaliser in our thread may make a call too.
        self.lock = threading.RLock()
        self.threads = 0
        self.waiting: deque[Callable[[], None]] = deque()

    def start(self, run: Callable[[], None]) -> None:
        with self.lock:
            if self.threads >= _MOST_THREADS:
                self.waiting.append(run)
                return
            self.threads += 1
        try:
            threading.Thread(
                target=self._work, args=(run,), name="antiphon-background", daemon=True
            ).start()
        except BaseException:
            with self.lock:
                self.threads -= 1
            raise

    def _work(self, run: Callable[[], None]) -> None:
        while True:
            run()
            with self.lock:
                if not self.waiting:
                    self.threads -= 1
                    return
                run = self.waiting.popleft()


_line = _Line()


def start_background(run: Callable[[], None]) -> None:
    """Start `run()`, which must not raise, in a thread that nobody waits for.

    Raises RuntimeError if there can be no more threads.
    """
    _line.start(run)


def _forget_threads() -> None:  # pragma: no cover - a forked child
    # Threads do not survive a fork, and the lock may have been held by one of them.
    global _line
    _line = _Line()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_forget_threads)
