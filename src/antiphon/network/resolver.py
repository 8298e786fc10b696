"""Names to addresses, in daemon threads of our own.

`getaddrinfo` cannot be interrupted. It runs in threads that belong to nobody: a caller stops
waiting at its deadline and leaves the thread to its fate, and because the threads are daemons (an
executor's and anyio's are joined at exit) a hung lookup never holds up the end of the process.
"""

from __future__ import annotations

import codecs
import os
import socket
from collections.abc import Callable

from antiphon.network.daemon_threads import DaemonThreads

# `getaddrinfo` imports this codec when it is first called. A process that forked while another of
# its threads did that would inherit the import's lock, and hang at its own first lookup.
codecs.lookup("idna")

# (family, socket address) pairs, in the order in which the operating system prefers them.
Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


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


_THREADS_NAME = "antiphon-dns"
_threads = DaemonThreads(_THREADS_NAME)


def _forget_threads() -> None:
    # Threads do not survive a fork, and a lock may have been held by one of them.
    global _threads
    _threads = DaemonThreads(_THREADS_NAME)


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
