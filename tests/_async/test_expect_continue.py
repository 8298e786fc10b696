# Source of _sync/test_expect_continue.py; after editing run: tox -e codegen
"""`Expect: 100-continue`: the body waits for leave, and stays at home without it (RFC 9110, 10.1.1)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    ClientClosedError,
    DeadlineExceeded,
    InvalidOptionError,
    RemoteProtocolError,
    RequestCancelled,
    StatusError,
    WriteError,
)
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.timeout import Timeout
from antiphon.models.tls_config import TLSConfig
from tests._async.engine_calls import ask
from tests.anyio_group import AsyncGroup, until
from tests.certificates import ca_file, server_context
from tests.loopback import HELLO, LoopbackServer
from tests.servers import over_tls, read_head, until_closed

EXPECT = Headers({"Expect": "100-continue"})
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"


class Asked:
    """Answers each head with the next of `answers`, then takes the body and says hello."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.early: list[bytes] = []
        self.opened = 0

    def __call__(self, connection: socket.socket) -> None:
        self.opened += 1
        while head := read_head(connection):
            self.heads.append(head)
            answer = self.answers.pop(0)
            if b"\r\nExpect:" in head:
                self.early.append(self._early(connection))
            connection.sendall(answer)
            if not answer.startswith((CONTINUE, b"HTTP/1.1 103", HELLO)):
                until_closed(connection)
                return
            if b"Content-Length: 4" in head:
                body = b""
                while len(body) < 4:
                    body += connection.recv(4 - len(body))
                self.bodies.append(body)
            elif b"chunked" in head:
                while not connection.recv(1000).endswith(b"0\r\n\r\n"):
                    pass
            if answer != HELLO:
                connection.sendall(HELLO)

    @staticmethod
    def _early(connection: socket.socket) -> bytes:
        """What came before the answer to the head, without waiting long for it."""
        if isinstance(connection, ssl.SSLSocket):  # which cannot be peeked into
            return b""
        connection.settimeout(0.02)
        try:
            return connection.recv(4, socket.MSG_PEEK)
        except TimeoutError:
            return b""
        finally:
            connection.settimeout(None)


def four() -> Body:
    body = build_body(content=b"ping")
    assert body is not None
    return body


@pytest.mark.parametrize(
    "answer", [CONTINUE, b"HTTP/1.1 103 Early Hints\r\n\r\n" + CONTINUE, CONTINUE[:-2]]
)
async def test_body_is_sent_after_100(answer: bytes) -> None:
    """The body goes out once the server says 100, and the connection is used again."""
    asked = Asked(answer, HELLO)
    if answer == CONTINUE[:-2]:  # arrives in two pieces

        def handle(connection: socket.socket) -> None:
            read_head(connection)
            connection.sendall(CONTINUE[:-2])
            connection.sendall(CONTINUE[-2:])
            asked.bodies.append(connection.recv(4))
            connection.sendall(HELLO)
            Asked(HELLO)(connection)

    else:
        handle = asked
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "PUT", headers=EXPECT, body=four())
        assert b"hello" == await stream.read()
        assert 100 == stream.informational[-1].status
        stream = await ask(engine, server.url, "PUT", body=four())
        assert b"hello" == await stream.read()
        await engine.aclose()
    assert b"ping" == asked.bodies[0]
    assert asked.early in ([b""], [])
    assert asked.opened <= 1


async def test_body_stays_at_home_on_a_final_answer() -> None:
    """A final answer in place of 100 is the answer: no body is sent, and the connection closed."""
    asked = Asked(REFUSAL)
    started = []

    def pieces() -> Iterator[bytes]:
        started.append(True)
        yield b"ping"

    with LoopbackServer(asked) as server:
        engine = AsyncEngine()
        stream = await ask(
            engine, server.url, "PUT", headers=EXPECT, body=build_body(content=pieces())
        )
        assert 401 == stream.status
        await stream.read()
        assert stream.timeline is not None
        assert len(asked.heads[0]) == stream.timeline.sent_bytes
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()
    assert [] == started


