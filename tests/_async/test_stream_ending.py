# Source of _sync/test_stream_ending.py; after editing run: tox -e codegen
"""How streams end: early, in errors, forgotten, saved to a file."""

from __future__ import annotations

import gc
import io
import socket
from pathlib import Path

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    NotFoundError,
    ReadTimeout,
    RemoteProtocolError,
    ServiceUnavailableError,
    StreamConsumed,
)
from antiphon.models.timeout import Timeout
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests.app import App, Received, Sequence, answer, receive
from tests.loopback import LoopbackServer
from tests.passing_time import Started, let_time_pass

ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = answer(200, b"x" * 1_000_000)


def pour(connection: socket.socket) -> None:
    """Answer one request with a body that never ends."""
    receive(connection)
    connection.sendall(ENDLESS)
    while True:
        connection.sendall(b"10\r\n0123456789abcdef\r\n" * 100)


async def test_leaving_early_never_waits_for_the_end() -> None:
    """A stream that is left in the middle of an endless body is closed, and the client goes on."""
    app = App({"/": answer(200, "next")})

    def serve(connection: socket.socket) -> None:
        try:
            pour(connection)
        except OSError:
            pass

    with LoopbackServer(serve) as endless, LoopbackServer(app) as server:
        async with AsyncClient() as client:
            async with client.stream("GET", endless.url) as stream:
                async for piece in stream.iter_bytes():
                    assert piece
                    break
            assert "next" == (await client.get(server.url)).text


