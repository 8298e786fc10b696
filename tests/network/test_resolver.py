"""Name lookups run in daemon threads of our own, few of them, and none for long."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest

from antiphon.network import resolver
from antiphon.network.daemon_threads import DaemonThreads
from antiphon.network.resolver import Lookup, numeric, resolve_now, start_lookup

if TYPE_CHECKING:
    from collections.abc import Callable

V4 = (socket.AF_INET, ("192.0.2.1", 80))


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> DaemonThreads:
    """Return lookup threads of this test's own, which are gone soon after it."""
    threads = DaemonThreads("antiphon-dns", linger=0.05)
    monkeypatch.setattr(resolver, "_threads", threads)
    return threads


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


class Hang:
    """A `resolve_now` that does not return before it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[threading.Thread] = set()
        self.release = threading.Event()

    def __call__(self, host: str, port: int) -> list[object]:
        self.asked.append(host)
        self.threads.add(threading.current_thread())
        assert self.release.wait(20)
        return [V4]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", (socket.AF_INET, ("127.0.0.1", 80))),
        ("::1", (socket.AF_INET6, ("::1", 80, 0, 0))),
        ("2001:db8::a", (socket.AF_INET6, ("2001:db8::a", 80, 0, 0))),
        ("localhost", None),
        ("example.test", None),
        ("host1", None),
        ("1.2.3.4.5", None),
        ("fe80::1%no-such-zone", None),
        ("example.test١", None),
        ("", None),
    ],
)
def test_numeric(host: str, address: object) -> None:
    """A numeric host is its own address, without a lookup; anything else must be looked up."""
    assert address == numeric(host, 80)


def test_zone_of_an_address() -> None:
    """The zone of a link-local address is part of the address."""
    name = socket.if_indextoname(1)
    found = numeric(f"fe80::1%{name}", 80)

    assert found is not None
    assert 1 == found[1][3]  # type: ignore[misc]


def test_addresses_are_kept_in_order_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's order is kept; repetitions and families other than IP are left out."""
    v6 = (socket.AF_INET6, ("2001:db8::1", 80, 0, 0))
    unix = (socket.AF_UNIX, "/socket")
    found = [(family, 1, 6, "", address) for family, address in (v6, V4, v6, unix, V4)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    assert [v6, V4] == resolve_now("example.test", 80)


def test_lookup(threads: DaemonThreads) -> None:
    """A lookup runs in a daemon thread, and has its addresses before it is called done."""
    done: SimpleQueue[object] = SimpleQueue()
    known = threading.Event()

    def note() -> None:
        known.wait(10)  # the thread may be faster than the assignment below
        done.put((lookup.addresses, threading.current_thread()))

    lookup = start_lookup("localhost", 80, note)
    known.set()

    addresses, thread = done.get(timeout=10)  # type: ignore[misc]

    assert ("127.0.0.1", 80) in [address[:2] for _, address in addresses]
    assert (True, "antiphon-dns") == (thread.daemon, thread.name)


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(-2, "unknown"),
        UnicodeError("label too long"),
        ValueError("null"),
        KeyError(),
    ],
)
def test_failed_lookup(
    threads: DaemonThreads, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever a lookup raises is kept for its caller, and its thread goes on working."""

    def fail(*_: object, **__: object) -> None:
        raise error

    done = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        lookup = start_lookup("example.test", 80, done.set)
        assert done.wait(10)
    assert lookup.error is error
    assert lookup.addresses is None
    again = threading.Event()
    start_lookup("localhost", 80, again.set)
    assert again.wait(10)


def test_threads_are_used_again(threads: DaemonThreads) -> None:
    """One lookup after the other needs one thread."""
    threads.linger = 20
    used: set[int] = set()
    for _ in range(20):
        done = threading.Event()
        start_lookup("localhost", 80, lambda: (used.add(threading.get_ident()), done.set()))  # noqa: B023
        assert done.wait(10)
        until(lambda: threads._free)

    assert 1 == len(used)


def test_threads_end_when_there_is_no_work(threads: DaemonThreads) -> None:
    """A thread without work ends after a while, and the next lookup gets a new one."""
    for _ in range(2):
        done: SimpleQueue[threading.Thread] = SimpleQueue()
        start_lookup("localhost", 80, lambda: done.put(threading.current_thread()))  # noqa: B023
        thread = done.get(timeout=10)
        thread.join(10)
        assert not thread.is_alive()
        assert (0, 0, 0) == (threads._running, threads._free, threads._queued)


def test_no_more_threads_than_the_cap(
    threads: DaemonThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hung lookups beyond the cap queue up, and are done once those before them are."""
    hang = Hang()
    threads.most = 3
    monkeypatch.setattr(resolver, "resolve_now", hang)
    done: SimpleQueue[int] = SimpleQueue()
    for number in range(10):
        start_lookup(f"{number}.test", 80, lambda number=number: done.put(number))  # type: ignore[misc]
    until(lambda: 3 == len(hang.asked))
    assert 3 == threads._running
    hang.release.set()

    assert set(range(10)) == {done.get(timeout=10) for _ in range(10)}
    assert 3 == len(hang.threads)
    until(lambda: not threads._running)


def test_a_hung_lookup_delays_no_other(
    threads: DaemonThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a lookup hangs, others are done in threads of their own."""
    hang = Hang()
    real = resolver.resolve_now
    monkeypatch.setattr(
        resolver,
        "resolve_now",
        lambda host, port: hang(host, port) if host == "slow.test" else real(host, port),
    )
    start_lookup("slow.test", 80, lambda: None)
    until(lambda: hang.asked)
    for _ in range(5):
        done = threading.Event()
        start_lookup("localhost", 80, done.set)
        assert done.wait(10)
    hang.release.set()


def test_many_at_once(threads: DaemonThreads) -> None:
    """Every lookup is done, however many threads ask at once."""
    done: SimpleQueue[object] = SimpleQueue()

    def ask() -> None:
        for _ in range(50):
            start_lookup("127.0.0.1", 80, lambda: done.put(None))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for _ in range(400):
        done.get(timeout=10)
    for asker in askers:
        asker.join()
    assert 0 == threads._queued


def test_inline_where_no_thread_can_be_started(
    threads: DaemonThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the system gives no more threads the caller's own does the lookup."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done: list[threading.Thread] = []
    lookup = start_lookup("localhost", 80, lambda: done.append(threading.current_thread()))

    assert [threading.current_thread()] == done
    assert lookup.addresses
    assert (0, 0) == (threads._running, threads._queued)


def test_a_running_thread_does_it_where_no_other_can_be_started(
    threads: DaemonThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If threads run but no more can be started, the lookup waits for one of them."""
    hang = Hang()
    monkeypatch.setattr(resolver, "resolve_now", hang)
    start_lookup("first.test", 80, lambda: None)
    until(lambda: hang.asked)

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    done = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        start_lookup("second.test", 80, done.set)
    assert ["first.test"] == hang.asked
    hang.release.set()
    assert done.wait(10)


def test_threads_of_a_forked_child(threads: DaemonThreads) -> None:
    """A child has lookup threads of its own: the parent's did not come along."""
    resolver._forget_threads()

    assert resolver._threads is not threads
    done = threading.Event()
    start_lookup("127.0.0.1", 80, done.set)
    assert done.wait(10)


def test_a_lookup_just_as_the_last_thread_would_end(
    threads: DaemonThreads,
) -> None:
    """A lookup that is queued while a thread makes up its mind to end is done by it."""
    deciding = threading.Event()
    queued = threading.Event()

    class Queue:
        """Finds nothing at first, and says so only after something has come."""

        def __init__(self) -> None:
            self.items: SimpleQueue[Lookup] = SimpleQueue()
            self.put = self.items.put

        def get(self, timeout: float) -> Lookup:
            if not queued.is_set():
                deciding.set()
                assert queued.wait(10)
                raise Empty
            return self.items.get(timeout=timeout)

    threads._queue = Queue()  # type: ignore[assignment]
    threads._running = 1
    thread = threading.Thread(target=threads._serve, daemon=True)
    thread.start()
    assert deciding.wait(10)
    done = threading.Event()
    start_lookup("127.0.0.1", 80, done.set)
    queued.set()

    assert done.wait(10)
    thread.join(10)
    assert not thread.is_alive()


def test_nothing_is_imported_by_a_lookup() -> None:
    """The codec that `getaddrinfo` wants is there before any thread asks: forks find no held lock."""
    script = (
        "import sys, antiphon.network.resolver as resolver\n"
        "before = set(sys.modules)\n"
        "resolver.resolve_now('localhost', 80)\n"
        "resolver.numeric('127.0.0.1', 80)\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "[]\n" == done.stdout


def test_numeric_hosts_need_no_lookup() -> None:
    """Addresses are told from names without asking anybody, and written in one way."""
    assert (socket.AF_INET, ("127.0.0.1", 80)) == numeric("127.0.0.1", 80)
    assert (socket.AF_INET6, ("::1", 80, 0, 0)) == numeric("0:0::1", 80)
    assert None is numeric("example.test", 80)
    assert None is numeric("host1", 80)
    assert None is numeric("1.2.3.4.5", 80)
