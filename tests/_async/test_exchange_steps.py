# Source of _sync/test_exchange_steps.py; after editing run: tox -e codegen
"""An exchange step by step: what no server can be made to do at exactly the right moment."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from antiphon._async.engine.connection import AsyncConnection
from antiphon._async.engine.http1 import AsyncHTTP1Exchange
from antiphon._async.engine.pool import AsyncPool
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import ClientClosedError, ReadError, TransportError, WriteError
from antiphon.models.body import Body
from antiphon.models.body_builder import build_body
from antiphon.models.headers import Headers
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timings import Timeline
from antiphon.models.transport_options import TransportOptions
from antiphon.models.url import URL
from antiphon.policies.patience import Patience

BROKEN = BrokenPipeError(32, "Broken pipe")
RESET = ConnectionResetError(104, "Connection reset by peer")
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nlow"
ALL = 1 << 40
EXPECT = Headers({"Expect": "100-continue"})


class StepsChannel:
    """Takes and gives what it is told to, one step after the other; always ready for the next."""

    def __init__(self, sends: list[int | OSError], receives: list[bytes | OSError | None]) -> None:
        self.sock, self._other = socket.socketpair()
        self._other.send(b"x")
        self.sock.setblocking(False)
        self.wants_write = True
        self.sent = b""
        self._sends = sends
        self._receives = receives

    def send(self, data: bytes | memoryview) -> int:
        step = self._sends.pop(0) if self._sends else ALL
        if isinstance(step, OSError):
            raise step
        self.sent += bytes(data[:step])
        return min(step, len(data))

    def receive(self, size: int) -> bytes | None:
        step = self._receives.pop(0) if self._receives else None
        if isinstance(step, OSError):
            raise step
        return step

    def is_quiet(self) -> bool:
        return True

    def close(self) -> None:
        self.sock.close()
        self._other.close()


class Steps:
    """One exchange over a `StepsChannel`; `open_count` says whether its connection is open."""

    def __init__(
        self,
        sends: list[int | OSError],
        receives: list[bytes | OSError | None],
        body: Body | None = None,
        headers: Headers | None = None,
    ) -> None:
        request = Request("PUT", URL("http://steps.test/"), headers or Headers(), body)
        self.channel = StepsChannel(sends, receives)
        self.pool = AsyncPool(Limits())
        assert self.pool.try_permit(request.url.origin, make_room=True)
        self.connection = AsyncConnection(request.url.origin, self.channel)
        self.pool.add(self.connection)
        self.timeline = Timeline(0.0)
        patience = Patience(request, TransportOptions())
        self._exchange = AsyncHTTP1Exchange(
            self.pool, self.connection, patience, self.timeline, None
        )

    async def begin(self) -> AsyncResponseStream:
        return await self._exchange.begin()

    @property
    def open_count(self) -> int:
        return self.pool._plan.open_count


def streamed(pieces: int = 3) -> Body:
    body = build_body(content=(b"piece" for _ in range(pieces)))
    assert body is not None
    return body


@pytest.mark.parametrize("body", [None, build_body(content=b"x" * 100_000)])
@pytest.mark.parametrize("error", [BROKEN, RESET])
async def test_last_words_before_a_broken_write(error: OSError, body: Body | None) -> None:
    """What the peer said before the write broke is its answer, also when nothing could be sent."""
    early = b"HTTP/1.1 103 Early\r\n\r\n"
    steps = Steps([error], [early, TIMED_OUT[:20], TIMED_OUT[20:]], body)
    stream = await steps.begin()
    assert (408, b"low") == (stream.status, await stream.read())
    assert 103 == stream.informational[0].status
    assert 0 == steps.open_count


@pytest.mark.parametrize("body", [None, build_body(content=b"x" * 100_000)])
@pytest.mark.parametrize("receives", [[None], [b""], [RESET], [b"SSH-2.0"], [b"HTTP/1.1 40", None]])
async def test_broken_write_without_an_answer(
    receives: list[bytes | OSError | None], body: Body | None
) -> None:
    """Without an answer that makes sense, the error of the write is what happened."""
    steps = Steps([BROKEN], list(receives), body)
    with pytest.raises(WriteError, match="broke while the request was sent: Broken pipe") as caught:
        await steps.begin()
    assert "no" == caught.value.sent
    assert 0 == steps.open_count


async def test_success_before_a_broken_write() -> None:
    """A success counts if it is complete; one that ran until the close was cut by the reset."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    steps = Steps([ALL, BROKEN], [None, whole], streamed())
    assert b"ok" == await (await steps.begin()).read()
    endless = b"HTTP/1.1 200 OK\r\n\r\nok"
    steps = Steps([ALL, BROKEN], [None, endless, b""], streamed())
    stream = await steps.begin()
    with pytest.raises(ReadError, match="Broken pipe"):
        await stream.read()
    assert 0 == steps.open_count


