# Source of _sync/test_sse_reconnecting.py; after editing run: tox -e codegen
"""`client.sse()` when connections break: waits, limits, idle timeouts, cancellation, deadlines."""

from __future__ import annotations

import socket
import threading

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    ConnectError,
    DeadlineExceeded,
    LocalProtocolError,
    ReadError,
    ReadTimeout,
    RequestCancelled,
    TransportError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.limits import Limits
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.reconnect import Reconnect
from antiphon.testing import FakeClock
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer
from tests.passing_time import let_time_pass
from tests.servers import Scripted, reset, until_closed

TYPE = {"Content-Type": "text/event-stream"}
OPEN_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
CHUNKED_HEAD = OPEN_HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
DONE = answer(204)
AT_ONCE = Reconnect(delay=0)


def stream(text: str) -> bytes:
    return answer(200, text, TYPE)


async def data_of(source: object) -> list[str]:
    return [event.data async for event in source]


class Script:
    """A transport that gives one prepared outcome after another, and keeps what it was asked."""

    def __init__(self, *outcomes: str | int | Exception) -> None:
        self._outcomes = list(outcomes)
        self.calls: list[tuple[Request, TransportOptions]] = []

    async def execute(
        self, request: Request, options: TransportOptions = DEFAULT
    ) -> AsyncResponseStream:
        self.calls.append((request, options))
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, int):
            return AsyncResponseStream.of_bytes(request, outcome)
        return AsyncResponseStream.of_bytes(request, 200, Headers(TYPE), outcome.encode())


async def test_connections_that_break() -> None:
    """A reset, a body that is cut and garbage are reasons to connect again, with the last id."""
    gone = threading.Event()

    def break_off(connection: object) -> None:
        connection.sendall(
            OPEN_HEAD[:-2] + b"Content-Length: 99\r\n\r\nid: 1\ndata: a\n\nid: 2\ndata: b"
        )
        assert gone.wait(10)
        reset(connection)

    cut = CHUNKED_HEAD + b"f\r\nid: 2\ndata: b\n\n\r\n"
    garbage = CHUNKED_HEAD + b"zz\r\n"
    server = Scripted([break_off], [cut], [garbage], [None], [OPEN_HEAD + b"data: c\n\n"], [DONE])
    with LoopbackServer(server) as running:
        async with AsyncClient() as client, client.sse(running.url, reconnect=AT_ONCE) as source:
            found = [await source.__anext__()]
            gone.set()
            found += [event async for event in source]

    assert [("a", "1"), ("b", "2"), ("c", "2")] == [(event.data, event.id) for event in found]
    assert [False, True, True, True, True, True] == [
        b"Last-Event-ID: " in head for _, head, _ in server.requests
    ]
    assert [b"1", b"2", b"2", b"2", b"2"] == [
        head.partition(b"Last-Event-ID: ")[2].partition(b"\r\n")[0]
        for _, head, _ in server.requests[1:]
    ]


async def test_errors_are_raised_without_reconnecting() -> None:
    """With reconnect=None a connection that breaks raises its error, and then it is over."""
    gone = threading.Event()

    def break_off(connection: object) -> None:
        connection.sendall(OPEN_HEAD + b"data: a\n\n")
        assert gone.wait(10)
        reset(connection)

    with LoopbackServer(Scripted([break_off])) as running:
        async with AsyncClient() as client, client.sse(running.url, reconnect=None) as source:
            assert "a" == (await source.__anext__()).data
            gone.set()
            with pytest.raises(ReadError):
                await source.__anext__()
            assert [] == await data_of(source)


async def test_the_default_waits() -> None:
    """Three seconds before each connection, until the server says another time by `retry:`."""
    app = App({"/": Sequence(stream(""), stream("retry: 1500\n\n"), stream("retry: x\n"), DONE)})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient() as client, client.sse(server.url) as source:
            assert [] == await data_of(source)

    assert [3.0, 1.5, 1.5] == clock.slept


