"""Work that nobody waits for, without an event loop: a daemon thread, which never holds up exit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def start_background(run: Callable[[], None]) -> None:
    """Start `run()`, which must not raise, in a thread of its own.

    Raises RuntimeError if there can be no more threads.
    """
    threading.Thread(target=run, name="antiphon-background", daemon=True).start()
