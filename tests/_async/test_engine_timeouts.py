# Source of _sync/test_engine_timeouts.py; after editing run: tox -e codegen
"""Every phase has its limit, and the total deadline holds everywhere."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    ConnectTimeout,
    DeadlineExceeded,
    NameResolutionError,
    PoolTimeout,
    ReadTimeout,
    WriteTimeout,
)
from antiphon.models.body_builder import build_body
from antiphon.models.limits import Limits
from antiphon.models.timeout import Timeout
from antiphon.testing import FakeClock
from tests._async.engine_calls import ask, fetch
from tests.loopback import HELLO, LoopbackServer
from tests.passing_time import TimePassesAt
from tests.servers import Scripted, until_closed

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def full_backlog() -> Iterator[str]:
    """A listener whose queue is full: connecting to it hangs, as to a host that drops packets."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        yield f"http://127.0.0.1:{address[1]}"
        for filler in fillers:
            filler.close()


def stall(connection: socket.socket) -> None:
    """Say nothing."""
    until_closed(connection)


def stall_in_head(connection: socket.socket) -> None:
    """Say half a head, and no more."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")
    until_closed(connection)


def stall_in_body(connection: socket.socket) -> None:
    """Say half a body, and no more."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
    until_closed(connection)


def drip(connection: socket.socket) -> None:
    """Send a byte of an endless body every few milliseconds."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.005)


def pour(connection: socket.socket) -> None:
    """Send an endless body as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    block = bytes(1_000_000)
    while True:
        connection.sendall(block)


STALLS = [stall, stall_in_head, stall_in_body]


@pytest.mark.parametrize("script", STALLS)
async def test_read_timeout(script: object) -> None:
    """A server that says nothing for the read time is a ReadTimeout, in the head and the body."""
    with LoopbackServer(Scripted([script], [HELLO])) as server:  # type: ignore[list-item]
        engine = AsyncEngine()
        with pytest.raises(ReadTimeout, match=r"sent nothing within read=0\.05 s") as caught:
            await fetch(engine, server.url, timeout=Timeout(read=0.05))
        assert "maybe" == caught.value.sent
        assert isinstance(caught.value, TimeoutError)
        assert 0 == engine.pool._plan.open_count
        assert b"hello" == await fetch(engine, server.url)
        await engine.aclose()


@pytest.mark.parametrize("script", [*STALLS, drip, pour])
async def test_total_deadline(script: object) -> None:
    """The deadline ends the call wherever it is, however many bytes keep coming."""
    scripts = Scripted([script], [HELLO])  # type: ignore[list-item]
    with LoopbackServer(scripts) as server:
        engine = AsyncEngine()
        event = "request_sent" if script in {stall, stall_in_head} else "response_started"
        with FakeClock() as clock:
            passes = TimePassesAt(clock, 5, event, lambda: scripts.requests)
            with pytest.raises(DeadlineExceeded, match="the deadline passed while waiting"):
                stream = await ask(engine, server.url, total=5, observer=passes)
                async for _ in stream.iter_raw():
                    pass
        assert 0 == engine.pool._plan.open_count
        assert b"hello" == await fetch(engine, server.url)
        await engine.aclose()


async def test_write_timeout() -> None:
    """A server that takes no bytes for the write time is a WriteTimeout."""
    done = threading.Event()

    def never_read(connection: socket.socket) -> None:
        assert done.wait(20)

    with LoopbackServer(never_read) as server:
        engine = AsyncEngine()
        body = build_body(content=bytes(20_000_000))
        with pytest.raises(WriteTimeout, match=r"write=0\.05 s") as caught:
            await fetch(engine, server.url, "PUT", body, timeout=Timeout(write=0.05))
        done.set()
        assert "maybe" == caught.value.sent
        await engine.aclose()


