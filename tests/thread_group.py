"""Calls that run at the same time, in threads: the twin of `anyio_group`."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Call:
    """One call of a group: its `result` or its `error`, once it is `done`."""

    def __init__(self) -> None:
        self.done = False
        self.result: object = None
        self.error: Exception | None = None


class Group:
    """Starts calls that run beside the block; leaving it waits for all of them."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()

    def start(self, function: Callable[..., object], *args: object) -> Call:
        """Run `function(*args)` beside the block."""
        call = Call()

        def run() -> None:
            try:
                call.result = function(*args)
            except Exception as error:
                call.error = error
            call.done = True

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return call


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition()` is true, at most ten seconds, while the other calls run."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)
