# Source of _sync/test_resolvers.py; after editing run: tox -e codegen
"""`resolve=`: addresses that are given, resolvers of one's own, and one that remembers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.resolver import AsyncCachingResolver
from antiphon.errors import (
    ConnectTimeout,
    InvalidOptionError,
    NameResolutionError,
    RequestCancelled,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.network import resolver
from antiphon.network.anyio_parker import sleep
from antiphon.testing.fake_clock import FakeClock
from tests.loopback import HELLO, LoopbackServer, answering


class Book:
    """A resolver that answers from a list, and notes who asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[tuple[str, int]] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses, whatever the host."""
        self.asked.append((host, port))
        return self.addresses


class Failing:
    """A resolver that fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Raise."""
        raise self._error


class Hanging:
    """A resolver that takes its time."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Wait, for longer than anybody is ready to."""
        await sleep(0.5)
        return ()


@pytest.mark.parametrize(
    "given",
    [
        {"api.test": "127.0.0.1"},
        {"api.test": ["127.0.0.1"]},
        {"API.test": ("127.0.0.1",), "other.test": "192.0.2.1"},
    ],
)
async def test_addresses_by_host(given: dict[str, str | Sequence[str]]) -> None:
    """A host in the mapping is at the address there, and still itself in Host and TLS."""
    with LoopbackServer(answering(HELLO)) as server:
        async with AsyncClient(resolve=given) as client:
            response = await client.get(f"http://api.test:{server.port}/")
    assert "hello" == response.text
    assert response.timings.dns is None


async def test_port_beats_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with its port goes before the host alone; others are looked up as ever."""
    monkeypatch.setattr(resolver, "resolve_now", lambda host, port: [])
    with LoopbackServer(answering(HELLO)) as server:
        given = {f"api.test:{server.port}": "127.0.0.1", "api.test": "192.0.2.1"}
        async with AsyncClient(resolve=given, retry=None) as client:
            assert "hello" == (await client.get(f"http://api.test:{server.port}/")).text
            with pytest.raises(NameResolutionError, match=r"other\.test"):
                await client.get(f"http://other.test:{server.port}/")


async def test_own_resolver() -> None:
    """A resolver object is asked for names, with the port, and never for addresses."""
    book = Book("127.0.0.1")
    with LoopbackServer(answering(HELLO)) as server:
        async with AsyncClient(resolve=book) as client:
            for host in ("one.test", "127.0.0.1", "one.test"):
                response = await client.get(f"http://{host}:{server.port}/")
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
async def test_resolver_without_an_answer(own: Book | Failing, words: str) -> None:
    """Whatever goes wrong in a resolver is a NameResolutionError with its reason."""
    async with AsyncClient(resolve=own, retry=None) as client:
        with pytest.raises(NameResolutionError, match=words):
            await client.get("http://one.test/")


async def test_resolver_may_raise_errors_of_ours() -> None:
    """An error of antiphon's own tree passes as it is."""
    mine = InvalidOptionError("that name is not for you")
    async with AsyncClient(resolve=Failing(mine)) as client:
        with pytest.raises(InvalidOptionError) as caught:
            await client.get("http://one.test/")
    assert caught.value is mine


async def test_hanging_resolver() -> None:
    """A resolver that hangs is left at the connect time, or when the call is cancelled."""
    async with AsyncClient(resolve=Hanging(), retry=None) as client:
        with pytest.raises(ConnectTimeout):
            await client.get("http://one.test/", timeout=Timeout(connect=0.05))
        cancel = CancelToken()
        threading.Timer(0.02, cancel.cancel).start()
        with pytest.raises(RequestCancelled):
            await client.get("http://one.test/", cancel=cancel, timeout=None)


class Moving:
    """A resolver that moves a clock on, to a moment after every deadline."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Let the time pass, and then some."""
        self._clock.advance(60)
        await sleep(5)
        return ()


async def test_resolver_under_a_fake_clock() -> None:
    """A clock that stands in for the real one ends the wait for a resolver too."""
    with FakeClock() as clock:
        async with AsyncClient(resolve=Moving(clock), retry=None) as client:
            with pytest.raises(ConnectTimeout):
                await client.get("http://one.test/")
            clock.advance(60)  # the resolver's thread, in the sync voice, can end


