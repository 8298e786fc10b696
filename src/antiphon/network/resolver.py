"""Names to addresses, in daemon threads of our own.

`getaddrinfo` cannot be interrupted. It runs in threads that belong to nobody: a caller stops
waiting at its deadline and leaves the thread to its fate, and because the threads are daemons (an
executor's and anyio's are joined at exit) a hung lookup never holds up the end of the process.
"""

from __future__ import annotations

import codecs
import os
import socket
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

# `getaddrinfo` imports this codec when it is first called. A process that forked while another of
# its threads did that would inherit the import's lock, and hang at its own first lookup.
codecs.lookup("idna")

# (family, socket address) pairs, in the order in which the operating system prefers them.
Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]

# A lookup is a wait, not work. More hung lookups than this at once queue up behind each other, and
# their callers' deadlines end the matter.
MAX_THREADS = 64
# A thread without work ends after so many seconds, so that a quiet client has none.
THREAD_LINGER = 5.0


class Lookup:
    """One name being resolved: `addresses` or `error` is set before `done` is called."""

    __slots__ = ("addresses", "done", "error", "host", "port")

    def __init__(self, host: str, port: int, done: Callable[[], object]) -> None:
        self.host = host
        self.port = port
        self.done = done
        self.addresses: list[Address] | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        """Resolve in the calling thread, and tell the one who waits."""
        try:
            self.addresses = resolve_now(self.host, self.port)
        except Exception as error:  # noqa: BLE001 - raised by who waits; a thread must not die of it
            self.error = error
        self.done()


def resolve_now(host: str, port: int) -> list[Address]:
    """Resolve in the calling thread; raises `socket.gaierror` (an OSError)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses: list[Address] = []
    for family, _, _, _, address in found:
        entry = (family, address)
        if entry not in addresses and family in (socket.AF_INET, socket.AF_INET6):
            addresses.append(entry)  # type: ignore[arg-type]
    return addresses


def numeric(host: str, port: int) -> Address | None:
    """The address that a numeric host is already; None for a name, which must be looked up."""
    last = host[-1:]
    six = ":" in host
    if not six and not (last.isascii() and last.isdigit()):
        return None
    try:
        if "%" in host:
            family, _, _, _, scoped = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            return family, scoped  # type: ignore[return-value]
        kind = socket.AF_INET6 if six else socket.AF_INET
        address = socket.inet_ntop(kind, socket.inet_pton(kind, host))
    except (OSError, UnicodeError):
        return None
    return kind, ((address, port, 0, 0) if six else (address, port))


class _Threads:
    """The lookup threads of this process, started when there is work and none of them is free."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Lookup] = SimpleQueue()
        self._lock = threading.Lock()
        self._running = 0
        self._free = 0
        self._queued = 0

    def submit(self, lookup: Lookup) -> None:
        """Queue a lookup; what is queued is run here if there is no thread and can be none."""
        with self._lock:
            self._queued += 1
            self._queue.put(lookup)
            wanted = self._queued > self._free and self._running < MAX_THREADS
            self._running += wanted
        if not wanted or self._start():
            return
        with self._lock:
            self._running -= 1
            alone = not self._running
        while alone:
            try:
                lookup = self._queue.get_nowait()
            except Empty:
                return
            with self._lock:
                self._queued -= 1
            lookup.run()

    def _start(self) -> bool:
        try:
            threading.Thread(target=self._serve, name="antiphon-dns", daemon=True).start()
        except RuntimeError:  # the interpreter is shutting down, or the system has no more threads
            return False
        return True

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._free += 1
            try:
                lookup: Lookup | None = self._queue.get(timeout=THREAD_LINGER)
            except Empty:
                lookup = None
            with self._lock:
                self._free -= 1
                if lookup is not None:
                    self._queued -= 1
                elif not self._queued:
                    self._running -= 1
                    return
            if lookup is not None:
                lookup.run()


_threads = _Threads()


def _forget_threads() -> None:
    # Threads do not survive a fork, and a lock may have been held by one of them.
    global _threads
    _threads = _Threads()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_forget_threads)


def start_lookup(host: str, port: int, done: Callable[[], object]) -> Lookup:
    """Resolve in a daemon thread and call `done` there; inline where no thread can be started."""
    lookup = Lookup(host, port, done)
    submit(lookup)
    return lookup


def submit(lookup: Lookup) -> None:
    """Run a lookup in a daemon thread; inline where no thread can be started."""
    _threads.submit(lookup)
