# Source of _sync/test_logging.py; after editing run: tox -e codegen
"""What of calls over real sockets goes into the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from antiphon._async.client import AsyncClient
from antiphon._async.stream import AsyncResponseStream
from antiphon.errors import (
    NotFoundError,
    RemoteProtocolError,
    RequestCancelled,
    ServiceUnavailableError,
)
from antiphon.models.cancel import CancelToken
from antiphon.models.headers import Headers
from antiphon.models.response import Response
from antiphon.policies.bulkhead import Bulkhead
from antiphon.policies.logging import Logging
from antiphon.policies.request_ids import RequestId
from antiphon.policies.retry import Retry
from tests.app import App, Sequence, answer, redirect
from tests.loopback import LoopbackServer

PLAIN = {
    "/": answer(200, "hello", {"X-Request-Id": "theirs", "Set-Cookie": "a=b"}),
    "/no": answer(404, "nothing"),
    "/lost": b"",
}


class Keeping(logging.Handler):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Return the records under "antiphon", of all levels."""
    handler = Keeping()
    logger = logging.getLogger("antiphon")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.records
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


def said(record: logging.LogRecord, *names: str) -> list[object]:
    return [getattr(record, f"http_{name}") for name in names]


async def test_one_record_a_call(records: list[logging.LogRecord]) -> None:
    """It has everything of the call: in its message for people, in its fields for machines."""
    app = App(PLAIN)
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=[Logging()]) as client:
            response = await client.get(server.url, params={"token": "secret"})

    (record,) = records
    url = f"{server.url}/?token=***"
    assert ("antiphon", logging.INFO) == (record.name, record.levelno)
    assert record.getMessage().startswith(f"GET {url} -> 200 in 0.")
    assert ["GET", url, 200, "theirs"] == said(record, "method", "url", "status", "request_id")
    assert [1, None, False] == said(record, "attempt", "error", "streamed")
    (elapsed, call_id, sent, received) = said(
        record, "elapsed", "call_id", "bytes_sent", "bytes_received"
    )
    assert isinstance(elapsed, float)
    assert 0 < elapsed <= response.elapsed
    assert isinstance(call_id, int)
    assert response.timeline is not None
    assert [response.timeline.sent_bytes, response.timeline.received_bytes] == [sent, received]
    assert len(PLAIN["/"]) == received


async def test_headers_by_name(records: list[logging.LogRecord]) -> None:
    """Values are logged for those on the list only."""
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Logging(headers=["X-Kind", "content-length"])]) as client:
            await client.get(
                server.url, headers={"X-Kind": "good", "Authorization": "Bearer secret"}
            )

    (record,) = records
    sent, received = said(record, "request_headers", "response_headers")
    assert isinstance(sent, dict)
    assert {"x-kind": "good", "authorization": "***", "accept": "***"}.items() <= sent.items()
    assert {"x-request-id": "***", "set-cookie": "***", "content-length": "5"} == received
    assert "secret" not in str(vars(record))


async def test_levels_by_outcome(records: list[logging.LogRecord]) -> None:
    """What went well, what failed and what was not wanted any more have levels of their own."""
    token = CancelToken()
    token.cancel()
    policy = Logging(success=15, failure="ERROR", cancelled=25)
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[policy], retry=None) as client:
            await client.get(server.url)
            with pytest.raises(NotFoundError):
                await client.get(f"{server.url}/no")
            await client.get(f"{server.url}/no", raise_for_status=False)
            with pytest.raises(RemoteProtocolError):
                await client.get(f"{server.url}/lost")
            with pytest.raises(RequestCancelled):
                await client.get(server.url, cancel=token)

    assert [15, 40, 40, 40, 25] == [record.levelno for record in records]
    assert [[200, None], [404, "404"], [404, "404"]] == [
        said(record, "status", "error") for record in records[:3]
    ]
    assert [[None, "remote_protocol_error"], [None, "request_cancelled"]] == [
        said(record, "status", "error") for record in records[3:]
    ]
    assert "-> 404 in" in records[1].getMessage()
    assert "-> RemoteProtocolError in" in records[3].getMessage()
    assert [len(PLAIN["/no"]), None] == [
        record.http_bytes_received  # type: ignore[attr-defined]
        for record in (records[1], records[3])
    ]


async def test_retries(records: list[logging.LogRecord]) -> None:
    """The decision to try again is a record of its own, below the level of the outcome."""
    busy = answer(503, headers={"Connection": "close"})
    app = App({"/old": redirect("/flaky"), "/flaky": Sequence(busy, b"", answer())})
    policies = [Logging(), RequestId(make=lambda: "ours")]
    with LoopbackServer(app) as server:
        async with AsyncClient(policies=policies, retry=Retry(base_delay=0)) as client:
            await client.get(f"{server.url}/old")

    first, second, last = records
    assert [10, 10, 20] == [record.levelno for record in records]
    # The redirect was attempt 1.
    assert [2, 503, None, "ours"] == said(first, "attempt", "status", "error", "request_id")
    assert [3, None, "remote_protocol_error"] == said(second, "attempt", "status", "error")
    assert [4, 200, f"{server.url}/flaky"] == said(last, "attempt", "status", "url")
    assert 1 == len({record.http_call_id for record in records})  # type: ignore[attr-defined]
    assert [0.0, 0.0] == [*said(first, "delay"), *said(second, "delay")]
    assert "-> 503 in" in first.getMessage()
    assert ", attempt 2; trying again in 0.000 s" in first.getMessage()
    assert last.getMessage().endswith(", attempt 4")


