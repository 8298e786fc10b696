# Source of _sync/test_retry.py; after editing run: tox -e codegen
"""Retries as a step of the pipeline; the table of decisions is tested with its brain."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    ConnectError,
    DeadlineExceeded,
    RemoteProtocolError,
    RequestCancelled,
    ServiceUnavailableError,
    TransportError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.request import Request
from antiphon.models.timeout import Timeout
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer

BUSY = answer(503, "busy")


async def test_tried_again_until_it_works() -> None:
    """A 503 and a dead connection are tried again; the response tells of all attempts."""
    app = App({"/": Sequence(b"", BUSY, answer(200, "done"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            response = await client.get(server.url)

    assert "done" == response.text
    assert [(1, None), (2, 503), (3, 200)] == [(a.number, a.status) for a in response.attempts]
    assert isinstance(response.attempts[0].error, TransportError)
    assert [0.0, 0.0, None] == [attempt.delay for attempt in response.attempts]


async def test_a_stale_connection_costs_no_attempt() -> None:
    """A kept-alive connection that died is replaced inside the attempt, which tells of it."""
    app = App({"/": Sequence(answer(), b"", answer(200, "done"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=None) as client:
            await client.get(server.url)
            response = await client.get(server.url)

    assert "done" == response.text
    assert [(1, 200, True)] == [(a.number, a.status, a.resent) for a in response.attempts]


async def test_the_default_waits_with_jitter() -> None:
    """Three attempts; the waits between them are random, up to 0.5 and 1 second."""
    app = App({"/": BUSY})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient() as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.get(server.url)

    first, second = clock.slept
    assert 0 <= first <= 0.5
    assert 0 <= second <= 1
    delays = [attempt.delay for attempt in caught.value.attempts]
    assert [pytest.approx(first), pytest.approx(second), None] == delays
    assert ["gave up after 3 attempts"] == caught.value.__notes__
    assert 3 == len(app.requests)


async def test_the_last_real_error_is_raised() -> None:
    """When attempts run out, the error is that of the last one, and has all of them."""
    app = App({"/": Sequence(b"", b"")})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(2, base_delay=0)) as client:
            with pytest.raises(TransportError) as caught:
                await client.get(server.url)

    error = caught.value
    assert [None, None] == [attempt.status for attempt in error.attempts]
    assert error is error.attempts[-1].error
    assert ["gave up after 2 attempts"] == error.__notes__


@pytest.mark.parametrize(
    ("method", "attempts"), [("GET", 2), ("PUT", 2), ("POST", 1), ("PATCH", 1)]
)
async def test_only_idempotent_methods(method: str, attempts: int) -> None:
    """What the server may have acted on is not sent again, and the note says why."""
    app = App({"/": BUSY})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(2, base_delay=0)) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.request(method, server.url)

    assert attempts == len(app.requests)
    (note,) = caught.value.__notes__
    assert ("not idempotent" in note) == (attempts == 1)


async def test_a_post_that_was_not_sent_is_tried_again() -> None:
    """Where no connection came about, any method may go again."""
    with LoopbackServer(App({})) as server:
        url = server.url
    async with AsyncClient(retry=Retry(3, base_delay=0)) as client:
        with pytest.raises(ConnectError) as caught:
            await client.post(url, json=1)

    assert ("no", 3) == (caught.value.sent, len(caught.value.attempts))


async def test_a_streamed_body_is_not_sent_again() -> None:
    """An iterator is consumed by the first attempt; the note says so."""
    app = App({"/": BUSY})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.put(server.url, content=iter([b"a"]))

    assert 1 == len(app.requests)
    assert ["not retried: the request body is a stream and cannot be sent again"] == (
        caught.value.__notes__
    )


async def test_bodies_are_sent_anew() -> None:
    """Each attempt sends the whole body."""
    app = App({"/": Sequence(BUSY, BUSY, answer())})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            await client.put(server.url, content=[b"a", b"b"])

    assert [b"ab"] * 3 == [request.body for request in app.requests]


@pytest.mark.parametrize("retry", [None, 1])
async def test_retries_can_be_turned_off(retry: int | None) -> None:
    """None and one attempt are the same: no second try, and no note about it."""
    app = App({"/": BUSY})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.get(server.url, retry=retry)

    assert 1 == len(app.requests)
    assert not hasattr(caught.value, "__notes__")


async def test_retry_after_is_honoured() -> None:
    """The server's wait is kept; asked to wait longer than a minute the call ends at once."""
    app = App({"/": Sequence(answer(429, "", {"Retry-After": "20"}), answer(200))})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient() as client:
            await client.get(server.url)
            app.routes["/"] = answer(429, "", {"Retry-After": "61"})
            response = await client.get(server.url, raise_for_status=False)

    assert [20] == [round(seconds, 3) for seconds in clock.slept]
    assert (429, 1) == (response.status, len(response.attempts))