async def test_a_small_rest_keeps_the_connection() -> None:
    """Who leaves a body of which little is left gives its connection back."""
    app = App({"/": answer(200, b"small"), "/large": answer(200, b"x" * 5_000_000)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            async with client.stream("GET", server.url):
                pass
            await client.get(server.url)
            async with client.stream("GET", f"{server.url}/large"):
                pass
            await client.get(server.url)

    assert [1, 1, 1, 2] == [request.connection for request in app.requests]


async def test_reading_to_the_end_frees_the_connection() -> None:
    """The connection is back before the stream is closed, once its body was read."""
    app = App({"/": answer(200, b"body")})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            assert b"body" == await stream.read()
            await client.get(server.url)

    assert [1, 1] == [request.connection for request in app.requests]


async def test_a_loaded_stream_outlives_its_block() -> None:
    """What was read stays readable after the block."""
    with LoopbackServer(App({"/": answer(200, "kept")})) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            await stream.read()

    assert "kept" == stream.text


async def test_errors_of_the_body_are_those_of_the_head() -> None:
    """A body that breaks off raises the named error with request, status and attempts."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-Request-Id: r7\r\n\r\nhalf"

    def break_off(request: Received) -> bytes:
        app.routes["/"] = b""
        return cut

    app = App({"/": break_off})

    def serve(connection: socket.socket) -> None:
        request = receive(connection)
        assert request is not None
        connection.sendall(cut)

    with LoopbackServer(serve) as server:
        async with AsyncClient(retry=None) as client:
            async with client.stream("GET", server.url) as stream:
                with pytest.raises(RemoteProtocolError) as caught:
                    await stream.read()
            with pytest.raises(RemoteProtocolError):
                await client.get(server.url)

    error = caught.value
    assert (200, "r7") == (error.status, error.request_id)
    assert error.request is not None
    assert [200] == [attempt.status for attempt in error.attempts]


async def test_read_timeouts_hold_in_the_body() -> None:
    """A body that stops coming ends with ReadTimeout, in a stream and in a call."""

    def serve(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.recv(1)

    with FakeClock() as clock, LoopbackServer(serve) as server:
        async with AsyncClient(retry=None, timeout=Timeout(None, read=5)) as client:
            async with client.stream("GET", server.url) as stream:
                let_time_pass(clock, 5)
                with pytest.raises(ReadTimeout):
                    async for _ in stream.iter_bytes():
                        pass
            started = Started()
            let_time_pass(clock, 5, lambda: started.head)
            with pytest.raises(ReadTimeout):
                await client.get(server.url, observer=started)


async def test_status_errors_of_streams_have_their_body() -> None:
    """A 4xx raises on entry, its body read up to a cap; a cut one says so."""
    app = App({"/": answer(404, "why not"), "/long": answer(404, b"y" * 2_000_000)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            with pytest.raises(NotFoundError, match="why not") as short:
                async with client.stream("GET", server.url):
                    pass
            with pytest.raises(NotFoundError) as long:
                async with client.stream("GET", f"{server.url}/long"):
                    pass
            with pytest.raises(NotFoundError) as capped:
                async with client.stream("GET", server.url, max_response_bytes=3):
                    pass
            async with client.stream("GET", server.url, raise_for_status=False) as stream:
                assert (404, b"why not") == (stream.status, await stream.read())

    assert short.value.response is not None
    assert long.value.response is not None
    assert capped.value.response is not None
    assert b"why not" == short.value.response.content
    assert b"y" * 1024 * 1024 == long.value.response.content
    assert ["the body goes on after these 1048576 bytes; not read"] == long.value.__notes__
    assert b"why" == capped.value.response.content


async def test_streams_are_retried_before_the_caller_has_them() -> None:
    """A 503 before the stream is handed over is tried again; the dropped answer is closed."""
    app = App({"/": Sequence(answer(503, "busy"), answer(200, "open"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            async with client.stream("GET", server.url) as stream:
                assert b"open" == await stream.read()
            app.routes["/"] = answer(503, "still busy")
            with pytest.raises(ServiceUnavailableError, match="still busy") as caught:
                async with client.stream("GET", server.url):
                    pass

    assert [503, 200] == [attempt.status for attempt in stream.attempts]
    assert ["gave up after 3 attempts"] == caught.value.__notes__


async def test_forgotten_streams_warn() -> None:
    """A stream that is neither read nor closed warns when it is collected; its URL is redacted."""
    app = App({"/": LARGE})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            stream = await client.stream("GET", f"{server.url}/?key=hunter2").__aenter__()
            kept = [stream]
            del stream
            with pytest.warns(ResourceWarning, match="never closed") as caught:
                kept.clear()
            gc.collect()

    assert "hunter2" not in str(caught[0].message)


async def test_a_stream_left_by_an_error_of_the_caller_is_closed() -> None:
    """An exception in the block closes the stream and goes on."""
    with LoopbackServer(App({"/": LARGE})) as server:
        async with AsyncClient() as client:
            with pytest.raises(KeyError):
                async with client.stream("GET", server.url) as stream:
                    raise KeyError("mine")

    assert "closed" in repr(stream)


async def test_save_to_a_path(tmp_path: Path) -> None:
    """`save` writes the decoded body; the path appears when it is complete."""
    path = tmp_path / "out"
    seen: list[tuple[int, int | None]] = []
    with LoopbackServer(App({"/": LARGE})) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            written = await stream.save(path, progress=lambda *now: seen.append(now))

    assert 1_000_000 == written
    assert b"x" * 1_000_000 == path.read_bytes()
    assert ["out"] == [entry.name for entry in tmp_path.iterdir()]
    assert (1_000_000, 1_000_000) == seen[-1]


async def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    """When the body breaks off, neither the file nor a part of it stays; an old one is untouched."""

    def serve(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    path = tmp_path / "out"
    path.write_bytes(b"old")
    with LoopbackServer(serve) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            with pytest.raises(RemoteProtocolError):
                await stream.save(path)

    assert [("out", b"old")] == [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()]


async def test_save_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """An open file is written to and left open; a bar is drawn on a terminal only."""
    file = io.BytesIO()
    with LoopbackServer(App({"/": LARGE})) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            await stream.save(file, progress=True)
            with pytest.raises(StreamConsumed):
                await stream.save(file)

    assert b"x" * 1_000_000 == file.getvalue()
    assert "" == capsys.readouterr().err


async def test_leaving_what_was_never_entered() -> None:
    """An exit without an entry, as `ExitStack.push` may bring about, does nothing."""
    async with AsyncClient() as client:
        context = client.stream("GET", "http://example.com/")
        await context.__aexit__(None, None, None)
        assert context._stream is None


@pytest.mark.parametrize("rest", [b"zz\r\n", b"5\r\nhelloXX"])
async def test_left_before_a_broken_end(rest: bytes) -> None:
    """A stream whose rest turns out to be broken is left without an error."""

    def serve(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(ENDLESS + rest)

    with LoopbackServer(serve) as server:
        async with AsyncClient() as client, client.stream("GET", server.url) as stream:
            assert 200 == stream.status
