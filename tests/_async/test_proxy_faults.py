# Source of _sync/test_proxy_faults.py; after editing run: tox -e codegen
"""Proxies that fail: down, silent, cut off or talking nonsense, in each phase of connecting."""

from __future__ import annotations

import pickle
import re
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    AntiphonError,
    ConnectTimeout,
    DeadlineExceeded,
    NameResolutionError,
    ProxyError,
    RequestCancelled,
    TLSError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from antiphon.policies.proxy import Proxy
from antiphon.testing.fake_clock import FakeClock
from tests._async.engine_calls import fetch
from tests._async.test_engine_timeouts import full_backlog
from tests.anyio_group import AsyncGroup, until
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer, answering
from tests.proxies import read_exactly
from tests.servers import over_tls, read_head, reset, until_closed

if TYPE_CHECKING:
    from tests.servers import Handler

TRUSTING = TLSConfig(ca_file=ca_file())
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
ORIGIN = "https://origin.test/"


class Stalling:
    """A proxy that goes so far and no further; `reached` is set there."""

    def __init__(self, phase: str) -> None:
        self._phase = phase
        self.reached = threading.Event()
        self.scheme = {"tls": "https", "socks": "socks5h", "socks-reply": "socks5h"}.get(
            phase, "https" if phase == "inner-tls" else "http"
        )
        self.handler: Handler = self._serve
        if phase == "inner-tls":
            self.handler = over_tls(server_context("127.0.0.1"), self._serve)

    def _serve(self, connection: socket.socket) -> None:
        if self._phase in {"tls", "socks"}:
            connection.recv(1)
        elif self._phase == "socks-reply":
            read_exactly(connection, 3)
            connection.sendall(b"\x05\x00")
            read_exactly(connection, 7)
        else:
            read_head(connection)
            if self._phase == "half-head":
                connection.sendall(b"HTTP/1.1 200 Connec")
            elif self._phase != "head":
                connection.sendall(CONNECTED)
                connection.recv(1)
        self.reached.set()
        until_closed(connection)


PHASES = ["tls", "head", "half-head", "origin-tls", "inner-tls", "socks", "socks-reply"]


def engine_through(scheme: str, port: int) -> AsyncEngine:
    """An engine that goes through a proxy on loopback."""
    tls = TRUSTING if scheme == "https" else None
    return AsyncEngine(tls=TRUSTING, proxy=Proxy(f"{scheme}://127.0.0.1:{port}", tls=tls))


async def ask_until_stalled(
    phase: str, timeout: Timeout, total: float | None
) -> tuple[AntiphonError, bool]:
    """Let a call go as far as the proxy does, and then the time; its error, and if it is noted."""
    stalling = Stalling(phase)
    with FakeClock() as clock, LoopbackServer(stalling.handler) as proxy:
        engine = engine_through(stalling.scheme, proxy.port)
        async with AsyncGroup() as group:
            call = group.start(fetch, engine, ORIGIN, "GET", None, timeout, total)
            await until(stalling.reached.is_set)
            clock.advance(6)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert isinstance(call.error, AntiphonError)
    words = f"the proxy {stalling.scheme}://127.0.0.1:{proxy.port} was asked to connect"
    return call.error, any(words in note for note in getattr(call.error, "__notes__", ()))


@pytest.mark.parametrize("phase", PHASES)
async def test_stalling_in_each_phase(phase: str) -> None:
    """One connect time bounds TCP, TLS to the proxy, the tunnel and TLS to the origin together."""
    error, noted = await ask_until_stalled(phase, Timeout(connect=5), None)
    assert isinstance(error, ConnectTimeout)
    assert "https://origin.test took longer than connect=5 s" in error.message
    assert (phase in {"head", "half-head", "socks", "socks-reply"}) == noted


