# GENERATED from _async/test_resolvers.py by tools/unasync.py. Do not edit.
"""`resolve=`: addresses that are given, resolvers of one's own, and one that remembers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence

import pytest

from antiphon._sync.client import Client
from antiphon._sync.resolver import CachingResolver
from antiphon.errors import (
    ConnectTimeout,
    InvalidOptionError,
    NameResolutionError,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.network import resolver
from antiphon.network.thread_parker import sleep
from antiphon.testing.fake_clock import FakeClock
from tests.loopback import HELLO, LoopbackServer, answering


class Book:
    """A resolver that answers from a list, and notes who asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[tuple[str, int]] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses, whatever the host."""
        self.asked.append((host, port))
        return self.addresses


class Failing:
    """A resolver that fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Raise."""
        raise self._error


class Hanging:
    """A resolver that takes its time."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Wait, for longer than anybody is ready to."""
        sleep(0.5)
        return ()


@pytest.mark.parametrize(
    "given",
    [
        {"api.test": "127.0.0.1"},
        {"api.test": ["127.0.0.1"]},
        {"API.test": ("127.0.0.1",), "other.test": "192.0.2.1"},
    ],
)
def test_addresses_by_host(given: dict[str, str | Sequence[str]]) -> None:
    """A host in the mapping is at the address there, and still itself in Host and TLS."""
    with LoopbackServer(answering(HELLO)) as server:
        with Client(resolve=given) as client:
            response = client.get(f"http://api.test:{server.port}/")
    assert "hello" == response.text
    assert response.timings.dns is None


def test_port_beats_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with its port goes before the host alone; others are looked up as ever."""
    monkeypatch.setattr(resolver, "resolve_now", lambda host, port: [])
    with LoopbackServer(answering(HELLO)) as server:
        given = {f"api.test:{server.port}": "127.0.0.1", "api.test": "192.0.2.1"}
        with Client(resolve=given, retry=None) as client:
            assert "hello" == (client.get(f"http://api.test:{server.port}/")).text
            with pytest.raises(NameResolutionError, match=r"other\.test"):
                client.get(f"http://other.test:{server.port}/")


def test_own_resolver() -> None:
    """A resolver object is asked for names, with the port, and never for addresses."""
    book = Book("127.0.0.1")
    with LoopbackServer(answering(HELLO)) as server:
        with Client(resolve=book) as client:
            for host in ("one.test", "127.0.0.1", "one.test"):
                response = client.get(f"http://{host}:{server.port}/")
                assert "hello" == response.text
    assert [("one.test", server.port)] == book.asked


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (Book(), "the name 'one.test' has no IPv4 or IPv6 address"),
        (Book("nowhere"), "'one.test' is at 'nowhere', which is no IP address"),
        (Failing(OSError("the book is lost")), "could not be resolved: the book is lost"),
        (Failing(KeyError("one.test")), "could not be resolved: 'one.test'"),
    ],
)
def test_resolver_without_an_answer(own: Book | Failing, words: str) -> None:
    """Whatever goes wrong in a resolver is a NameResolutionError with its reason."""
    with Client(resolve=own, retry=None) as client:
        with pytest.raises(NameResolutionError, match=words):
            client.get("http://one.test/")


def test_resolver_may_raise_errors_of_ours() -> None:
    """An error of antiphon's own tree passes as it is."""
    mine = InvalidOptionError("that name is not for you")
    with Client(resolve=Failing(mine)) as client:
        with pytest.raises(InvalidOptionError) as caught:
            client.get("http://one.test/")
    assert caught.value is mine


def test_hanging_resolver() -> None:
    """A resolver that hangs is left at the connect time, or when the call is cancelled."""
    with Client(resolve=Hanging(), retry=None) as client:
        with pytest.raises(ConnectTimeout):
            client.get("http://one.test/", timeout=Timeout(connect=0.05))
        cancel = CancelToken()
        threading.Timer(0.02, cancel.cancel).start()
        with pytest.raises(RequestCancelled):
            client.get("http://one.test/", cancel=cancel, timeout=None)


class Moving:
    """A resolver that moves a clock on, to a moment after every deadline."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Let the time pass, and then some."""
        self._clock.advance(60)
        sleep(5)
        return ()