async def test_the_last_failure_is_no_retry(records: list[logging.LogRecord]) -> None:
    """Nothing is said of an attempt after which nothing was decided; the end of the call says it."""
    with LoopbackServer(App({"/": answer(503)})) as server:
        async with AsyncClient(policies=[Logging()], retry=Retry(2, base_delay=0)) as client:
            with pytest.raises(ServiceUnavailableError):
                await client.get(server.url)

    assert [10, 30] == [record.levelno for record in records]


async def test_streams_are_told_at_their_head(records: list[logging.LogRecord]) -> None:
    """The record is there when the head is; the body is its reader's."""
    with LoopbackServer(App(PLAIN)) as server:
        client = AsyncClient(policies=[Logging()])
        async with client, client.stream("GET", server.url) as stream:
            (record,) = records
            await stream.read()

    assert [200, True] == said(record, "status", "streamed")
    assert 1 == len(records)


async def test_what_the_caller_gets_is_told(records: list[logging.LogRecord]) -> None:
    """An interceptor that answers for an error changes the outcome of the call, and so its record."""

    class Calm:
        def intercept_error(self, context: object, error: NotFoundError) -> Response:
            assert error.request is not None
            return Response(200, Headers(), b"", error.request)

    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Calm(), Logging()]) as client:
            await client.get(f"{server.url}/no")

    assert [20] == [record.levelno for record in records]
    assert [200, None, None] == said(records[0], "status", "error", "bytes_sent")


async def test_calls_without_a_record(records: list[logging.LogRecord]) -> None:
    """`log=False` leaves a call out, a level that is off leaves out all of its kind."""
    with LoopbackServer(App({**PLAIN, "/busy": answer(503)})) as server:
        async with AsyncClient(policies=[Logging()], retry=Retry(2, base_delay=0)) as client:
            await client.get(server.url, log=False)
            with pytest.raises(ServiceUnavailableError):
                await client.get(f"{server.url}/busy", log=False)
            assert [] == records
            logging.getLogger("antiphon").setLevel(logging.WARNING)
            await client.get(server.url)
            with pytest.raises(ServiceUnavailableError):
                await client.get(f"{server.url}/busy")

    assert [30] == [record.levelno for record in records]


async def test_another_logger(caplog: pytest.LogCaptureFixture) -> None:
    """A logger by name or by itself, and fields of another prefix."""
    caplog.set_level(logging.DEBUG)
    own = logging.getLogger("mine.by.itself")
    with LoopbackServer(App(PLAIN)) as server:
        for logger in ("mine.by.name", own):
            policy = Logging(logger, prefix="api_")
            async with AsyncClient(policies=[policy]) as client:
                await client.get(server.url)

    records = [record for record in caplog.records if record.name.startswith("mine")]
    assert ["mine.by.name", "mine.by.itself"] == [record.name for record in records]
    assert [200, 200] == [record.api_status for record in records]  # type: ignore[attr-defined]


def broken(record: logging.LogRecord) -> bool:
    """Is a filter of somebody's."""
    raise KeyError(record.name)


async def test_a_filter_that_raises() -> None:
    """Somebody's broken filter is an error of the call, as of any other; no stream stays open."""
    logger = logging.getLogger("antiphon.tests.broken")
    logger.setLevel(logging.INFO)
    logger.addFilter(broken)
    with LoopbackServer(App(PLAIN)) as server:
        async with AsyncClient(policies=[Logging(logger)]) as client:
            with pytest.raises(KeyError):
                await client.get(server.url)
            with pytest.raises(KeyError):
                async with client.stream("GET", server.url):
                    pass


class Stop(BaseException):
    """As the cancellation of a task is, or Ctrl-C."""


async def test_a_filter_that_raises_while_a_call_is_cancelled() -> None:
    """It does not stand in the way: who cancelled has to see that it came to that."""
    logger = logging.getLogger("antiphon.tests.broken")
    logger.setLevel(logging.INFO)
    logger.addFilter(broken)

    class Stopping:
        async def execute(self, request: object, options: object) -> AsyncResponseStream:
            raise Stop

    async with AsyncClient(transport=Stopping(), policies=[Logging(logger)]) as client:
        with pytest.raises(Stop):
            await client.get("http://example.com/path")


async def test_a_filter_that_raises_between_two_attempts() -> None:
    """The answer that was not good enough is closed, while its error is still looked at."""
    logger = logging.getLogger("antiphon.tests.broken")
    logger.setLevel(logging.DEBUG)
    logger.addFilter(broken)
    bulkhead = Bulkhead(1)
    policies = [Logging(logger), bulkhead, Retry(base_delay=0)]
    with LoopbackServer(App({"/": answer(503, "busy")})) as server:
        async with AsyncClient(policies=policies) as client:
            with pytest.raises(KeyError) as raised:
                async with client.stream("GET", server.url):
                    pass
            assert 0 == bulkhead.running(server.url)
    assert "antiphon.tests.broken" in str(raised.value)


async def test_an_error_that_is_not_ours(records: list[logging.LogRecord]) -> None:
    """What a transport or a policy of somebody's raises is told by the name of its class."""

    class Wrong:
        async def execute(self, request: object, options: object) -> AsyncResponseStream:
            raise LookupError("a secret")

    async with AsyncClient(transport=Wrong(), policies=[Logging()]) as client:
        with pytest.raises(LookupError):
            await client.get("http://example.com/path")

    assert ["LookupError", 30] == [*said(records[0], "error"), records[0].levelno]
    assert "GET http://example.com/path -> LookupError in" in records[0].getMessage()
    assert "secret" not in records[0].getMessage()
