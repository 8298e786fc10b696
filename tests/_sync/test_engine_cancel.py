# GENERATED from _async/test_engine_cancel.py by tools/unasync.py. Do not edit.
"""A token stops a running call from another thread, wherever it waits."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.errors import RequestCancelled, TransportError
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from tests._sync.engine_calls import ask, fetch
from tests._sync.test_engine_timeouts import full_backlog, pour, stall_in_body, stall_in_head
from tests.loopback import HELLO, LoopbackServer
from tests.servers import Scripted, until_closed

if TYPE_CHECKING:
    from collections.abc import Callable


def cancel_when(condition: Callable[[], object], token: CancelToken) -> threading.Thread:
    """Cancel the token from another thread as soon as the condition holds."""
    tick = threading.Event()

    def run() -> None:
        for _ in range(10_000):
            if condition():
                break
            tick.wait(0.001)
        token.cancel("enough")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def cancelled(engine: Engine, url: str, token: CancelToken) -> RequestCancelled:
    """Make a call that is to be cancelled; its error."""
    with pytest.raises(RequestCancelled, match="enough") as caught:
        fetch(engine, url, cancel=token)
    assert not isinstance(caught.value, TransportError)
    return caught.value


@pytest.mark.parametrize("script", [until_closed, stall_in_head, stall_in_body])
def test_while_waiting_for_the_response(script: object) -> None:
    """A token ends the wait for head and body; the connection is closed, the pool as it was."""
    scripts = Scripted([script], [HELLO])  # type: ignore[list-item]
    with LoopbackServer(scripts) as server:
        engine = Engine()
        token = CancelToken()
        thread = cancel_when(lambda: scripts.requests, token)
        error = cancelled(engine, server.url, token)
        assert "maybe" == error.sent
        assert 0 == engine.pool._plan.open_count
        assert b"hello" == fetch(engine, server.url)
        engine.close()
        thread.join()


def test_within_a_body_that_never_waits() -> None:
    """A token ends a body that comes as fast as it is read."""
    scripts = Scripted([pour])
    with LoopbackServer(scripts) as server:
        engine = Engine()
        token = CancelToken()
        stream = ask(engine, server.url, cancel=token)
        count = 0
        with pytest.raises(RequestCancelled):
            for _ in stream.iter_raw():
                count += 1
                if count == 20:
                    token.cancel()
        assert 20 <= count < 40
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_while_writing() -> None:
    """A token ends a write that the server does not take."""
    done = threading.Event()
    begun = threading.Event()

    def hardly_reads(connection: socket.socket) -> None:
        connection.recv(1)  # until then the client may not even know that it is connected
        begun.set()
        assert done.wait(20)

    with LoopbackServer(hardly_reads) as server:
        engine = Engine()
        token = CancelToken()
        thread = cancel_when(begun.is_set, token)
        body = build_body(content=bytes(50_000_000))
        with pytest.raises(RequestCancelled, match="while sending"):
            fetch(engine, server.url, "PUT", body, cancel=token)
        done.set()
        assert 0 == engine.pool._plan.open_count
        engine.close()
        thread.join()


def test_while_connecting() -> None:
    """A token ends the wait for a host that does not answer."""
    with full_backlog() as url:
        engine = Engine()
        token = CancelToken()
        thread = cancel_when(lambda: engine.pool._plan.open_count, token)
        error = cancelled(engine, url, token)
        assert "no" == error.sent
        assert 0 == engine.pool._plan.open_count
        engine.close()
        thread.join()


def test_while_shaking_hands() -> None:
    """A token ends the wait for a TLS handshake that does not come."""
    accepted = threading.Event()

    def mute(connection: socket.socket) -> None:
        connection.recv(1)
        accepted.set()
        until_closed(connection)

    with LoopbackServer(mute) as server:
        engine = Engine()
        token = CancelToken()
        thread = cancel_when(accepted.is_set, token)
        error = cancelled(engine, server.url.replace("http:", "https:"), token)
        assert "no" == error.sent
        assert 0 == engine.pool._plan.open_count
        engine.close()
        thread.join()


def test_while_resolving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token ends the wait for a name server."""
    asked = threading.Event()
    answered = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        asked.set()
        assert answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    engine = Engine()
    token = CancelToken()
    thread = cancel_when(asked.is_set, token)
    cancelled(engine, "http://slow.test/", token)
    assert 0 == engine.pool._plan.open_count
    answered.set()
    engine.close()
    thread.join()


def test_while_waiting_for_the_pool() -> None:
    """A token ends the wait for a free connection."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = Engine(limits=Limits(max_connections=1))
        held = ask(engine, server.url)
        token = CancelToken()
        thread = cancel_when(lambda: engine.pool._plan.waiter_count, token)
        error = cancelled(engine, server.url, token)
        assert "no" == error.sent
        assert 0 == engine.pool._plan.waiter_count
        held.close()
        engine.close()
        thread.join()


def test_cancelled_before() -> None:
    """A call with a token that is cancelled already sends nothing."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        token = CancelToken()
        token.cancel("enough")
        error = cancelled(engine, server.url, token)
        engine.close()
    assert "no" == error.sent
    assert [] == script.requests


def test_late_cancel_touches_nothing() -> None:
    """A token that is cancelled after its call does not disturb the next one on its connection."""
    with LoopbackServer(Scripted([HELLO, HELLO])) as server:
        engine = Engine()
        token = CancelToken()
        assert b"hello" == fetch(engine, server.url, cancel=token)
        token.cancel()
        assert b"hello" == fetch(engine, server.url)
        engine.close()


def test_token_without_cancellation() -> None:
    """A token that nobody cancels changes nothing, many times over."""
    with LoopbackServer(Scripted([HELLO] * 20)) as server:
        engine = Engine()
        token = CancelToken()
        for _ in range(20):
            assert b"hello" == fetch(engine, server.url, cancel=token, total=10)
        engine.close()
