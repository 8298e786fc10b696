# Source of _sync/test_happy_eyeballs.py; after editing run: tox -e codegen
"""A host with several addresses is reached by the first that answers (RFC 8305)."""

from __future__ import annotations

import socket

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import ConnectError, ConnectTimeout, NameResolutionError
from antiphon.models.timeout import Timeout
from antiphon.network import resolver
from tests._async.engine_calls import ask, fetch
from tests._async.test_engine_events import Notes
from tests._async.test_engine_timeouts import full_backlog
from tests.loopback import HELLO, LoopbackServer, answering


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let every name have these IPv4 addresses; a real name server cannot be had in a test."""
    found = [(socket.AF_INET, address) for address in addresses]
    monkeypatch.setattr(resolver, "resolve_now", lambda host, port: found)


async def test_refused_address_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that refuses is followed by the next at once."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    with LoopbackServer(answering(HELLO)) as server:
        resolve_to(monkeypatch, ("127.0.0.1", gone.port), ("127.0.0.1", server.port))
        engine = AsyncEngine()
        notes = Notes()
        stream = await ask(engine, "http://many.test/", observer=notes)
        assert b"hello" == await stream.read()
        assert 2 == notes.names().count("connection_started")
        assert 1 == notes.names().count("connection_established")
        await engine.aclose()


async def test_silent_address_is_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that says nothing is overtaken after the attempt delay, well before the limit."""
    with full_backlog() as silent, LoopbackServer(answering(HELLO)) as server:
        port = int(silent.rpartition(":")[2])
        resolve_to(monkeypatch, ("127.0.0.1", port), ("127.0.0.1", server.port))
        engine = AsyncEngine()
        assert b"hello" == await fetch(engine, "http://many.test/", timeout=Timeout(connect=20))
        assert 1 == engine.pool._plan.open_count
        await engine.aclose()


async def test_all_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """If every address refuses, the error names them."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    resolve_to(monkeypatch, ("127.0.0.1", gone.port), ("127.0.0.2", gone.port))
    engine = AsyncEngine()
    with pytest.raises(ConnectError, match=r"127\.0\.0\.1, 127\.0\.0\.2.*refused"):
        await fetch(engine, "http://many.test/")
    await engine.aclose()


async def test_all_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no address answers, the connect time ends the attempts, and their sockets are closed."""
    with full_backlog() as one, full_backlog() as two:
        ports = [int(url.rpartition(":")[2]) for url in (one, two)]
        resolve_to(monkeypatch, *[("127.0.0.1", port) for port in ports])
        monkeypatch.setattr("antiphon._async.engine.dial.ATTEMPT_DELAY", 0.01)
        engine = AsyncEngine()
        with pytest.raises(ConnectTimeout):
            await fetch(engine, "http://many.test/", timeout=Timeout(connect=0.1))
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_no_address_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without any usable address is a NameResolutionError."""
    resolve_to(monkeypatch)
    engine = AsyncEngine()
    with pytest.raises(NameResolutionError, match="has no IPv4 or IPv6 address"):
        await fetch(engine, "http://none.test/")
    await engine.aclose()