def test_resolver_under_a_fake_clock() -> None:
    """A clock that stands in for the real one ends the wait for a resolver too."""
    with FakeClock() as clock:
        with Client(resolve=Moving(clock), retry=None) as client:
            with pytest.raises(ConnectTimeout):
                client.get("http://one.test/")
            clock.advance(60)  # the resolver's thread, in the sync voice, can end


# The resolver that remembers. --------------------------------------------------------------------


def test_answers_are_remembered_for_a_time() -> None:
    """An answer is given again until its time is up, for each host and port."""
    book = Book("127.0.0.1")
    caching = CachingResolver(book, ttl=60)
    with FakeClock() as clock:
        for _ in range(3):
            assert ["127.0.0.1"] == list(caching.resolve("one.test", 80))
        assert ["127.0.0.1"] == list(caching.resolve("one.test", 81))
        clock.advance(59)
        caching.resolve("one.test", 80)
        clock.advance(1)
        caching.resolve("one.test", 80)
    assert [("one.test", 80), ("one.test", 81), ("one.test", 80)] == book.asked
    caching.clear()
    assert "<CachingResolver of 0 names>" == repr(caching)


def test_failures_are_not_remembered() -> None:
    """A failure or an empty answer is asked for again."""
    book = Book()
    caching = CachingResolver(book)
    assert [] == list(caching.resolve("one.test", 80))
    book.addresses = ("127.0.0.1",)
    assert ["127.0.0.1"] == list(caching.resolve("one.test", 80))
    failing = CachingResolver(Failing(OSError("lost")))
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            failing.resolve("one.test", 80)


def test_cache_is_bounded() -> None:
    """What is too old goes first to make room, then what was asked for longest ago."""
    book = Book("127.0.0.1")
    caching = CachingResolver(book, ttl=10, max_entries=3)
    with FakeClock() as clock:
        caching.resolve("a.test", 80)
        clock.advance(5)
        for host in ("b.test", "c.test", "d.test"):
            caching.resolve(host, 80)
        assert "<CachingResolver of 3 names>" == repr(caching)
        book.asked.clear()
        caching.resolve("a.test", 80)
        assert [("a.test", 80)] == book.asked
        clock.advance(10)
        caching.resolve("e.test", 80)
        assert "<CachingResolver of 1 names>" == repr(caching)


def test_system_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a resolver of one's own the system is asked, and its errors are its own."""
    asked: list[str] = []

    def resolve_now(host: str, port: int) -> list[resolver.Address]:
        asked.append(host)
        if host == "gone.test":
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, ("127.0.0.1", port))]

    for module in ("antiphon.network.resolver", "antiphon.network.thread_lookup"):
        monkeypatch.setattr(f"{module}.resolve_now", resolve_now)
    caching = CachingResolver()
    with LoopbackServer(answering(HELLO)) as server:
        for _ in range(2):
            with Client(resolve=caching, retry=None) as client:
                assert "hello" == (client.get(f"http://one.test:{server.port}/")).text
                with pytest.raises(NameResolutionError, match="not known"):
                    client.get("http://gone.test/")
    assert ["one.test", "gone.test", "gone.test"] == asked


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CachingResolver(ttl=0), "ttl=0: expected seconds"),
        (lambda: CachingResolver(ttl=True), "ttl=True"),
        (lambda: CachingResolver(ttl="1"), "ttl='1'"),  # type: ignore[arg-type]
        (lambda: CachingResolver(ttl=float("nan")), "ttl=nan"),
        (lambda: CachingResolver(max_entries=0), "max_entries=0: expected a number >= 1"),
        (lambda: CachingResolver(max_entries=True), "max_entries=True"),
        (lambda: CachingResolver(max_entries=1.5), "max_entries"),  # type: ignore[arg-type]
        (lambda: Client(resolve="127.0.0.1"), "resolve='127.0.0.1': give"),  # type: ignore[arg-type]
        (lambda: Client(resolve=Book), "resolve=<class"),  # type: ignore[arg-type]
        (lambda: Client(connecting={"uds": "/a"}), "connecting={'uds': '/a'}: give"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_cannot_work(make: Callable[[], object], words: str) -> None:
    """What cannot work is refused when it is given, and the error says what can."""
    with pytest.raises(InvalidOptionError, match=words):
        make()


def test_resolver_written_in_c() -> None:
    """A resolver whose voice cannot be seen is taken at its word."""

    class Odd:
        resolve = staticmethod(len)

    assert Client(resolve=Odd()) is not None  # type: ignore[arg-type]