@pytest.mark.parametrize("phase", PHASES)
async def test_deadline_in_each_phase(phase: str) -> None:
    """The deadline of the whole call ends each phase too."""
    error, _ = await ask_until_stalled(phase, Timeout(None), 5)
    assert isinstance(error, DeadlineExceeded)
    assert "while connecting to https://origin.test" in error.message
    assert "no" == error.sent


@pytest.mark.parametrize("phase", PHASES)
async def test_cancelled_in_each_phase(phase: str) -> None:
    """A CancelToken ends each phase, and nothing stays open."""
    stalling = Stalling(phase)
    cancel = CancelToken()
    with LoopbackServer(stalling.handler) as proxy:
        engine = engine_through(stalling.scheme, proxy.port)
        async with AsyncGroup() as group:
            call = group.start(fetch, engine, ORIGIN, "GET", None, None, None, cancel)
            await until(stalling.reached.is_set)
            cancel.cancel("enough")
        assert isinstance(call.error, RequestCancelled)
        assert "enough" in call.error.message
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks4a"])
async def test_proxy_is_down(scheme: str) -> None:
    """A proxy that cannot be reached is a ProxyError, not the origin's failure."""
    with LoopbackServer(answering(HELLO)) as gone:
        pass
    engine = engine_through(scheme, gone.port)
    words = rf"no connection to the proxy {scheme}://127\.0\.0\.1:{gone.port} .*refused; check that"
    for url in ("http://127.0.0.1/", "https://127.0.0.1/"):
        with pytest.raises(ProxyError, match=words) as caught:
            await fetch(engine, url)
        assert "no" == caught.value.sent
    assert 0 == engine.pool._plan.open_count
    await engine.aclose()


async def test_proxy_does_not_answer_at_all() -> None:
    """A proxy whose machine drops packets is a ConnectTimeout."""
    with full_backlog() as silent:
        engine = engine_through("http", int(silent.rpartition(":")[2]))
        with pytest.raises(ConnectTimeout):
            await fetch(engine, ORIGIN, timeout=Timeout(connect=0.1))
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_name_of_the_proxy_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy whose name has no address is a NameResolutionError that names the proxy's host."""
    monkeypatch.setattr("antiphon.network.resolver.resolve_now", lambda host, port: [])
    engine = AsyncEngine(proxy="http://no-such-proxy.test:3128")
    with pytest.raises(NameResolutionError, match=r"no-such-proxy\.test"):
        await fetch(engine, ORIGIN)
    await engine.aclose()


ANSWERS = [
    (b"", "it ended the connection without an answer"),
    (b"HTTP/1.1 200", "it ended the connection without an answer"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "it does not speak HTTP"),
    (b"\x15\x03\x01\x00\x02\x02\x46", "it does not speak HTTP"),
    (CONNECTED + b"x", "it sent something before it was spoken to"),
    (b"HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n", "403 Filtered"),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 504 Too slow\r\n\r\n", "504 Too slow"),
    (b"HTTP/1.1 302 Elsewhere\r\nLocation: http://a/\r\n\r\n", "302 Elsewhere"),
    (b"HTTP/1.0 500\r\n\r\n", "500"),
    (
        b"HTTP/1.1 403 No\r\nX-Got: Basic c2VjcmV0LXVzZXI6c2VjcmV0LXdvcmQ=, secret-word\r\n\r\n",
        "403 No",
    ),
    (b"HTTP/1.1 502 Basic c2VjcmV0LXVzZXI6c2VjcmV0LXdvcmQ= secret-word\r\n\r\n", "502 Basic ***"),
]


