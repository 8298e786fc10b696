"""Ctrl-C in the midst of a call: the connection is closed, the pool as it was, the call over."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon._sync.limiter import Limiter
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.models.limits import Limits
from antiphon.network import resolver
from antiphon.network.clock import now
from antiphon.network.outcome import READY
from antiphon.network.thread_parker import sleep
from antiphon.network.thread_race import race
from tests._sync.engine_calls import ask, fetch
from tests._sync.test_engine_timeouts import full_backlog, stall, stall_in_body, stall_in_head
from tests.loopback import HELLO, LoopbackServer, answering
from tests.servers import Scripted, until_closed
from tests.sync_only.scripts import run_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Handler

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="signals cannot be sent to a thread here"
)


@contextmanager
def interrupted(waiting: Callable[[], object]) -> Iterator[None]:
    """Expect a KeyboardInterrupt in the block, and cause it a little after `waiting()` is true."""
    main = threading.main_thread().ident
    assert main is not None
    over = threading.Event()

    def interrupt() -> None:
        while not over.is_set() and not waiting():
            over.wait(0.001)
        if not over.wait(0.01):
            signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            thread.start()
            yield
    finally:
        over.set()
        thread.join()
        signal.signal(signal.SIGINT, former)
    assert time.monotonic() - started < 10


def is_as_new(engine: Engine) -> None:
    """Fail unless the pool has nothing open and nobody waits in it."""
    plan = engine.pool._plan
    assert (0, 0, 0) == (plan.open_count, plan.idle_count, plan.waiter_count)
    assert set() == engine.pool._connections


@pytest.mark.parametrize("token", [None, CancelToken()], ids=["alone", "with a token"])
@pytest.mark.parametrize("script", [stall, stall_in_head, stall_in_body])
def test_while_waiting_for_the_response(script: Handler, token: CancelToken | None) -> None:
    """A wait for head or body that is interrupted closes its connection."""
    scripts = Scripted([script], [HELLO])
    with LoopbackServer(scripts) as server:
        engine = Engine()
        with interrupted(lambda: scripts.requests):
            fetch(engine, server.url, cancel=token)
        is_as_new(engine)
        assert b"hello" == fetch(engine, server.url)
        engine.close()


def test_while_writing() -> None:
    """A write that is interrupted closes its connection: half a request was sent."""
    accepted, done = threading.Event(), threading.Event()

    def never_read(connection: socket.socket) -> None:
        accepted.set()
        assert done.wait(20)

    with LoopbackServer(never_read) as server:
        engine = Engine()
        with interrupted(accepted.is_set):
            fetch(engine, server.url, "PUT", build_body(content=bytes(50_000_000)))
        is_as_new(engine)
        done.set()
        engine.close()


def test_while_connecting() -> None:
    """A connection that is interrupted while it is made is none."""
    with full_backlog() as url:
        engine = Engine()
        with interrupted(lambda: engine.pool._plan.open_count):
            fetch(engine, url)
        is_as_new(engine)


def test_while_shaking_hands() -> None:
    """The same within the handshake of TLS."""
    accepted = threading.Event()

    def mute(connection: socket.socket) -> None:
        accepted.set()
        until_closed(connection)

    with LoopbackServer(mute) as server:
        engine = Engine()
        with interrupted(accepted.is_set):
            fetch(engine, server.url.replace("http:", "https:"))
        is_as_new(engine)


def test_while_resolving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lookup that is interrupted is left to its thread."""
    asked, answered = threading.Event(), threading.Event()

    def hang(host: str, port: int) -> list[object]:
        asked.set()
        assert answered.wait(20)
        return []

    monkeypatch.setattr(resolver, "resolve_now", hang)
    engine = Engine()
    with interrupted(asked.is_set):
        fetch(engine, "http://slow.test/")
    is_as_new(engine)
    answered.set()


def test_while_waiting_for_the_pool() -> None:
    """A caller that is interrupted leaves the queue, and who holds the connection keeps it."""
    with LoopbackServer(answering(HELLO)) as server:
        engine = Engine(limits=Limits(max_connections=1))
        held = ask(engine, server.url)
        with interrupted(lambda: engine.pool._plan.waiter_count):
            fetch(engine, server.url)
        assert (1, 0) == (engine.pool._plan.open_count, engine.pool._plan.waiter_count)
        assert b"hello" == held.read()
        assert b"hello" == fetch(engine, server.url)
        engine.close()


def test_while_waiting_for_a_limiter() -> None:
    """A wait for a place that is interrupted takes none."""
    limiter = Limiter(1)
    limiter.acquire()
    with interrupted(lambda: limiter.waiting):
        limiter.acquire()
    assert 0 == limiter.waiting
    limiter.release()
    assert READY is limiter.acquire(now() - 1)


def test_while_asleep() -> None:
    """A sleep ends at once, and its token knows no more of it."""
    token = CancelToken()
    with interrupted(lambda: token._wakers):
        sleep(20, None, token)
    assert not token._wakers


def test_while_racing() -> None:
    """A race that is interrupted calls off the entrants in other threads, and waits for them."""
    begun: list[CancelToken] = []
    ended: list[str] = []

    def wait(token: CancelToken) -> None:
        begun.append(token)
        sleep(20, None, token)
        ended.append(token.reason)

    with interrupted(lambda: 2 == len(begun)):
        race([lambda _: sleep(20), wait, wait])
    assert ["the race was called off"] * 2 == ended


def test_a_script_ends_at_ctrl_c() -> None:
    """A script that is interrupted ends with the usual traceback, and in no time."""
    script = """
        import os, signal, sys, threading, time
        from antiphon._sync.engine.engine import Engine
        from tests._sync.engine_calls import fetch
        engine = Engine()
        pid = os.getpid()
        threading.Timer(0.1, lambda: os.kill(pid, signal.SIGINT)).start()
        try:
            fetch(engine, sys.argv[1])
        except KeyboardInterrupt:
            print(repr(engine))
    """
    with LoopbackServer(Scripted([stall])) as server:
        assert "<Engine <Pool 0 open, 0 idle, 0 waiting>>\n" == run_script(script, server.url)
