# Source of _sync/test_upload_options.py; after editing run: tox -e codegen
"""Trailers, digests and codings of request bodies, as a server gets them."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.engine.engine import AsyncEngine
from antiphon.errors import (
    InvalidHeaderError,
    InvalidOptionError,
    LocalProtocolError,
    RedirectError,
)
from antiphon.models.body_builder import build_body
from antiphon.models.events import TransportObserver
from antiphon.models.headers import Headers
from tests._async.engine_calls import ask
from tests.loopback import LoopbackServer
from tests.request_reader import RequestReader

TEXT = b"a text that is worth its compression, " * 100


def one_use() -> Iterator[bytes]:
    yield from (TEXT[:1000], TEXT[1000:])


class Pieces:
    """Pieces of a body that arrive one by one; `closed` once nobody asks for more."""

    def __init__(self) -> None:
        self._left = [TEXT[:1000], b"", TEXT[1000:]]

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop(0)


SOURCES: dict[str, Callable[[], object]] = {
    "bytes": lambda: TEXT,
    "list": lambda: [TEXT[:1000], TEXT[1000:]],
    "generator": one_use,
    "pieces that arrive": Pieces,
}


def digest(name: str, data: bytes) -> str:
    """The field as RFC 9530 writes it."""
    made = hashlib.new(name.replace("-", ""), data).digest()
    return f"{name}=:{b64encode(made).decode()}:"


class Heard(TransportObserver):
    def __init__(self) -> None:
        self.sent: list[int] = []

    def request_sent(self, byte_count: int) -> None:
        self.sent.append(byte_count)


DECODERS = {"gzip": gzip.decompress, "deflate": zlib.decompress}


def decoded(coding: str, data: bytes) -> bytes:
    """Undo a coding with what is not ours."""
    if coding == "br":
        return __import__("brotli").decompress(data)
    if coding == "zstd":
        return __import__("zstandard").ZstdDecompressor().decompressobj().decompress(data)
    return DECODERS[coding](data)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_compressed_bodies(coding: str, source: str) -> None:
    """Every source goes out in every coding, named in Content-Encoding, and comes out the same."""
    reader = RequestReader()
    heard = Heard()
    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            await client.post("/", content=SOURCES[source](), compress=coding, observer=heard)
    request = reader.received[0]
    assert coding == request.headers["content-encoding"]
    assert TEXT == decoded(coding, request.body)
    assert len(request.body) < len(TEXT)
    # What is in memory is compressed at once, so that its length is known.
    assert (source == "bytes") == ("content-length" in request.headers)
    assert [request.size] == heard.sent


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
@pytest.mark.parametrize("source", SOURCES)
async def test_content_digest(source: str, algorithm: str) -> None:
    """The digest is a header of what can be read twice, and an announced trailer of the rest."""
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            await client.post("/", content=SOURCES[source](), content_digest=algorithm)
    request = reader.received[0]
    assert TEXT == request.body
    if source in {"bytes", "list"}:
        assert digest(algorithm, TEXT) == request.headers["content-digest"]
        assert "trailer" not in request.headers
        assert {} == request.trailers
    else:
        assert "content-digest" not in request.headers
        assert "Content-Digest" == request.headers["trailer"]
        assert {"content-digest": digest(algorithm, TEXT)} == request.trailers


@pytest.mark.parametrize("source", SOURCES)
async def test_digest_is_of_the_coded_content(source: str) -> None:
    """With both, the digest is of the bytes that are sent (RFC 9530, section 2)."""
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            await client.post(
                "/", content=SOURCES[source](), content_digest="sha-256", compress="gzip"
            )
    request = reader.received[0]
    found = request.headers.get("content-digest") or request.trailers.get("content-digest")
    assert digest("sha-256", request.body) == found


async def test_trailers() -> None:
    """Trailers follow the body: fixed ones, ones that are made at its end, and both announced."""
    reader = RequestReader()
    seen: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for piece in one_use():
            seen.append(piece)
            yield piece

    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            await client.post(
                "/",
                content=pieces(),
                trailers={"X-One": "1", "X-Size": lambda: str(sum(map(len, seen)))},
            )
            await client.post("/", content=b"abc", trailers=lambda: [("X-Two", "2")])
            await client.post("/", json={}, trailers=Headers({"X-Three": "3"}))
            await client.post(
                "/",
                content=one_use(),
                trailers={"X-One": "1"},
                content_digest="sha-256",
                headers={"Trailer": "X-Own"},
            )
            await client.post("/", content=b"abc", trailers={})
    first, second, third, fourth, fifth = reader.received
    assert {"x-one": "1", "x-size": str(len(TEXT))} == first.trailers
    assert "X-One, X-Size" == first.headers["trailer"]
    assert ({"x-two": "2"}, b"abc") == (second.trailers, second.body)
    assert "chunked" == second.headers["transfer-encoding"]
    assert "trailer" not in second.headers
    assert {"x-three": "3"} == third.trailers
    assert {"x-one": "1", "content-digest": digest("sha-256", TEXT)} == fourth.trailers
    assert "X-Own" == fourth.headers["trailer"]
    assert ("3", {}) == (fifth.headers["content-length"], fifth.trailers)


async def test_bodies_with_options_are_replayed() -> None:
    """A body that can be sent again can be so with its coding, digest and trailers."""
    reader = RequestReader(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    )
    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            for content, times in (([TEXT], 2), (one_use(), 1)):
                reader.received.clear()
                with pytest.raises(RedirectError):
                    await client.post(
                        "/",
                        content=content,
                        compress="gzip",
                        trailers={"X-One": lambda: "1"},
                        content_digest="sha-256",
                    )
                assert times <= len(reader.received)
                for request in reader.received:
                    assert TEXT == gzip.decompress(request.body)
                    assert "1" == request.trailers["x-one"]


async def test_errors_of_trailers_are_the_callers() -> None:
    """What a function of the caller raises comes out as it is; a field that may not be is refused."""

    def broken() -> str:
        raise OSError("my sum is lost")

    reader = RequestReader()
    with LoopbackServer(reader) as server:
        async with AsyncClient(server.url) as client:
            with pytest.raises(OSError, match="my sum is lost") as caught:
                await client.post("/", content=b"x", trailers={"X-Sum": broken})
            assert type(caught.value) is OSError
            with pytest.raises(LocalProtocolError, match="broken off: .*Content-Type") as refused:
                await client.post("/", content=b"x", trailers=lambda: {"Content-Type": "a/b"})
    assert isinstance(refused.value.__cause__, InvalidHeaderError)
    assert "maybe" == refused.value.sent
    assert [] == reader.received


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"compress": "lzw"}, InvalidOptionError, "compress='lzw': give one of gzip"),
        ({"compress": 7}, InvalidOptionError, "compress=7"),
        ({"content_digest": "md5"}, InvalidOptionError, "content_digest='md5'"),
        ({"content_digest": ["sha-256"]}, InvalidOptionError, "content_digest="),
        ({"trailers": 7}, InvalidOptionError, "trailers= is of type int"),
        ({"trailers": {"Host": "x"}}, InvalidHeaderError, "Host, which must come before the body"),
        ({"trailers": {"X": "a\r\nb"}}, InvalidHeaderError, "X"),
        (
            {"compress": "gzip", "headers": {"Content-Encoding": "br"}},
            InvalidOptionError,
            "compress= and a header Content-Encoding",
        ),
        (
            {"content_digest": "sha-256", "headers": {"Content-Digest": "x"}},
            InvalidOptionError,
            "content_digest= and a header Content-Digest",
        ),
        ({"content": None, "compress": "gzip"}, InvalidOptionError, "compress= is about the body"),
        ({"content": None, "trailers": {"X": "1"}}, InvalidOptionError, "trailers= is about"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("content", [b"x", one_use])
async def test_refusals(
    keywords: dict[str, object], error: type[Exception], words: str, content: object
) -> None:
    """What cannot be meant is refused before anything is sent, naming the keyword."""
    content = content() if callable(content) else content
    async with AsyncClient("http://unused.invalid") as client:
        with pytest.raises(error, match=words):
            await client.post("/", **{"content": content, **keywords})  # type: ignore[arg-type]


async def test_own_chunked_header_is_kept_to() -> None:
    """A caller who wants chunks gets them, whatever length the body has."""
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        engine = AsyncEngine()
        for content in (b"ping", TEXT * 100):
            stream = await ask(
                engine,
                server.url,
                "POST",
                headers=Headers({"Transfer-Encoding": "chunked"}),
                body=build_body(content=content),
            )
            await stream.read()
            assert content == reader.received[-1].body
        await engine.aclose()
