"""Threads that belong to nobody, for calls that cannot be interrupted.

Who waits for such a call stops at its deadline and leaves the thread to its fate. The threads are
daemons, so that one that hangs never holds up the end of the process: those of an executor, and of
anyio, are joined at exit.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import Protocol


class Job(Protocol):
    """Something to do in a thread."""

    def run(self) -> None:
        """Do it in the calling thread; must not raise."""
        ...


class DaemonThreads:
    """The threads of one kind of job, started when there is work and none of them is free.

    A job is a wait, not work: more hung ones than `most` at once queue up behind each other, and
    their callers' deadlines end the matter. A thread without work ends after `linger` seconds, so
    that a quiet client has none.
    """

    def __init__(self, name: str, most: int = 64, linger: float = 5.0) -> None:
        self.name = name
        self.most = most
        self.linger = linger
        self._queue: SimpleQueue[Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._running = 0
        self._free = 0
        self._queued = 0

    def submit(self, job: Job) -> None:
        """Queue a job; what is queued is run here if there is no thread and can be none."""
        with self._lock:
            self._queued += 1
            self._queue.put(job)
            wanted = self._queued > self._free and self._running < self.most
            self._running += wanted
        if not wanted or self._start():
            return
        with self._lock:
            self._running -= 1
            alone = not self._running
        while alone:
            try:
                job = self._queue.get_nowait()
            except Empty:
                return
            with self._lock:
                self._queued -= 1
            job.run()

    def _start(self) -> bool:
        try:
            threading.Thread(target=self._serve, name=self.name, daemon=True).start()
        except RuntimeError:  # the interpreter is shutting down, or the system has no more threads
            return False
        return True

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._free += 1
            try:
                job: Job | None = self._queue.get(timeout=self.linger)
            except Empty:
                job = None
            with self._lock:
                self._free -= 1
                if job is not None:
                    self._queued -= 1
                elif not self._queued:
                    self._running -= 1
                    return
            if job is not None:
                job.run()
                # What a job holds is not kept until the next one comes.
                job = None