async def test_final_success_without_the_body_closes_the_connection() -> None:
    """A success that did not want the body ends the connection too, since the server may wait."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(HELLO)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "PUT", headers=EXPECT, body=four())
        assert b"hello" == await stream.read()
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_silent_server_gets_the_body_after_a_while() -> None:
    """A server that knows no Expect gets the body once the wait is over; nothing is lost by it."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        received.append(connection.recv(4))
        connection.sendall(CONTINUE + HELLO)
        until_closed(connection)

    received: list[bytes] = []
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(
            engine,
            server.url,
            "PUT",
            headers=EXPECT,
            body=four(),
            timeout=Timeout(expect=0.02),
        )
        assert b"hello" == await stream.read()
        assert 1 == engine.pool._plan.idle_count
        await engine.aclose()
    assert [b"ping"] == received


async def test_417_is_sent_again_without_expect() -> None:
    """Who refuses the expectation is asked once more without it, even with a body of one use."""
    asked = Asked(FAILED, HELLO)
    with LoopbackServer(asked) as server:
        engine = AsyncEngine()
        body = build_body(content=iter([b"ping"]))
        stream = await ask(engine, server.url, "PUT", headers=EXPECT, body=body)
        assert (200, b"hello") == (stream.status, await stream.read())
        assert "expect" not in stream.request.headers
        await engine.aclose()
    assert 2 == asked.opened
    assert [True, False] == [b"\r\nExpect:" in head for head in asked.heads]


@pytest.mark.parametrize(("replayable", "status"), [(True, 200), (False, 417)])
async def test_417_after_the_body(replayable: bool, status: int) -> None:
    """A 417 that comes after the body is sent again only if the body can be."""
    heads: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        connection.recv(4)
        connection.sendall(FAILED if b"\r\nExpect:" in heads[-1] else HELLO)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        stream = await ask(
            engine,
            server.url,
            "PUT",
            headers=EXPECT,
            body=build_body(content=b"ping" if replayable else iter([b"ping"])),
            timeout=Timeout(expect=0.01),
        )
        await stream.read()
        assert status == stream.status
        await engine.aclose()


async def test_stale_connection_and_417() -> None:
    """A connection that died idle is replaced, and a 417 there is obeyed as anywhere."""
    opened: list[int] = []

    def handle(connection: socket.socket) -> None:
        opened.append(len(opened))
        head = read_head(connection)
        if opened[-1] == 0:
            connection.sendall(HELLO)
            read_head(connection)
            return
        connection.sendall(FAILED if b"\r\nExpect:" in head else HELLO)
        until_closed(connection)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        await (await ask(engine, server.url)).read()
        stream = await ask(engine, server.url, "PUT", headers=EXPECT, body=four())
        assert (200, b"hello") == (stream.status, await stream.read())
        await engine.aclose()
    assert [0, 1, 2] == opened


@pytest.mark.parametrize("body", [None, build_body(content=b"")])
async def test_never_without_content(body: Body | None) -> None:
    """A request without content does not ask for leave to send it."""
    asked = Asked(HELLO)
    with LoopbackServer(asked) as server:
        engine = AsyncEngine()
        stream = await ask(engine, server.url, "PUT", headers=EXPECT, body=body)
        await stream.read()
        await engine.aclose()
    assert b"Expect" not in asked.heads[0]


async def test_other_expectations_are_sent_as_they_are() -> None:
    """Only 100-continue has a meaning; anything else is the caller's affair."""
    asked = Asked(HELLO)
    with LoopbackServer(asked) as server:
        engine = AsyncEngine()
        headers = Headers({"Expect": "miracles"})
        stream = await ask(engine, server.url, "PUT", headers=headers, body=four())
        await stream.read()
        await engine.aclose()
    assert b"Expect: miracles" in asked.heads[0]


def says_nothing(connection: socket.socket) -> None:
    read_head(connection)
    until_closed(connection)


