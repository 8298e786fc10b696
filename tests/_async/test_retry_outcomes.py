# Source of _sync/test_retry_outcomes.py; after editing run: tox -e codegen
"""Which answers and errors are tried again, and after what wait, as the settings of `Retry` say."""

from __future__ import annotations

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import ServiceUnavailableError, TransportError
from antiphon.models.request import Request
from antiphon.models.transport_options import DEFAULT, TransportOptions
from antiphon.policies.outcomes import Outcome
from antiphon.policies.retry import Retry
from antiphon.testing import FakeClock
from tests._async.memory_transport import Answering
from tests.app import App, Sequence, answer
from tests.loopback import LoopbackServer


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after-ms": "1500"},
        {"RateLimit": '"default";r=0;t=1.5'},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1.5"},
    ],
)
async def test_other_ways_to_ask_for_a_wait(headers: dict[str, str]) -> None:
    """Milliseconds and rate limits that are used up are waited for like Retry-After."""
    app = App({"/": Sequence(answer(429, "", headers), answer(200))})
    with LoopbackServer(app) as server, FakeClock(jump=True) as clock:
        async with AsyncClient(retry=Retry(base_delay=0)) as client:
            await client.get(server.url)

    assert [pytest.approx(1.5)] == clock.slept


async def test_the_server_says_not_to() -> None:
    """`x-should-retry: false` ends the call, with a note."""
    app = App({"/": answer(503, "", {"x-should-retry": "false"})})
    with LoopbackServer(app) as server:
        async with AsyncClient() as client:
            with pytest.raises(ServiceUnavailableError) as caught:
                await client.get(server.url)

    assert ["not retried: the server says not to (x-should-retry: false)"] == caught.value.__notes__


async def test_an_error_of_a_builtin_type() -> None:
    """`retry_on` takes builtin exceptions, such as a policy or transport of one's own raises."""

    class Broken:
        def __init__(self) -> None:
            self.calls = 0

        async def execute(
            self, request: Request, options: TransportOptions = DEFAULT
        ) -> AsyncResponseStream:
            self.calls += 1
            if self.calls < 3:
                raise ConnectionResetError("gone")
            return AsyncResponseStream.of_bytes(request, 200)

    retry = Retry(base_delay=0, retry_on=ConnectionError)
    async with AsyncClient(transport=Broken(), retry=retry) as client:
        response = await client.get("http://example.com/")
    async with AsyncClient(transport=Broken()) as client:
        with pytest.raises(ConnectionResetError):
            await client.get("http://example.com/")

    errors = [type(attempt.error) for attempt in response.attempts]
    assert [ConnectionResetError, ConnectionResetError, type(None)] == errors


async def test_an_answer_that_is_not_ready() -> None:
    """A predicate may have a 202 asked for again, and is told what came of each attempt."""
    seen: list[Outcome] = []

    def not_ready(outcome: Outcome) -> bool | None:
        seen.append(outcome)
        return True if outcome.status == 202 else None

    app = App({"/": Sequence(b"", answer(202), answer(202), answer(200, "done"))})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(5, base_delay=0, predicate=not_ready)) as client:
            response = await client.get(server.url)

    assert ("done", [None, 202, 202, 200]) == (
        response.text,
        [attempt.status for attempt in response.attempts],
    )
    assert [(1, None), (2, 202), (3, 202), (4, 200)] == [(o.number, o.status) for o in seen]
    assert isinstance(seen[0].error, TransportError)


async def test_a_status_that_is_no_failure() -> None:
    """`statuses` may name one below 400; the last answer is the call's."""
    app = App({"/": answer(202)})
    with LoopbackServer(app) as server:
        async with AsyncClient(retry=Retry(base_delay=0, statuses=[202])) as client:
            response = await client.get(server.url)

    assert [202, 202, 202] == [attempt.status for attempt in response.attempts]


async def test_a_predicate_that_fails() -> None:
    """Its error ends the call, and the answer it was asked about is closed."""

    def fail(outcome: Outcome) -> bool:
        raise ZeroDivisionError

    transport = Answering(200)
    async with AsyncClient(transport=transport, retry=Retry(predicate=fail)) as client:
        with pytest.raises(ZeroDivisionError):
            async with client.stream("GET", "http://example.com/"):
                pass  # pragma: no cover - never entered

    (stream,) = transport.streams
    assert "closed" in repr(stream)


async def test_decorrelated_jitter() -> None:
    """Each wait is drawn from the one before: at least base_delay, at most three times it."""
    retry = Retry(6, base_delay=1, max_delay=1000, jitter="decorrelated")
    with FakeClock(jump=True) as clock:
        async with AsyncClient(transport=Answering(503), retry=retry) as client:
            with pytest.raises(ServiceUnavailableError):
                await client.get("http://example.com/")

    waits = clock.slept
    assert 5 == len(waits)
    assert all(
        1 <= wait <= 3 * max(1, before)
        for before, wait in zip([1, *waits[:-1]], waits, strict=True)
    )
