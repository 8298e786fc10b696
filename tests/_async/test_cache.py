# Source of _sync/test_cache.py; after editing run: tox -e codegen
"""The cache as a step of the pipeline: hits, and what is stored."""

from __future__ import annotations

import gzip
import pickle
import socket

import pytest

from antiphon._async.client import AsyncClient
from antiphon.errors import (
    ContentDecodingError,
    NotFoundError,
    RemoteProtocolError,
    ResponseTooLargeError,
)
from antiphon.models.cache_info import CacheInfo
from antiphon.policies.cache import Cache
from tests.app import App, answer, redirect
from tests.cache_turns import Wall
from tests.loopback import LoopbackServer
from tests.servers import read_head

HOUR = {"Cache-Control": "max-age=3600"}
SHORT = {"Cache-Control": "max-age=2"}


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Stop the wall clock of the cache."""
    return Wall(monkeypatch, "antiphon._async.steps")


async def test_a_hit_sends_nothing() -> None:
    """The second answer is from the cache, the same as the first, and no attempt was made."""
    app = App({"/": answer(200, "hello", {**HOUR, "X-Any": "1"})})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            first = await client.get(server.url)
            second = await client.get(server.url)

    assert 1 == len(app.requests)
    assert CacheInfo("miss", None, stored=True) == first.cache
    assert "hit" == second.cache.status
    assert second.cache.is_from_cache
    assert not first.cache.is_from_cache
    assert second.cache.stored
    assert 0 <= second.cache.age < 5
    assert ((), "hello", "1") == (second.attempts, second.text, second.headers["x-any"])
    assert (200, "Reason", "HTTP/1.1") == (second.status, second.reason, second.http_version)
    assert second.cache == pickle.loads(pickle.dumps(second)).cache


async def test_without_a_cache() -> None:
    """A client that has no cache says nothing about one."""
    app = App({"/": answer(200, "hello", HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            response = await client.get(server.url)

    assert response.cache is None


async def test_codings_are_kept_as_sent() -> None:
    """A compressed body is stored compressed: both ways to read it give what the server's does."""
    packed = gzip.compress(b"text " * 1000, mtime=0)
    app = App({"/": answer(200, packed, {**HOUR, "Content-Encoding": "gzip"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            for _ in range(2):
                response = await client.get(server.url)
                assert "text " * 1000 == response.text
                assert "gzip" == response.headers["content-encoding"]
            async with client.stream("GET", server.url) as stream:
                raw = b"".join([piece async for piece in stream.iter_raw()])
            async with client.stream("GET", server.url) as stream:
                text = b"".join([piece async for piece in stream.iter_bytes()])

    assert (packed, b"text " * 1000) == (raw, text)
    assert 1 == len(app.requests)
    assert cache.store.size < 1000


async def test_trailers_are_stored() -> None:
    """Fields after the body come from the cache too."""
    body = b"5\r\nhello\r\n0\r\nX-After: 1\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nTransfer-Encoding: chunked\r\n\r\n"
    app = App({"/": head + body})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            for status in ("miss", "hit"):
                response = await client.get(server.url)
                assert (status, "1") == (response.cache.status, response.trailers["x-after"])
                assert "hello" == response.text


@pytest.mark.parametrize("how", ["iter_bytes", "iter_raw"])
async def test_a_stream_is_stored_at_its_end(how: str) -> None:
    """The body of a stream is stored once the caller has read all of it."""
    app = App({"/": answer(200, b"x" * 300_000, HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            async with client.stream("GET", server.url) as stream:
                assert CacheInfo("miss") == stream.cache
                async for _ in getattr(stream, how)():
                    pass
                assert CacheInfo("miss", stored=True) == stream.cache
            async with client.stream("GET", server.url) as stream:
                assert "hit" == stream.cache.status
                content = await stream.read()
            response = await client.get(server.url)

    assert b"x" * 300_000 == content == response.content
    assert "hit" == response.cache.status
    assert 1 == len(app.requests)


async def test_a_stream_left_early_is_not_stored() -> None:
    """What the caller did not read to the end is not whole, and so not stored."""
    app = App({"/": answer(200, b"x" * 3_000_000, HOUR)})
    cache = Cache()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            async with client.stream("GET", server.url) as stream:
                async for _ in stream.iter_bytes():
                    break
                info = stream.cache
            response = await client.get(server.url)

    assert CacheInfo("miss") == info
    assert ("miss", 3_000_000) == (response.cache.status, len(response.content))


async def test_a_body_cut_short_is_never_stored() -> None:
    """A connection that breaks off leaves nothing behind, be the body streamed or loaded."""
    cut = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 10\r\n\r\nhalf"

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(cut)

    cache = Cache()
    with LoopbackServer(serve) as server:
        async with AsyncClient(policies=[cache], retry=None) as client:
            with pytest.raises(RemoteProtocolError):
                await client.get(server.url)
            async with client.stream("GET", server.url) as stream:
                with pytest.raises(RemoteProtocolError):
                    await stream.read()
                assert not stream.cache.stored

    assert 0 == len(cache.store)


async def test_a_body_that_does_not_decode_is_not_stored() -> None:
    """A loaded body that is broken in its coding is asked for again."""
    app = App({"/": answer(200, b"not gzip", {**HOUR, "Content-Encoding": "gzip"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            with pytest.raises(ContentDecodingError):
                await client.get(server.url)

    assert 0 == len(cache.store)


@pytest.mark.parametrize("how", ["read", "iter_bytes", "iter_lines", "leave"])
@pytest.mark.parametrize(
    "body", [gzip.compress(b"hello")[:-9], b"not gzip"], ids=["cut", "no gzip"]
)
async def test_a_stream_that_does_not_decode_is_not_stored(how: str, body: bytes) -> None:
    """A coding that ends too early, in a message that does not, is noticed before storing."""
    app = App({"/": answer(200, body, {**HOUR, "Content-Encoding": "gzip"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        async with (
            AsyncClient(policies=[cache]) as client,
            client.stream("GET", server.url) as stream,
        ):
            if how == "read":
                with pytest.raises(ContentDecodingError):
                    await stream.read()
            elif how != "leave":
                with pytest.raises(ContentDecodingError):
                    async for _ in getattr(stream, how)():
                        pass
            assert not stream.cache.stored

    assert 0 == len(cache.store)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("stream", [True, False])
async def test_long_bodies_are_not_stored(declared: bool, stream: bool) -> None:
    """A body longer than max_entry_bytes passes through, whether its length is declared or not."""
    body = b"x" * 200_001
    chunked = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    app = App({"/": answer(200, body, HOUR) if declared else chunked})
    cache = Cache(max_entry_bytes=200_000)
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            if stream:
                async with client.stream("GET", server.url) as response:
                    content = await response.read()
            else:
                response = await client.get(server.url)
                content = response.content

    assert body == content
    assert CacheInfo("miss") == response.cache
    assert 0 == len(cache.store)


async def test_errors_come_from_the_cache_as_errors() -> None:
    """A stored 404 is raised as one; its body is cut as that of the server's would be."""
    app = App({"/": answer(404, "x" * 100, HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            with pytest.raises(NotFoundError) as first:
                await client.get(server.url)
            with pytest.raises(NotFoundError) as second:
                await client.get(server.url)
            with pytest.raises(NotFoundError) as third:
                await client.get(server.url, max_response_bytes=10)

    assert ["miss", "hit", "hit"] == [
        caught.value.response.cache.status for caught in (first, second, third)
    ]
    assert b"x" * 10 == third.value.response.content
    assert 1 == len(app.requests)


async def test_max_response_bytes_holds_for_hits() -> None:
    """What is too long from the server is too long from the cache."""
    app = App({"/": answer(200, "x" * 100, HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            await client.get(server.url)
            with pytest.raises(ResponseTooLargeError):
                await client.get(server.url, max_response_bytes=99)


async def test_redirects_are_stored() -> None:
    """Each hop is a request of its own: a stored redirect is followed without asking."""
    app = App({"/": redirect("/there", 301, HOUR), "/there": answer(200, "here", HOUR)})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            await client.get(server.url)
            response = await client.get(server.url)

    assert ("hit", "here") == (response.cache.status, response.text)
    assert ["hit"] == [hop.cache.status for hop in response.history]
    assert 2 == len(app.requests)


async def test_stored_cookies_are_not_set_again(wall: Wall) -> None:
    """A hit leaves the jar alone; a 304 that sets a cookie sets it."""
    app = App({"/": answer(200, "", {**SHORT, "ETag": '"a"', "Set-Cookie": "n=1"})})
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Cache()]) as client:
            await client.get(server.url)
            client.cookies.set("n", "mine", domain="127.0.0.1")
            response = await client.get(server.url)
            assert ("hit", "n=1") == (response.cache.status, response.headers["set-cookie"])
            assert "mine" == client.cookies["n"]

            wall.now += 3
            app.routes["/"] = answer(304, "", {"Set-Cookie": "n=2"})
            response = await client.get(server.url)
            assert "revalidated" == response.cache.status
            assert "2" == client.cookies["n"]


async def test_variants_of_one_url_are_bounded() -> None:
    """A server that varies by a header of any value does not fill the store with one URL."""
    app = App({"/": answer(200, "", {**HOUR, "Vary": "X"})})
    cache = Cache()
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[cache]) as client:
            for number in range(65):
                await client.get(server.url, headers={"X": str(number)})
            assert 1 == len(cache.store)
            response = await client.get(server.url, headers={"X": "64"})

    assert "hit" == response.cache.status
