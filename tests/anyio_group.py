"""Calls that run at the same time, as tasks: the twin of `thread_group`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Call:
    """One call of a group: its `result` or its `error`, once it is `done`."""

    def __init__(self) -> None:
        self.done = False
        self.result: object = None
        self.error: Exception | None = None


class AsyncGroup:
    """Starts calls that run beside the block; leaving it waits for all of them."""

    def __init__(self) -> None:
        self._tasks = anyio.create_task_group()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._tasks.__aexit__(*exc_info)  # type: ignore[arg-type]

    def start(self, function: Callable[..., Awaitable[object]], *args: object) -> Call:
        """Run `function(*args)` beside the block."""
        call = Call()

        async def run() -> None:
            try:
                call.result = await function(*args)
            except Exception as error:
                call.error = error
            call.done = True

        self._tasks.start_soon(run)
        return call


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition()` is true, at most ten seconds, while the other calls run."""
    with anyio.fail_after(10):
        while not condition():
            await anyio.sleep(0.001)