async def test_deadline_while_writing() -> None:
    """The deadline ends a write as well."""
    done = threading.Event()

    def never_read(connection: socket.socket) -> None:
        assert done.wait(20)

    with LoopbackServer(never_read) as server:
        engine = AsyncEngine()
        body = build_body(content=bytes(20_000_000))
        with FakeClock() as clock:
            passes = TimePassesAt(clock, 5, "connection_acquired", lambda: True)
            with pytest.raises(DeadlineExceeded, match="while sending the request"):
                await ask(engine, server.url, "PUT", body=body, total=5, observer=passes)
        done.set()
        await engine.aclose()


async def test_connect_timeout() -> None:
    """A host that does not answer is a ConnectTimeout; nothing was sent."""
    with full_backlog() as url:
        engine = AsyncEngine()
        with pytest.raises(ConnectTimeout, match=r"connect=0\.05 s") as caught:
            await fetch(engine, url, timeout=Timeout(connect=0.05))
        assert "no" == caught.value.sent
        assert isinstance(caught.value, ConnectionError)
        assert 0 == engine.pool._plan.open_count
        with pytest.raises(DeadlineExceeded, match="while connecting"):
            await fetch(engine, url, total=0.05)
        await engine.aclose()


async def test_tls_handshake_counts_as_connecting() -> None:
    """A server that accepts and never shakes hands is a ConnectTimeout."""
    with LoopbackServer(until_closed) as server:
        url = server.url.replace("http:", "https:")
        engine = AsyncEngine()
        with pytest.raises(ConnectTimeout, match=r"connect=0\.05 s") as caught:
            await fetch(engine, url, timeout=Timeout(connect=0.05))
        assert "no" == caught.value.sent
        with pytest.raises(DeadlineExceeded, match="while connecting"):
            await fetch(engine, url, total=0.05)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_hung_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer holds up its caller until the connect time, no longer."""
    answered = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        assert answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    engine = AsyncEngine()
    with pytest.raises(ConnectTimeout, match=r"connect=0\.05 s"):
        await fetch(engine, "http://slow.test/", timeout=Timeout(connect=0.05))
    with pytest.raises(DeadlineExceeded, match="while connecting"):
        await fetch(engine, "http://slow.test/", total=0.05)
    answered.set()
    await engine.aclose()


async def test_unknown_name() -> None:
    """A name that does not exist is a NameResolutionError that says which."""
    engine = AsyncEngine()
    with pytest.raises(NameResolutionError, match="'no-such-host.invalid'") as caught:
        await fetch(engine, "http://no-such-host.invalid/")
    assert "no" == caught.value.sent
    assert 0 == engine.pool._plan.open_count
    await engine.aclose()


async def test_deadline_while_waiting_for_the_pool() -> None:
    """The deadline ends the wait for a connection; without it the pool time does."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = AsyncEngine(limits=Limits(max_connections=1))
        held = await ask(engine, server.url)
        with pytest.raises(DeadlineExceeded, match="while waiting for a free connection"):
            await fetch(engine, server.url, total=0.02)
        with pytest.raises(PoolTimeout):
            await fetch(engine, server.url, timeout=Timeout(pool=0.02), total=10)
        await held.aclose()
        await engine.aclose()


async def test_passed_deadline_sends_nothing() -> None:
    """A call whose deadline has passed is refused before anything is sent."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        with pytest.raises(DeadlineExceeded) as caught:
            await fetch(engine, server.url, total=-1)
        await engine.aclose()
    assert "no" == caught.value.sent
    assert [] == script.requests


async def test_no_timeout_waits() -> None:
    """A phase without a limit waits for as long as it takes."""

    def late(connection: socket.socket) -> None:
        time.sleep(0.05)
        connection.sendall(HELLO)

    with LoopbackServer(Scripted([late])) as server:
        engine = AsyncEngine()
        assert b"hello" == await fetch(engine, server.url, timeout=Timeout(None))
        await engine.aclose()


async def test_a_deadline_that_has_passed() -> None:
    """A call that begins after its deadline opens no connection."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = AsyncEngine()
        with pytest.raises(DeadlineExceeded) as caught:
            await fetch(engine, server.url, total=0)
        assert "0 open" in repr(engine)
        await engine.aclose()
    assert "no" == caught.value.sent