async def test_refusal_before_a_broken_write() -> None:
    """A refusal that ran until the close is complete at the reset."""
    steps = Steps([ALL, BROKEN], [None, b"HTTP/1.1 413 Big\r\n\r\nbig", RESET], streamed())
    stream = await steps.begin()
    assert (413, b"big") == (stream.status, await stream.read())


async def test_write_that_is_taken_in_parts() -> None:
    """A request that the socket takes bit by bit arrives whole, body and all."""
    steps = Steps([1, 0, 5, 0, 0], [None, None, TIMED_OUT], build_body(content=b"ping"))
    stream = await steps.begin()
    assert (408, b"low") == (stream.status, await stream.read())
    steps = Steps([1, 0, 5, 0], [None, None, TIMED_OUT], build_body(content=b"ping"))
    steps.channel._receives = [None, None, None, TIMED_OUT]
    stream = await steps.begin()
    assert steps.channel.sent.endswith(b"\r\n\r\nping")
    assert b"low" == await stream.read()
    assert steps.timeline.sent_bytes == len(steps.channel.sent)
    steps.pool.close()


@pytest.mark.parametrize("error", [BROKEN, RESET])
@pytest.mark.parametrize(
    ("start", "rest", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none", b"two", b"onetwo"),
        (b"HTTP/1.1 200 OK\r\n\r\none", b"", None),
    ],
)
async def test_write_that_breaks_while_the_answer_is_read(
    error: OSError, start: bytes, rest: bytes, expected: bytes | None
) -> None:
    """An answer in progress is read to its end even when the rest of the request is not wanted."""
    steps = Steps([ALL, error], [start, None, rest], streamed())
    stream = await steps.begin()
    if expected is None:
        with pytest.raises(ReadError):
            await stream.read()
    else:
        assert expected == await stream.read()
    assert 0 == steps.open_count


async def test_client_closed_while_both_directions_run() -> None:
    """The end of the client is not taken for the end of an answer."""
    start = b"HTTP/1.1 200 OK\r\n\r\none"
    steps = Steps([ALL, BROKEN], [start, b"", b""], streamed())
    stream = await steps.begin()
    steps.connection.aborted = True
    with pytest.raises(ClientClosedError):
        await stream.read()


async def test_client_closed_while_sending() -> None:
    """The broken write of a client that was closed is not looked into."""
    steps = Steps([ALL, BROKEN], [None, TIMED_OUT], streamed())
    steps.connection.aborted = True
    with pytest.raises(ClientClosedError):
        await steps.begin()


async def test_answer_to_half_a_head() -> None:
    """An answer may come before the head of an expecting request is all sent."""
    steps = Steps([5, 0], [TIMED_OUT], build_body(content=b"ping"), EXPECT)
    stream = await steps.begin()
    assert (408, b"low") == (stream.status, await stream.read())
    assert 5 == steps.timeline.sent_bytes


async def test_error_of_another_call_in_the_body() -> None:
    """An error of this package that the caller's body raises is not taken for this connection's."""

    def pieces() -> Iterator[bytes]:
        yield b"piece"
        raise ReadError("another server went away", sent="maybe")

    steps = Steps([], [], build_body(content=pieces()))
    steps.connection.used = True
    with pytest.raises(TransportError, match="another server") as caught:
        await steps.begin()
    assert type(caught.value) is ReadError
    assert 0 == steps.open_count


async def test_switch_while_both_directions_run() -> None:
    """A head that is complete by itself stops the body, whatever its status."""
    steps = Steps([ALL, 0], [b"HTTP/1.1 204 No Content\r\n\r\n"], streamed(10))
    stream = await steps.begin()
    assert (204, b"") == (stream.status, await stream.read())
    assert 0 == steps.open_count
