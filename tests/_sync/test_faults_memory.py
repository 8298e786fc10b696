# GENERATED from _async/test_faults_memory.py by tools/unasync.py. Do not edit.
"""What a server may do to our memory: nothing. Each attack is a named error in little room."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import antiphon
from antiphon import Client, ContentDecodingError, RemoteProtocolError, ResponseTooLargeError
from antiphon.testing import FaultServer, faults
from antiphon.testing.fault_script import Answer, Pour, ReadRequest, Script, Send, Serve, reply

MIB = 1024 * 1024
GIB = 1024 * MIB


@contextmanager
def at_most(limit: int) -> Iterator[None]:
    """Fail if the block takes more than `limit` bytes above what was taken when it began."""
    tracemalloc.start(1)
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < limit, f"{(peak - before) / MIB:.2f} MiB"


def bomb(coding: str, layers: int = 1) -> bytes:
    """A response of a few kilobytes whose body decodes to 64 MiB."""
    body = bytes(64 * MIB)
    for _ in range(layers):
        body = gzip.compress(body, 9) if coding == "gzip" else zlib.compress(body, 9)
    return reply(body=body, headers=[("Content-Encoding", ", ".join([coding] * layers))])


CAPPED = {
    "a body of 2 GiB": [Answer(reply(body=b"", length=2 * GIB)), Pour(bytes(65_536))],
    "chunks without end": [
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Pour(b"ffff\r\n" + bytes(65_535) + b"\r\n"),
    ],
    "a body without end": list(faults.ENDLESS_BODY),
    "a gzip bomb": [Answer(bomb("gzip")), Serve()],
    "a gzip bomb in a gzip bomb": [Answer(bomb("gzip", 2)), Serve()],
    "a deflate bomb": [Answer(bomb("deflate")), Serve()],
    "a body of 2 GiB of an error": [
        Answer(reply(500, b"", length=2 * GIB)),
        Pour(bytes(65_536)),
    ],
}


@pytest.mark.parametrize("name", CAPPED)
def test_too_long_a_body(name: str) -> None:
    """A body beyond `max_response_bytes`, as sent or decoded, is refused in room for the cap."""
    with FaultServer(CAPPED[name]) as server:
        with Client(max_response_bytes=MIB, retry=None) as client:
            with at_most(4 * MIB), pytest.raises(antiphon.AntiphonError) as caught:
                client.get(server.url)
            if "error" in name:
                assert isinstance(caught.value, antiphon.InternalServerError)
            else:
                assert isinstance(caught.value, ResponseTooLargeError)
            assert b"hello" == (client.get(server.url)).content


ATTACKS: dict[str, tuple[Script, type[Exception], str]] = {
    "header lines without end": (faults.ENDLESS_HEAD, RemoteProtocolError, "longer than"),
    "a header line without end": (faults.ENDLESS_HEADER_LINE, RemoteProtocolError, "longer than"),
    "interim responses without end": (faults.ENDLESS_INTERIM, RemoteProtocolError, "more than 32"),
    "a head of 64 MiB": (
        [ReadRequest(), Send(b"HTTP/1.1 200 OK\r\nX: "), Pour(b"x" * MIB, times=64)],
        RemoteProtocolError,
        "longer than",
    ),
    "thousands of header lines": (
        [Answer(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 5000 + b"\r\n")],
        RemoteProtocolError,
        "header",
    ),
    "a chunk extension without end": (
        [Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;"), Pour(b"x" * 65_536)],
        RemoteProtocolError,
        "chunk",
    ),
    "a chunk size without end": (
        [Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Pour(b"0" * 65_536)],
        RemoteProtocolError,
        "chunk",
    ),
    "trailers without end": (
        [
            Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
            Pour(b"X-Trailer: on and on\r\n" * 1000),
        ],
        RemoteProtocolError,
        "trailer",
    ),
    "many codings": (
        [Answer(reply(headers=[("Content-Encoding", "gzip, " * 50 + "gzip")])), Serve()],
        ContentDecodingError,
        "codings",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    """Whatever has no end is ended, with an error that names it, and the pool is as it was."""
    script, error, words = ATTACKS[name]
    with FaultServer(script) as server:
        with Client(retry=None) as client:
            with at_most(4 * MIB), pytest.raises(error, match=words):
                client.get(server.url)
            assert b"hello" == (client.get(server.url)).content


def test_redirects_without_end() -> None:
    """A server that always redirects to a new place is left after `max_redirects`."""
    long = "x" * 1000

    class Onward:
        number = 0

        def perform(self, connection) -> None:  # type: ignore[no-untyped-def]
            while True:
                connection.read_request()
                self.number += 1
                place = ("Location", f"/{self.number}?{long}")
                connection.send(reply(302, bytes(10_000), [place]))

    with FaultServer(then=[Onward()]) as server:
        with Client(retry=None) as client:
            with at_most(4 * MIB), pytest.raises(antiphon.TooManyRedirects):
                client.get(server.url)
            assert 21 == len(server.requests)


def test_a_large_body_in_pieces() -> None:
    """A stream of 64 MiB takes the room of a few pieces."""
    size = 64 * MIB
    script = [Answer(reply(body=b"", length=size)), Pour(bytes(65_536), times=size // 65_536)]
    with FaultServer(script) as server:
        with Client(retry=None) as client:
            with at_most(4 * MIB):
                count = 0
                with client.stream("GET", server.url) as stream:
                    for piece in stream.iter_bytes():
                        count += len(piece)
            assert size == count


def test_a_bomb_in_pieces() -> None:
    """A bomb that is streamed takes the room of a few pieces, and its end can be left out."""
    with FaultServer([Serve(bomb("gzip"))]) as server:
        with Client(retry=None) as client:
            with at_most(4 * MIB):
                count = 0
                with client.stream("GET", server.url) as stream:
                    for piece in stream.iter_bytes():
                        count += len(piece)
            assert 64 * MIB == count
