# GENERATED from _async/test_upload_endings.py by tools/unasync.py. Do not edit.
"""How the sending of a request ends when nobody answers: limits, cancellation, and the source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from antiphon._sync.client import Client
from antiphon._sync.engine.engine import Engine
from antiphon.errors import (
    ClientClosedError,
    DeadlineExceeded,
    InvalidBodyError,
    LocalProtocolError,
    RequestCancelled,
    StatusError,
    WriteTimeout,
)
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.cancel import CancelToken
from antiphon.models.events import TransportObserver
from antiphon.models.timeout import Timeout
from tests._sync.engine_calls import ask, fetch
from tests._sync.test_upload_early_answers import (
    Stalled,
    answers_and_reads_on,
    in_memory,
    streamed,
)
from tests.thread_group import Group, until
from tests.loopback import LoopbackServer
from tests.request_reader import RequestReader
from tests.servers import until_closed


@pytest.mark.parametrize("make_body", [in_memory, streamed])
def test_write_timeout(make_body: Callable[[], Body]) -> None:
    """A server that neither reads nor answers is given up on after the write timeout."""
    stalled = Stalled()
    with LoopbackServer(stalled) as server:
        engine = Engine()
        with pytest.raises(WriteTimeout) as caught:
            ask(engine, server.url, "POST", body=make_body(), timeout=Timeout(write=0.05))
        assert "maybe" == caught.value.sent
        assert 0 == engine.pool._plan.open_count
        engine.close()
        stalled.let_go()


def test_deadline_and_cancellation_where_nothing_is_waited_for() -> None:
    """A body that goes out as fast as it comes still ends at the deadline, or by its token."""

    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    with LoopbackServer(until_closed) as server:
        engine = Engine()
        with pytest.raises(DeadlineExceeded):
            ask(engine, server.url, "POST", body=build_body(content=endless()), total=0.05)
        token = CancelToken()
        cancelling = (token.cancel() or b"x" if i == 100 else b"x" for i in range(1 << 40))
        with pytest.raises(RequestCancelled):
            ask(engine, server.url, "POST", body=build_body(content=cancelling), cancel=token)
        assert 0 == engine.pool._plan.open_count
        engine.close()


def test_closing_the_client_ends_an_upload() -> None:
    """`close()` of the client ends an upload that waits for its server."""
    stalled = Stalled()
    with LoopbackServer(stalled) as server:
        engine = Engine()
        with Group() as group:
            call = group.start(fetch, engine, server.url, "POST", in_memory())
            until(lambda: stalled.heads)
            engine.close()
        stalled.let_go()
        assert isinstance(call.error, ClientClosedError)


def test_error_of_a_source_that_is_being_closed_is_the_callers() -> None:
    """What the clean-up of a generator raises comes out as it is, not as an error of ours."""

    def stubborn() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(65_536)
        finally:
            raise OSError("my disk is gone")

    with LoopbackServer(answers_and_reads_on) as server:
        engine = Engine()
        with pytest.raises(OSError, match="my disk is gone") as caught:
            ask(engine, server.url, "POST", body=build_body(content=stubborn()))
        assert type(caught.value) is OSError
        assert 0 == engine.pool._plan.open_count
        engine.close()


class Heard(TransportObserver):
    def __init__(self) -> None:
        self.sent: list[int] = []

    def request_sent(self, byte_count: int) -> None:
        self.sent.append(byte_count)


@pytest.mark.parametrize("wrapping", [{}, {"compress": "gzip"}, {"content_digest": "sha-256"}])
def test_generators_are_closed(wrapping: dict[str, str]) -> None:
    """A generator of pieces that arrive is closed at once, through whatever it is wrapped in."""
    closed = []

    def arriving():  # type: ignore[no-untyped-def]
        try:
            while True:
                yield os.urandom(65_536)
        finally:
            closed.append(True)

    with LoopbackServer(answers_and_reads_on) as server:
        with Client(server.url) as client:
            with pytest.raises(StatusError) as caught:
                client.post("/", content=arriving(), **wrapping)  # type: ignore[arg-type]
            assert 413 == caught.value.status
            assert [True] == closed


def test_request_that_was_stopped_was_not_sent() -> None:
    """`request_sent` is told of requests that were sent whole, with their exact bytes."""
    heard = Heard()
    with LoopbackServer(answers_and_reads_on) as server:
        engine = Engine()
        stream = ask(engine, server.url, "POST", body=in_memory(), observer=heard)
        stream.read()
        engine.close()
    assert [] == heard.sent


def text_in_the_middle() -> Iterator[bytes]:
    yield b"bytes"
    yield "text"  # type: ignore[misc]


@pytest.mark.parametrize("wrapping", [{}, {"compress": "gzip"}, {"content_digest": "sha-256"}])
@pytest.mark.parametrize("files", [False, True])
def test_pieces_that_are_no_bytes(wrapping: dict[str, str], files: bool) -> None:
    """A piece that cannot be sent breaks the request off: a part of it was sent, and it is ours."""
    reader = RequestReader()
    with LoopbackServer(reader) as server:
        with Client(server.url) as client:
            body = text_in_the_middle()
            keywords = {"files": {"f": ("name", body)}} if files else {"content": body}
            with pytest.raises(LocalProtocolError, match="broken off: .* type str") as caught:
                client.put("/", **keywords, **wrapping)  # type: ignore[arg-type]
            assert "maybe" == caught.value.sent
            assert "PUT" == caught.value.request.method
            assert isinstance(caught.value.__cause__, InvalidBodyError)
            assert 1 == len(caught.value.attempts)
            assert 200 == (client.put("/", content=b"bytes")).status
    assert [b"bytes"] == [request.body for request in reader.received]
