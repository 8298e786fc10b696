# GENERATED from _async/test_engine_exchange.py by tools/unasync.py. Do not edit.
"""One request, one response: what goes over the wire, and what becomes of the connection."""

from __future__ import annotations

import pytest

from antiphon._sync.engine.engine import Engine
from antiphon.errors import (
    AntiphonError,
    LocalProtocolError,
    ReadError,
    RemoteProtocolError,
    TransportError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from tests._sync.engine_calls import ask, fetch
from tests.loopback import HELLO, LoopbackServer
from tests.servers import Scripted, reset, until_closed

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n"
    b"X-Sum: 11\r\n\r\n"
)


def test_head_and_body_arrive() -> None:
    """Status, reason, version, headers and body are those that the server sent."""
    with LoopbackServer(Scripted([HELLO])) as server:
        engine = Engine()
        stream = ask(engine, f"{server.url}/x?y=1")
        body = stream.read()
        engine.close()
    assert (200, "OK", "HTTP/1.1") == (stream.status, stream.reason, stream.http_version)
    assert "text/plain" == stream.headers["content-type"]
    assert b"hello" == body


def test_request_line_and_host() -> None:
    """The request has the target and the Host of its URL, and the given headers as written."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        stream = ask(engine, f"{server.url}/a/b?c=d", headers=Headers({"X-One": "1"}))
        stream.read()
        engine.close()
    head = script.requests[0][1]
    assert (
        f"GET /a/b?c=d HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-One: 1\r\n\r\n".encode()
        == head
    )


def test_connection_is_used_again() -> None:
    """A connection serves the next request once its response was read."""
    script = Scripted([HELLO, HELLO, HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        for _ in range(3):
            assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 1 == script.opened


def test_connection_close_is_obeyed() -> None:
    """A response that says `Connection: close` ends its connection."""
    closing = HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    script = Scripted([closing], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url)
        assert 0 == engine.pool._plan.open_count
        fetch(engine, server.url)
        engine.close()
    assert 2 == script.opened


def test_own_connection_close_is_obeyed() -> None:
    """A request that says `Connection: close` ends its connection, whatever the server says."""
    script = Scripted([HELLO, HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        stream = ask(engine, server.url, headers=Headers({"Connection": "close"}))
        stream.read()
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_chunked_body_and_trailers() -> None:
    """A chunked body is put together, and its trailers are there at its end."""
    with LoopbackServer(Scripted([CHUNKED])) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        assert b"hello world" == stream.read()
        assert "11" == stream.trailers["x-sum"]
        engine.close()


def test_interim_responses_are_passed_over() -> None:
    """103 and other interim responses are not the answer."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    with LoopbackServer(Scripted([hints + hints + HELLO, HELLO])) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        assert (200, b"hello") == (stream.status, stream.read())
        assert b"hello" == fetch(engine, server.url)
        engine.close()