async def test_failures_back_off_until_it_gives_up() -> None:
    """Connections that fail in a row are ever longer apart; the last error is raised and says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    reconnect = Reconnect(delay=1, backoff_factor=10, max_delay=50, max_failures=4)
    with FakeClock(jump=True) as clock:
        async with AsyncClient() as client:
            with pytest.raises(ConnectError) as caught:
                async with client.sse(url, reconnect=reconnect):
                    pytest.fail("entered")

    assert ["gave up after 4 failed connections in a row"] == caught.value.__notes__
    first, second, third = clock.slept
    assert 1 <= first <= 10
    assert 1 <= second <= 50
    assert 1 <= third <= 50


async def test_failures_count_in_a_row() -> None:
    """A connection that is opened starts the count anew, events or none."""
    failure = ConnectError("refused")
    broken = (failure, failure)
    transport = Script(*broken, "", *broken, "data: a\n\n", *broken, 204)
    async with AsyncClient(transport=transport) as client:
        reconnect = Reconnect(delay=0, max_delay=0, max_failures=3)
        async with client.sse("http://a.test/", reconnect=reconnect) as source:
            assert ["a"] == await data_of(source)

    assert 9 == len(transport.calls)


async def test_giving_up_in_the_middle() -> None:
    """When later connections fail too often, reading raises, and then it is over."""
    transport = Script("data: a\n\n", ConnectError("one"), ReadTimeout("two"))
    async with AsyncClient(transport=transport) as client:
        reconnect = Reconnect(delay=0, max_delay=0, max_failures=2)
        async with client.sse("http://a.test/", reconnect=reconnect) as source:
            assert "a" == (await source.__anext__()).data
            with pytest.raises(ReadTimeout, match="two") as caught:
                await source.__anext__()
            assert [] == await data_of(source)

    assert ["gave up after 2 failed connections in a row"] == caught.value.__notes__


async def test_errors_that_stay_what_they_are() -> None:
    """What another connection would not mend is raised at once, without a note."""
    transport = Script("", LocalProtocolError("ours"))
    async with (
        AsyncClient(transport=transport) as client,
        client.sse("http://a.test/", reconnect=AT_ONCE) as source,
    ):
        with pytest.raises(LocalProtocolError) as caught:
            await source.__anext__()

    assert not hasattr(caught.value, "__notes__")
    assert 2 == len(transport.calls)


async def test_errors_of_code_in_the_pipeline_pass() -> None:
    """An error that is not ours ends it, and is not touched."""
    async with (
        AsyncClient(transport=Script("", KeyError("theirs"))) as client,
        client.sse("http://a.test/", reconnect=AT_ONCE) as source,
    ):
        with pytest.raises(KeyError, match="theirs"):
            await source.__anext__()
        assert [] == await data_of(source)


async def test_silence_is_a_reason_to_reconnect() -> None:
    """No byte for `idle_timeout` seconds, in the body or before the head, and it connects again."""

    def silent_body(connection: object) -> None:
        connection.sendall(OPEN_HEAD + b"id: 5\ndata: a\n\n:")
        until_closed(connection)

    server = Scripted([silent_body], [until_closed], [DONE])
    with FakeClock() as clock, LoopbackServer(server) as running:
        async with AsyncClient(timeout=None) as client:
            source = client.sse(
                running.url, reconnect=Reconnect(delay=0, max_delay=0), idle_timeout=5
            )
            async with source:
                assert "a" == (await source.__anext__()).data
                body, head = (lambda: 1 == len(server.requests), lambda: 2 == len(server.requests))
                let_time_pass(clock, 5, body, head)
                assert [] == await data_of(source)

    assert 3 == len(server.requests)
    assert b"Last-Event-ID: 5\r\n" in server.requests[2][1]


async def test_silence_without_reconnecting() -> None:
    """With reconnect=None silence is a ReadTimeout that names the limit."""

    def silent(connection: object) -> None:
        connection.sendall(OPEN_HEAD)
        until_closed(connection)

    with FakeClock() as clock, LoopbackServer(Scripted([silent])) as running:
        async with (
            AsyncClient(timeout=None) as client,
            client.sse(running.url, reconnect=None, idle_timeout=5) as source,
        ):
            let_time_pass(clock, 5)
            with pytest.raises(ReadTimeout, match=r"within read=5 s"):
                await source.__anext__()


@pytest.mark.parametrize(("options", "expected"), [({}, 60), ({"idle_timeout": None}, None)])
async def test_the_idle_timeout_takes_the_place_of_read(
    options: dict[str, object], expected: float | None
) -> None:
    """Of the timeout of the call everything counts but `read`."""
    transport = Script(204)
    async with AsyncClient(transport=transport) as client:
        timeout = Timeout(connect=1, read=2, write=3)
        async with client.sse("http://a.test/", timeout=timeout, **options):
            pass

    ((_, given),) = transport.calls
    assert (1, expected, 3, True) == (
        given.timeout.connect,
        given.timeout.read,
        given.timeout.write,
        given.stream,
    )


async def test_one_deadline_for_all_connections() -> None:
    """The total timeout counts from the entry on, and is not wound up again."""
    transport = Script("", "", 204)
    with FakeClock(start=100, jump=True):
        async with (
            AsyncClient(transport=transport, timeout=Timeout(total=10)) as client,
            client.sse("http://a.test/") as source,
        ):
            assert [] == await data_of(source)

    assert [110.0, 110.0, 110.0] == [
        options.deadline and options.deadline.at for _, options in transport.calls
    ]


async def test_the_deadline_ends_the_waits() -> None:
    """When the total timeout passes while it waits, that is the end."""
    app = App({"/": stream("retry: 4000\ndata: a\n\n")})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with (
            AsyncClient() as client,
            client.sse(server.url, timeout=Timeout(total=10)) as source,
        ):
            found = [(await source.__anext__()).data for _ in range(3)]
            with pytest.raises(DeadlineExceeded, match=r"while waiting 4\.00 s to try GET"):
                await source.__anext__()
            assert [] == await data_of(source)

    assert ["a"] * 3 == found
    assert [4.0, 4.0, 2.0] == clock.slept


class CancellingClock(FakeClock):
    """Cancels a token as soon as somebody goes to sleep."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self.token = token

    def about_to_sleep(self, until: float) -> None:
        super().about_to_sleep(until)
        self.token.cancel("enough")