async def test_deadline_while_waiting_for_leave() -> None:
    """The total timeout holds while leave is waited for; nothing of the body was sent."""
    with LoopbackServer(says_nothing) as server:
        engine = AsyncEngine()
        with pytest.raises(DeadlineExceeded):
            await ask(
                engine,
                server.url,
                "PUT",
                headers=EXPECT,
                body=four(),
                timeout=Timeout(expect=None),
                total=0.05,
            )
        assert 0 == engine.pool._plan.open_count
        await engine.aclose()


async def test_cancelling_and_closing_while_waiting_for_leave() -> None:
    """A token and the end of the client end the wait for leave."""
    heads: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        until_closed(connection)

    token = CancelToken()
    with LoopbackServer(handle) as server:
        engine = AsyncEngine()

        async def call(cancel: CancelToken | None) -> None:
            await ask(
                engine,
                server.url,
                "PUT",
                headers=EXPECT,
                body=four(),
                timeout=Timeout(expect=None),
                cancel=cancel,
            )

        async with AsyncGroup() as group:
            cancelled = group.start(call, token)
            closed = group.start(call, None)
            await until(lambda: len(heads) == 2)
            token.cancel()
            await until(lambda: cancelled.done)
            await engine.aclose()
    assert isinstance(cancelled.error, RequestCancelled)
    assert isinstance(closed.error, ClientClosedError)


@pytest.mark.parametrize(
    ("said", "error"), [(b"", WriteError), (b"HTTP/1.1 10", RemoteProtocolError)]
)
async def test_server_that_goes_away_instead(said: bytes, error: type[Exception]) -> None:
    """A server that closes instead of answering is not waited for any longer."""

    def handle(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(said)

    with LoopbackServer(handle) as server:
        engine = AsyncEngine()
        with pytest.raises(error):
            await ask(
                engine,
                server.url,
                "PUT",
                headers=EXPECT,
                body=four(),
                timeout=Timeout(expect=None),
            )
        await engine.aclose()


async def test_over_tls() -> None:
    """Over TLS, where session tickets look like an answer, leave is waited for as well."""
    asked = Asked(CONTINUE)
    with LoopbackServer(over_tls(server_context("127.0.0.1"), asked)) as server:
        engine = AsyncEngine(tls=TLSConfig(ca_file=ca_file()))
        url = f"https://127.0.0.1:{server.port}"
        stream = await ask(engine, url, "PUT", headers=EXPECT, body=four())
        assert b"hello" == await stream.read()
        await engine.aclose()
    assert [b"ping"] == asked.bodies


async def test_keyword_of_a_call() -> None:
    """`expect_continue=True` asks for leave; a redirect without the body asks no more."""
    asked = Asked(CONTINUE, HELLO)
    with LoopbackServer(asked) as server:
        async with AsyncClient(server.url) as client:
            response = await client.put("/", content=b"ping", expect_continue=True)
            assert "hello" == response.text
            assert (100,) == tuple(status for status, _ in response.informational)
            await client.put("/", content=b"ping", expect_continue=False)
    assert [True, False] == [b"\r\nExpect: 100-continue\r\n" in head for head in asked.heads]


async def test_refusal_raises_its_error() -> None:
    """The final answer in place of 100 raises the error of its status, as any answer does."""
    asked = Asked(REFUSAL)
    with LoopbackServer(asked) as server:
        async with AsyncClient(server.url) as client:
            with pytest.raises(StatusError) as caught:
                await client.put("/", content=b"ping", expect_continue=True)
    assert 401 == caught.value.status


async def test_keyword_without_a_body_is_refused() -> None:
    """There is nothing to ask leave for without a body, and leave is asked for or it is not."""
    async with AsyncClient("http://unused.invalid") as client:
        with pytest.raises(InvalidOptionError, match="expect_continue= is about the body"):
            await client.put("/", expect_continue=True)
        with pytest.raises(InvalidOptionError, match=r"Timeout\(expect="):
            await client.put("/", content=b"x", expect_continue=2)  # type: ignore[arg-type]