async def test_the_deadline_covers_the_waits() -> None:
    """A wait that would outlast the total timeout is not begun."""
    app = App({"/": answer(503, "", {"Retry-After": "10"})})
    with LoopbackServer(app) as server:
        async with AsyncClient(timeout=Timeout(total=5)) as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.get(server.url)

    (note,) = caught.value.__notes__
    assert "would outlast the deadline" in note
    assert 1 == len(app.requests)


async def test_the_deadline_is_one_for_all_attempts() -> None:
    """Attempts draw on one budget: it is not wound up again."""
    budgets: list[float] = []

    class Failing:
        async def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> AsyncResponseStream:
            assert options.deadline is not None
            budgets.append(options.deadline.at)
            clock.advance(2)
            if clock.now() >= options.deadline.at:
                raise DeadlineExceeded("late", request=request)
            raise RemoteProtocolError("broken", request=request, sent="maybe")

    with FakeClock(start=100.0, jump=True) as clock:
        async with AsyncClient(
            transport=Failing(), retry=Retry(10, base_delay=0), timeout=Timeout(total=5)
        ) as client:
            with pytest.raises(DeadlineExceeded):
                await client.get("http://example.com/")

    assert [105.0] * 3 == budgets


async def test_a_deadline_that_passes_between_attempts() -> None:
    """A wait that ends late, on a busy machine, ends the call and not in another attempt."""
    app = App({"/": answer(503, "", {"Retry-After": "3"})})

    class Late(FakeClock):
        def about_to_sleep(self, until: float) -> None:
            self.advance(10)

    with LoopbackServer(app) as server, Late():
        async with AsyncClient(timeout=Timeout(total=5)) as client:
            with pytest.raises(DeadlineExceeded, match="while waiting 3.00 s") as caught:
                await client.get(server.url)

    assert (1, [503]) == (len(app.requests), [a.status for a in caught.value.attempts])


async def test_a_cancelled_call_is_not_retried() -> None:
    """A token ends the wait between attempts with its reason, and nobody tries again."""
    token = CancelToken()
    app = App({"/": answer(503, "", {"Retry-After": "20"})})

    class Cancelling(FakeClock):
        def about_to_sleep(self, until: float) -> None:
            token.cancel("user left")

    with LoopbackServer(app) as server, Cancelling():
        async with AsyncClient() as client:
            with pytest.raises(RequestCancelled, match="user left") as caught:
                await client.get(server.url, cancel=token)
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)

    assert (1, [503]) == (len(app.requests), [a.status for a in caught.value.attempts])


async def test_a_body_that_breaks_off_is_retried() -> None:
    """Unless the caller streams it, the body is a part of the attempt."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"

    def broken_once(_: object) -> bytes:
        app.routes["/"] = answer(200, "whole")
        return cut + b""

    app = App({"/": broken_once})

    def serve(connection: object) -> None:
        if app.requests:
            app(connection)
            return
        from tests.app import receive

        request = receive(connection)
        assert request is not None
        app.requests.append(request)
        connection.sendall(broken_once(request))

    with LoopbackServer(serve) as server:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            response = await client.get(server.url)

    assert "whole" == response.text
    assert isinstance(response.attempts[0].error, RemoteProtocolError)