@pytest.mark.parametrize(("answer", "words"), ANSWERS)
async def test_answers_but_yes(answer: bytes, words: str) -> None:
    """Whatever an HTTP proxy answers but 2xx is a ProxyError with its status and words."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)

    with LoopbackServer(handle) as proxy:
        engine = AsyncEngine(proxy=f"http://secret-user:secret-word@127.0.0.1:{proxy.port}")
        with pytest.raises(ProxyError, match=re.escape(words)) as caught:
            await fetch(engine, ORIGIN)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    told = caught.value.message
    heard = f"{caught.value.headers}{pickle.dumps(caught.value)!r}"
    assert "secret-word" not in heard
    assert "c2VjcmV0" not in heard
    assert told.startswith(
        f"the proxy http://127.0.0.1:{proxy.port} did not connect us to https://origin.test: "
    )
    assert "secret-word" not in told
    assert "c2VjcmV0" not in told


async def test_connection_reset_while_asking() -> None:
    """A proxy that resets the connection is a ProxyError."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        reset(connection)

    with LoopbackServer(handle) as proxy:
        engine = AsyncEngine(proxy=proxy.url)
        with pytest.raises(ProxyError, match="the connection to it broke: .*reset"):
            await fetch(engine, ORIGIN)
        await engine.aclose()


async def test_tls_to_a_plain_proxy() -> None:
    """An https:// URL for a proxy without TLS says that the proxy speaks none."""
    with LoopbackServer(answering(b"HTTP/1.1 400 Bad\r\n\r\n")) as proxy:

        def handle(connection: socket.socket) -> None:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with LoopbackServer(handle) as plain:
            engine = engine_through("https", plain.port)
            with pytest.raises(TLSError, match="does not speak TLS on port"):
                await fetch(engine, ORIGIN)
            await engine.aclose()
    assert proxy.port != plain.port


@pytest.mark.parametrize("outer", ["http", "https"])
@pytest.mark.parametrize("ending", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_origin_ends_the_inner_handshake(outer: str, ending: bytes) -> None:
    """An origin that hangs up or talks plainly within a tunnel is a TLSError that names it."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(CONNECTED)
        connection.recv(65_536)
        connection.sendall(ending)

    handler = over_tls(server_context("127.0.0.1"), handle) if outer == "https" else handle
    with LoopbackServer(handler) as proxy:
        engine = engine_through(outer, proxy.port)
        with pytest.raises(TLSError, match=r"https://origin\.test"):
            await fetch(engine, ORIGIN)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_unexpected_errors_close_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else happens while a tunnel is opened, its socket is closed and the place free."""
    ended = threading.Event()

    def handle(connection: socket.socket) -> None:
        until_closed(connection)
        ended.set()

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("antiphon._async.engine.tunnel.encode_head", fail)
    with LoopbackServer(handle) as proxy:
        engine = AsyncEngine(proxy=proxy.url)
        with pytest.raises(RuntimeError, match="a bug"):
            await fetch(engine, ORIGIN)
        assert ended.wait(10)
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_slow_reader() -> None:
    """A CONNECT that does not fit into the buffers waits until the proxy reads on."""
    got = [0]

    def handle(connection: socket.socket) -> None:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data = data[-4:] + connection.recv(100_000)
            got[0] += 1
        connection.sendall(b"HTTP/1.1 403 Too much\r\n\r\n")
        until_closed(connection)

    with LoopbackServer(handle) as proxy:
        engine = AsyncEngine(proxy=Proxy(proxy.url, headers={"X-Long": "x" * 8_000_000}))
        with pytest.raises(ProxyError, match="403 Too much"):
            await fetch(engine, ORIGIN)
        await engine.aclose()
    assert got[0] > 10


async def test_forwarding_proxy_dies_on_reuse() -> None:
    """A kept-alive connection to a proxy that died is replaced once, as one to an origin is."""
    served = [0]

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        served[0] += 1
        connection.sendall(HELLO)
        if served[0] == 1:
            read_head(connection)
            return
        until_closed(connection)

    with LoopbackServer(handle) as proxy:
        engine = AsyncEngine(proxy=proxy.url)
        for _ in range(2):
            assert b"hello" == await fetch(engine, "http://origin.test/")
        with pytest.raises(AntiphonError):
            await fetch(engine, "http://origin.test/", "POST", timeout=Timeout(read=0.1))
        await engine.aclose()
    assert 2 == served[0]
