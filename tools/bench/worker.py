"""Runs inside a measured process: takes orders as lines of JSON, answers each with one.

Started as `python -m tools.bench.worker PEER`. Orders, by their `do`: `open` (make the client),
`run` (so many requests, answered by what they cost), `hold` (open so many streams, answered by the
memory they took). A failure is answered by `{"error": ...}`. The process ends with its input.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from importlib import import_module
from typing import Any, TextIO

from tools.bench.peers.interface import AsyncPeer, Settings, SyncPeer


class SyncRunner:
    """Drives a peer that has no event loop."""

    def __init__(self, peer_class: type[SyncPeer], settings: Settings) -> None:
        self._peer = peer_class(settings)

    def run(self, operation: str, url: str, count: int, body: bytes, expected: int) -> None:
        peer = self._peer
        if operation == "upload":
            for _ in range(count):
                peer.upload(url, body)
            return
        once = peer.get if operation == "get" else peer.download
        for _ in range(count):
            size = once(url)
            if size != expected:
                msg = f"{size} body bytes, {expected} expected"
                raise ValueError(msg)

    def hold(self, url: str, count: int) -> list[object]:
        return [self._peer.hold(url) for _ in range(count)]


class AsyncRunner:
    """Drives a peer on one asyncio loop, `concurrency` requests at once."""

    def __init__(self, peer_class: type[AsyncPeer], settings: Settings, concurrency: int) -> None:
        import asyncio

        self._gather = asyncio.gather
        self._loop = asyncio.new_event_loop()
        self._concurrency = concurrency

        async def make() -> AsyncPeer:
            return peer_class(settings)

        self._peer = self._loop.run_until_complete(make())

    def run(self, operation: str, url: str, count: int, body: bytes, expected: int) -> None:
        turns = iter(range(count))
        peer = self._peer

        async def upload() -> None:
            for _ in turns:
                await peer.upload(url, body)

        async def fetch() -> None:
            once = peer.get if operation == "get" else peer.download
            for _ in turns:
                size = await once(url)
                if size != expected:
                    msg = f"{size} body bytes, {expected} expected"
                    raise ValueError(msg)

        one = upload if operation == "upload" else fetch

        async def together() -> None:
            await self._gather(*(one() for _ in range(min(self._concurrency, count))))

        self._loop.run_until_complete(together())

    def hold(self, url: str, count: int) -> list[object]:
        async def all_of_them() -> list[object]:
            return [await self._peer.hold(url) for _ in range(count)]

        return self._loop.run_until_complete(all_of_them())


def resident_bytes() -> int:
    """Return the memory that this process holds now (Linux), or the most it ever held."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class Worker:
    """The state between two orders."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runner: SyncRunner | AsyncRunner
        self._held: list[object] = []
        self._arguments: dict[str, Any] = {}

    def open(self, order: dict[str, Any]) -> dict[str, Any]:
        module = import_module(f"tools.bench.peers.{self._name}")
        settings = Settings(order["ca_file"], order["connections"])
        if order["voice"] == "async":
            self._runner = AsyncRunner(module.Async, settings, order["concurrency"])
        else:
            self._runner = SyncRunner(module.Sync, settings)
        body = os.urandom(order["expected"]) if order["operation"] == "upload" else b""
        self._arguments = {
            "operation": order["operation"],
            "url": order["url"],
            "body": body,
            "expected": order["expected"],
        }
        return {}

    def run(self, order: dict[str, Any]) -> dict[str, Any]:
        gc.collect()
        wall = time.perf_counter()
        cpu = time.process_time()
        system = resource.getrusage(resource.RUSAGE_SELF).ru_stime
        self._runner.run(count=order["count"], **self._arguments)
        return {
            "cpu": time.process_time() - cpu,
            "system": resource.getrusage(resource.RUSAGE_SELF).ru_stime - system,
            "wall": time.perf_counter() - wall,
        }

    def hold(self, order: dict[str, Any]) -> dict[str, Any]:
        url = self._arguments["url"]
        # One before the count starts, so that what the first stream imports is not charged.
        self._held += self._runner.hold(url, 1)
        gc.collect()
        before = resident_bytes()
        self._held += self._runner.hold(url, order["count"])
        gc.collect()
        return {"bytes": resident_bytes() - before}


def serve(orders: TextIO, answers: TextIO, worker: Worker) -> None:
    """Answer every line of `orders` until they end."""
    acts = {"open": worker.open, "run": worker.run, "hold": worker.hold}
    for line in orders:
        order = json.loads(line)
        try:
            answer = acts[order["do"]](order)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".replace(os.getcwd(), ".")
            answer = {"error": reason[:300]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Keep standard output for the answers: what a peer prints goes to standard error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096 <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.stdin, answers, Worker(sys.argv[1]))
    answers.flush()
    # Without the clean-up of a thousand open streams, which is not measured and takes its time.
    os._exit(0)


if __name__ == "__main__":
    main()