# The resolver that remembers. --------------------------------------------------------------------


async def test_answers_are_remembered_for_a_time() -> None:
    """An answer is given again until its time is up, for each host and port."""
    book = Book("127.0.0.1")
    caching = AsyncCachingResolver(book, ttl=60)
    with FakeClock() as clock:
        for _ in range(3):
            assert ["127.0.0.1"] == list(await caching.resolve("one.test", 80))
        assert ["127.0.0.1"] == list(await caching.resolve("one.test", 81))
        clock.advance(59)
        await caching.resolve("one.test", 80)
        clock.advance(1)
        await caching.resolve("one.test", 80)
    assert [("one.test", 80), ("one.test", 81), ("one.test", 80)] == book.asked
    caching.clear()
    assert "<AsyncCachingResolver of 0 names>" == repr(caching)


async def test_failures_are_not_remembered() -> None:
    """A failure or an empty answer is asked for again."""
    book = Book()
    caching = AsyncCachingResolver(book)
    assert [] == list(await caching.resolve("one.test", 80))
    book.addresses = ("127.0.0.1",)
    assert ["127.0.0.1"] == list(await caching.resolve("one.test", 80))
    failing = AsyncCachingResolver(Failing(OSError("lost")))
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await failing.resolve("one.test", 80)


async def test_cache_is_bounded() -> None:
    """What is too old goes first to make room, then what was asked for longest ago."""
    book = Book("127.0.0.1")
    caching = AsyncCachingResolver(book, ttl=10, max_entries=3)
    with FakeClock() as clock:
        await caching.resolve("a.test", 80)
        clock.advance(5)
        for host in ("b.test", "c.test", "d.test"):
            await caching.resolve(host, 80)
        assert "<AsyncCachingResolver of 3 names>" == repr(caching)
        book.asked.clear()
        await caching.resolve("a.test", 80)
        assert [("a.test", 80)] == book.asked
        clock.advance(10)
        await caching.resolve("e.test", 80)
        assert "<AsyncCachingResolver of 1 names>" == repr(caching)


async def test_system_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a resolver of one's own the system is asked, and its errors are its own."""
    asked: list[str] = []

    def resolve_now(host: str, port: int) -> list[resolver.Address]:
        asked.append(host)
        if host == "gone.test":
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, ("127.0.0.1", port))]

    for module in ("antiphon.network.resolver", "antiphon.network.thread_lookup"):
        monkeypatch.setattr(f"{module}.resolve_now", resolve_now)
    caching = AsyncCachingResolver()
    with LoopbackServer(answering(HELLO)) as server:
        for _ in range(2):
            async with AsyncClient(resolve=caching, retry=None) as client:
                assert "hello" == (await client.get(f"http://one.test:{server.port}/")).text
                with pytest.raises(NameResolutionError, match="not known"):
                    await client.get("http://gone.test/")
    assert ["one.test", "gone.test", "gone.test"] == asked


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AsyncCachingResolver(ttl=0), "ttl=0: expected seconds"),
        (lambda: AsyncCachingResolver(ttl=True), "ttl=True"),
        (lambda: AsyncCachingResolver(ttl="1"), "ttl='1'"),  # type: ignore[arg-type]
        (lambda: AsyncCachingResolver(ttl=float("nan")), "ttl=nan"),
        (lambda: AsyncCachingResolver(max_entries=0), "max_entries=0: expected a number >= 1"),
        (lambda: AsyncCachingResolver(max_entries=True), "max_entries=True"),
        (lambda: AsyncCachingResolver(max_entries=1.5), "max_entries"),  # type: ignore[arg-type]
        (lambda: AsyncClient(resolve="127.0.0.1"), "resolve='127.0.0.1': give"),  # type: ignore[arg-type]
        (lambda: AsyncClient(resolve=Book), "resolve=<class"),  # type: ignore[arg-type]
        (lambda: AsyncClient(connecting={"uds": "/a"}), "connecting={'uds': '/a'}: give"),  # type: ignore[arg-type]
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

    assert AsyncClient(resolve=Odd()) is not None  # type: ignore[arg-type]
