"""Work that nobody waits for, in an event loop: a task of the loop, which ends with it at last."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

from antiphon.network.anyio_loops import AsyncioDoor, running_door

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from antiphon.network.anyio_loops import LoopDoor

# The loop itself holds its tasks weakly.
_running: set[asyncio.Task[None]] = set()


def start_background(
    run: Callable[[], Coroutine[Any, Any, None]], door: LoopDoor | None = None
) -> None:
    """Start `run()`, which must not raise, in the running loop; in a context of its own.

    asyncio cancels it when `asyncio.run` ends, trio when the main task does. `door` is that of the
    loop where it cannot be found, outside of all tasks. Raises RuntimeError if the loop takes no
    more work.
    """
    if isinstance(running_door() if door is None else door, AsyncioDoor):
        task = asyncio.get_running_loop().create_task(run(), context=contextvars.Context())
        _running.add(task)
        task.add_done_callback(_running.discard)
        return
    import trio

    trio.lowlevel.spawn_system_task(run)