@pytest.mark.parametrize("method", ["HEAD"])
def test_head_has_no_body(method: str) -> None:
    """The response to HEAD has no body, whatever length it declares, and keeps its connection."""
    script = Scripted([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        assert b"" == fetch(engine, server.url, method)
        assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 1 == script.opened


def test_body_with_known_length() -> None:
    """A body in memory is sent with its length, after the head."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url, "POST", build_body(content=b"ping"))
        engine.close()
    _, head, body = script.requests[0]
    assert b"Content-Length: 4\r\n" in head
    assert b"ping" == body


def test_large_body_is_sent_whole() -> None:
    """A body larger than any socket buffer arrives whole."""
    content = bytes(range(256)) * 40_000
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url, "PUT", build_body(content=content))
        engine.close()
    assert content == script.requests[0][2]


def test_post_without_body_says_so() -> None:
    """POST without a body has `Content-Length: 0` (RFC 9110, section 8.6); GET has no length."""
    script = Scripted([HELLO, HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        fetch(engine, server.url, "POST")
        fetch(engine, server.url, "GET")
        engine.close()
    assert b"Content-Length: 0\r\n" in script.requests[0][1]
    assert b"Content-Length" not in script.requests[1][1]


def test_iterable_body_is_chunked() -> None:
    """A body of unknown length is sent in chunks, each as it comes."""
    received: list[bytes] = []

    def read_chunks(connection) -> None:  # type: ignore[no-untyped-def]
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65_536)
        received.append(data)
        connection.sendall(HELLO)

    script = Scripted([read_chunks])
    with LoopbackServer(script) as server:
        engine = Engine()
        body = build_body(content=(part for part in (b"one", b"", b"three")))
        assert b"hello" == fetch(engine, server.url, "POST", body)
        engine.close()
    assert b"Transfer-Encoding: chunked\r\n" in script.requests[0][1]
    assert b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n" == received[0]


def test_error_in_the_body_is_the_callers() -> None:
    """What the caller's own iterable raises comes out as it is, and the connection is closed."""

    def broken():  # type: ignore[no-untyped-def]
        yield b"one"
        raise OSError("my disk is full")

    with LoopbackServer(Scripted([until_closed])) as server:
        engine = Engine()
        with pytest.raises(OSError, match="my disk is full") as caught:
            fetch(engine, server.url, "POST", build_body(content=broken()))
        assert not isinstance(caught.value, AntiphonError)
        assert 0 == engine.pool._plan.open_count
        engine.close()


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Content-Length": "9"}, "Content-Length: 9 contradicts the body"),
        ({"Transfer-Encoding": "gzip"}, "Transfer-Encoding contradicts the body"),
    ],
)
def test_contradicting_framing_is_refused(headers: dict[str, str], problem: str) -> None:
    """Framing headers of the caller's own that contradict the body are refused before sending."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        with pytest.raises(LocalProtocolError, match=problem) as caught:
            ask(
                engine,
                server.url,
                "POST",
                headers=Headers(headers),
                body=build_body(content=b"ping"),
            )
        engine.close()
    assert "no" == caught.value.sent
    assert [] == script.requests


def test_own_framing_that_is_right_is_sent_once() -> None:
    """A caller's own Host and right Content-Length take the place of the engine's."""
    script = Scripted([HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        stream = ask(
            engine,
            server.url,
            "POST",
            headers=Headers({"Host": "virtual.test", "Content-Length": "4"}),
            body=build_body(content=b"ping"),
        )
        stream.read()
        engine.close()
    head = script.requests[0][1]
    assert 1 == head.count(b"Content-Length: 4\r\n")
    assert b"\r\nHost: virtual.test\r\n" in head


GARBAGE = {
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n",
    "smuggling": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "short body": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
    "short head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_bad_responses_close_the_connection(kind: str) -> None:
    """A response that is not proper HTTP is a RemoteProtocolError, and the pool is as it was."""
    script = Scripted([lambda connection: connection.sendall(GARBAGE[kind])], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        with pytest.raises(RemoteProtocolError) as caught:
            fetch(engine, server.url)
        assert "maybe" == caught.value.sent
        assert caught.value.request is not None
        assert 0 == engine.pool._plan.open_count
        assert b"hello" == fetch(engine, server.url)
        engine.close()


def test_bytes_after_the_response_close_the_connection() -> None:
    """Bytes that follow a complete response make its connection unfit for another."""
    script = Scripted([HELLO + b"HTTP/1.1 200 OK\r\n"], [HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        assert b"hello" == fetch(engine, server.url)
        assert 0 == engine.pool._plan.idle_count
        assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 2 == script.opened


def test_reset_while_waiting_is_a_read_error() -> None:
    """A connection reset before the response is a ReadError that names the server."""
    with LoopbackServer(Scripted([reset])) as server:
        engine = Engine()
        with pytest.raises(ReadError, match=f"127.0.0.1:{server.port}.*head") as caught:
            fetch(engine, server.url, "POST")
        assert "maybe" == caught.value.sent
        engine.close()


def test_reset_within_the_body_is_a_read_error() -> None:
    """A connection reset in the middle of the body is a ReadError as well."""

    def cut(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
        reset(connection)

    with LoopbackServer(Scripted([cut])) as server:
        engine = Engine()
        with pytest.raises(TransportError, match="broke|closed after"):
            fetch(engine, server.url)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_leaving_early_keeps_a_nearly_read_connection() -> None:
    """A stream closed before its end keeps its connection if the rest is there already."""
    script = Scripted([HELLO, HELLO])
    with LoopbackServer(script) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        stream.close()
        assert b"hello" == fetch(engine, server.url)
        engine.close()
    assert 1 == script.opened


def test_leaving_an_endless_body_closes_it() -> None:
    """A stream closed within an endless body closes its connection, and does not wait."""

    def endless(connection) -> None:  # type: ignore[no-untyped-def]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65_536))

    with LoopbackServer(Scripted([endless])) as server:
        engine = Engine()
        stream = ask(engine, server.url)
        for piece in stream.iter_raw():
            assert piece
            break
        stream.close()
        assert 0 == engine.pool._plan.open_count
        engine.close()
