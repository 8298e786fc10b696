"""One process of a fleet: makes calls under a limit that it shares, and prints when each went.

`python -m tests.integrations.fleet_worker <voice> <redis url> <calls a second>`, where the voice is
sync, asyncio or trio. It prints "ready" and then reads when to end, a moment of the machine's
monotonic clock. Its calls are answered in memory, so that what counts is when the limit let them go.
"""

from __future__ import annotations

import sys
import threading
import time

import anyio

from antiphon import (
    AsyncClient,
    AsyncResponseStream,
    Client,
    DeadlineExceeded,
    Headers,
    RateLimit,
    Request,
    ResponseStream,
    Timeout,
)
from antiphon.errors import ClientRateLimitError
from antiphon.integrations.redis import RedisShared

URL = "http://fleet.test/"
# So many callers in each process, each with one call at a time.
CALLERS = 4


class Transport:
    """Notes when a request went, and answers it."""

    def __init__(self, went: list[float]) -> None:
        self._went = went

    def execute(self, request: Request, options: object = None) -> ResponseStream:
        self._went.append(time.monotonic())
        return ResponseStream.of_bytes(request, 200, Headers(), b"")

    def close(self) -> None:
        pass


class AsyncTransport:
    """The same in the other voice."""

    def __init__(self, went: list[float]) -> None:
        self._went = went

    async def execute(self, request: Request, options: object = None) -> AsyncResponseStream:
        self._went.append(time.monotonic())
        return AsyncResponseStream.of_bytes(request, 200, Headers(), b"")

    async def aclose(self) -> None:
        pass


def run_sync(limit: RateLimit, end: float) -> list[float]:
    went: list[float] = []

    def call() -> None:
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return
            try:
                client.get(URL, timeout=Timeout(total=left))
            except (DeadlineExceeded, ClientRateLimitError):
                return

    with Client(transport=Transport(went), policies=[limit]) as client:
        callers = [threading.Thread(target=call) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    return went


async def run_async(limit: RateLimit, end: float) -> list[float]:
    went: list[float] = []

    async def call() -> None:
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return
            try:
                await client.get(URL, timeout=Timeout(total=left))
            except (DeadlineExceeded, ClientRateLimitError):
                return

    async with (
        AsyncClient(transport=AsyncTransport(went), policies=[limit]) as client,
        anyio.create_task_group() as group,
    ):
        for _ in range(CALLERS):
            group.start_soon(call)
    return went


def main() -> None:
    voice, url, rate = sys.argv[1:]
    limit = RateLimit(int(rate), algorithm="leaky_bucket", shared=RedisShared(url, timeout=5))
    print("ready", flush=True)
    end = float(sys.stdin.readline())
    if voice == "sync":
        went = run_sync(limit, end)
    else:
        went = anyio.run(run_async, limit, end, backend=voice)
    print(*went)


if __name__ == "__main__":
    main()