async def test_cancelled_between_connections() -> None:
    """A token that is cancelled while it waits ends it; nothing is sent any more."""
    token = CancelToken()
    app = App({"/": stream("data: a\n\n")})
    with LoopbackServer(app) as server, CancellingClock(token):
        async with AsyncClient() as client, client.sse(server.url, cancel=token) as source:
            assert "a" == (await source.__anext__()).data
            with pytest.raises(RequestCancelled, match="while waiting 3.00 s .*: enough"):
                await source.__anext__()
            assert [] == await data_of(source)

    assert 1 == len(app.requests)


async def test_cancelled_while_reading() -> None:
    """A token that is cancelled from elsewhere ends the wait for the next event."""
    token = CancelToken()
    waiting = threading.Event()

    def cancel_later(connection: object) -> None:
        connection.sendall(OPEN_HEAD + b"data: a\n\n")
        assert waiting.wait(10)
        token.cancel("enough")
        until_closed(connection)

    server = Scripted([cancel_later])
    with LoopbackServer(server) as running:
        async with AsyncClient() as client, client.sse(running.url, cancel=token) as source:
            assert "a" == (await source.__anext__()).data
            waiting.set()
            with pytest.raises(RequestCancelled, match="enough"):
                await source.__anext__()

    assert 1 == len(server.requests)


async def test_the_pool_is_free_afterwards() -> None:
    """However a connection ended, it does not stay in a pool of one."""
    gone = Scripted([OPEN_HEAD + b"data: a\n\n"], [None], [until_closed], [answer(200, "free")])
    limits = Limits(max_connections=1)
    with FakeClock() as clock, LoopbackServer(gone) as running:
        async with AsyncClient(running.url, limits=limits, retry=None, timeout=None) as client:
            with pytest.raises(TransportError):
                reconnect = Reconnect(delay=0, max_delay=0, max_failures=2)
                let_time_pass(clock, 5, lambda: 3 == len(gone.requests))
                async with client.sse("/", reconnect=reconnect, idle_timeout=5) as source:
                    await data_of(source)
            response = await client.get("/")

    assert "free" == response.text
